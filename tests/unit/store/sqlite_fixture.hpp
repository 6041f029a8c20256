// What the tests of the SQLite engine share: a folder, a clock, randomness, and short commands.
#pragma once

#include <conclave/result.hpp>

#include "base/clock.hpp"
#include "base/random_source.hpp"
#include "store/sqlite/engine.hpp"
#include "store/store.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace conclave::store::test {

/// A folder of its own, removed in the end.
class temporary_folder {
   public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "conclave-XXXXXX").string();
        if (!::mkdtemp(name.data())) std::abort();
        path_ = name;
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

class fixed_clock final : public clock {
   public:
    timestamp now() const override {
        return timestamp(std::chrono::milliseconds(1'795'000'000'000));
    }
    instant elapsed() const override { return instant(std::chrono::seconds(1)); }
};

class seeded_random final : public random_source {
   public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override {
        const std::lock_guard lock(mutex_);
        for (std::byte& b : out) b = static_cast<std::byte>(engine_());
    }

   private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

/// The injected world of one store.
struct world {
    fixed_clock clock;
    // Owners must differ, in one process and among several, as they do in production.
    inline static std::uint64_t count = 0;
    seeded_random random{static_cast<std::uint64_t>(::getpid()) << 32 | ++count};

    result<std::unique_ptr<sqlite_store>> try_open(sqlite_options options) {
        return sqlite_store::open(std::move(options), clock, random);
    }
    std::unique_ptr<sqlite_store> open_with(sqlite_options options) {
        return try_open(std::move(options)).value();
    }
    std::unique_ptr<sqlite_store> open(const std::string& path) {
        return open_with({.path = path});
    }
};

inline create_tenant add_tenant(const std::string& id, std::string name = "Acme") {
    return {.record = {.id = id, .name = std::move(name)}};
}

/// Runs one command to its end.
template <class Command>
result<typename Command::outcome> perform(sqlite_store& s, Command c) {
    std::optional<result<typename Command::outcome>> outcome;
    submit<Command>(s, std::move(c), [&](auto r) { outcome.emplace(std::move(r)); });
    while (!outcome) s.run_batch();
    return *std::move(outcome);
}

inline result<bool> has_tenant(sqlite_store& s, const std::string& id) {
    auto found = read(s, find_tenant{.scope = tenant_scope(id)});
    if (!found) return std::move(found).error();
    return found->record.has_value();
}

inline bool says_outcome_unknown(const error& e) {
    for (const error_detail& d : e.details)
        if (d.key == "outcome_unknown") return d.value == decltype(d.value)(true);
    return false;
}

}  // namespace conclave::store::test
