// The store on SQLite: opening, group commit, the queue, readers, files.
#include "base/limits.hpp"
#include "store/migrations.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/sqlite/engine.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

mode_t mode_of(const std::string& path) {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
}

errc code_of_opening(world& w, const std::string& path) {
    auto opened = w.try_open({.path = path});
    REQUIRE_FALSE(opened);
    CHECK_FALSE(opened.error().message.empty());
    return opened.error().code;
}

void run_sql(const std::string& path, const char* text) {
    sqlite::connection c({.path = path, .busy_timeout = std::chrono::seconds(1)});
    c.execute(text);
}

}  // namespace

TEST_CASE("what was committed is read, also after opening again", "[store]") {
    const temporary_folder folder;
    world w;
    {
        auto s = w.open(folder.file("a.db"));
        REQUIRE(perform(*s, add_tenant("tnt_1")));
        CHECK(has_tenant(*s, "tnt_1").value());
        CHECK_FALSE(has_tenant(*s, "tnt_2").value());
    }
    // Closed by its last user, the database is one file again, beside the empty file of locks.
    CHECK_FALSE(std::filesystem::exists(folder.file("a.db-wal")));
    CHECK(std::filesystem::file_size(folder.file("a.db-lock")) == 0);
    auto s = w.open(folder.file("a.db"));
    CHECK(has_tenant(*s, "tnt_1").value());
}

TEST_CASE("a store in memory needs no file", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open(":memory:");
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    CHECK(has_tenant(*s, "tnt_1").value());
    CHECK(s->judge(s->self()) == owner_liveness::self);
    REQUIRE(s->backup(folder.file("copy.db")));
    s = w.open(":memory:");
    CHECK_FALSE(has_tenant(*s, "tnt_1").value());
    CHECK(has_tenant(*w.open(folder.file("copy.db")), "tnt_1").value());
}

TEST_CASE("files belong to their owner alone", "[store]") {
    const temporary_folder folder;
    world w;
    const mode_t before = ::umask(0);
    auto s = w.open(folder.file("a.db"));
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    for (const char* end : {"", "-wal", "-shm", "-lock"}) {
        CAPTURE(end);
        CHECK(mode_of(folder.file("a.db") + end) == 0600);
    }
    // One that was there keeps its permissions, and its neighbours have the same.
    std::ofstream(folder.file("b.db"));
    ::chmod(folder.file("b.db").c_str(), 0660);
    auto other = w.open(folder.file("b.db"));
    CHECK(mode_of(folder.file("b.db")) == 0660);
    CHECK(mode_of(folder.file("b.db-lock")) == 0660);
    ::umask(before);
}

TEST_CASE("what cannot be opened says why", "[store]") {
    const temporary_folder folder;
    world w;
    CHECK(code_of_opening(w, "") == errc::validation_error);
    CHECK(code_of_opening(w, folder.file("missing/a.db")) == errc::store_unavailable);
    CHECK(code_of_opening(w, folder.path().string()) == errc::store_unavailable);
    std::ofstream(folder.file("text")) << std::string(8192, 'x');
    CHECK(code_of_opening(w, folder.file("text")) == errc::store_corrupt);
    std::ofstream(folder.file("theirs.db"));
    run_sql(folder.file("theirs.db"), "CREATE TABLE theirs (x)");
    CHECK(code_of_opening(w, folder.file("theirs.db")) == errc::store_corrupt);
    w.open(folder.file("newer.db"));
    run_sql(folder.file("newer.db"), "INSERT INTO schema_migration VALUES (1000, 'x', 'x', 0)");
    CHECK(code_of_opening(w, folder.file("newer.db")) == errc::store_schema_newer);
    w.open(folder.file("other.db"));
    run_sql(folder.file("other.db"), "UPDATE schema_migration SET checksum = 'x'");
    CHECK(code_of_opening(w, folder.file("other.db")) == errc::store_corrupt);
    CHECK_FALSE(w.try_open({.path = folder.file("a.db"), .readers = 0}));
}

TEST_CASE("errors name no path, since hosts pass them on", "[store]") {
    const temporary_folder folder;
    world w;
    for (const auto* name : {"missing/a.db", "."}) {
        const auto opened = w.try_open({.path = folder.file(name)});
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message.find('/') == std::string::npos);
    }
    const auto store = w.open(folder.file("a.db"));
    std::ofstream(folder.file("taken"));
    for (const auto* target : {"missing/b.db", "taken"}) {
        const auto copied = store->backup(folder.file(target));
        REQUIRE_FALSE(copied);
        CHECK(copied.error().message.find('/') == std::string::npos);
    }
}

TEST_CASE("a path is a path, whatever it looks like", "[store]") {
    const temporary_folder folder;
    world w;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    auto s = w.open("file:a.db?mode=memory");
    // The database stays where it was opened.
    std::filesystem::current_path("/");
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    CHECK(has_tenant(*s, "tnt_1").value());
    CHECK(std::filesystem::exists(folder.file("file:a.db?mode=memory")));
    std::filesystem::current_path(before);
}

TEST_CASE("a link leads to the file and its locks", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open(folder.file("a.db"));
    std::filesystem::create_symlink("a.db", folder.file("link.db"));
    auto linked = w.open(folder.file("link.db"));
    REQUIRE(perform(*linked, add_tenant("tnt_1")));
    REQUIRE(perform(*s, add_tenant("tnt_2")));
    CHECK(has_tenant(*linked, "tnt_2").value());
    CHECK(s->judge(linked->self()) == owner_liveness::alive);
    CHECK_FALSE(std::filesystem::exists(folder.file("link.db-lock")));
}

TEST_CASE("network file systems are known by their numbers", "[store]") {
    for (const std::int64_t type : {0x6969, 0x517b, 0x65735546, 0x01021997, 0x00c36400})
        CHECK(sqlite::is_network_file_system(type));
    CHECK(sqlite::is_network_file_system(0xff534d42));
    CHECK(sqlite::is_network_file_system(static_cast<std::int32_t>(0xff534d42)));  // signed
    for (const std::int64_t type : {0xef53, 0x01021994, 0x58465342, 0x794c7630})
        CHECK_FALSE(sqlite::is_network_file_system(type));  // ext4, tmpfs, xfs, overlayfs
}

TEST_CASE("waiting transactions commit together and complete outside enqueue", "[store]") {
    const temporary_folder folder;
    world w;
    int woken = 0;
    auto s = w.open_with({.path = folder.file("a.db"), .on_work = [&] { ++woken; }});
    CHECK(s->run_batch() == 0);
    std::size_t completed = 0;
    const auto enqueue = [&](std::size_t i) {
        submit<create_tenant>(*s, add_tenant("tnt_" + std::to_string(i)), [&](auto r) {
            REQUIRE(r);
            ++completed;
        });
    };
    for (std::size_t i = 0; i < limits::store_batch + 1; ++i) enqueue(i);
    CHECK(completed == 0);
    CHECK(woken == 1);
    CHECK(s->run_batch() == limits::store_batch);
    CHECK(completed == limits::store_batch);
    CHECK(s->run_batch() == 1);
    CHECK(s->run_batch() == 0);
    CHECK(woken == 1);
    enqueue(limits::store_batch + 1);
    CHECK(woken == 2);
    CHECK(s->run_batch() == 1);
    CHECK(has_tenant(*s, "tnt_0").value());
    CHECK(has_tenant(*s, "tnt_" + std::to_string(limits::store_batch)).value());
}

TEST_CASE("a completion may submit the next transaction", "[store]") {
    world w;
    auto s = w.open(":memory:");
    bool second_done = false;
    submit<create_tenant>(*s, add_tenant("tnt_1"), [&](auto first) {
        REQUIRE(first);
        submit<create_tenant>(*s, add_tenant("tnt_2"), [&](auto) { second_done = true; });
    });
    CHECK(s->run_batch() == 1);
    CHECK_FALSE(second_done);
    CHECK(s->run_batch() == 1);
    CHECK(second_done);
}

TEST_CASE("a member that fails, fails alone", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open(folder.file("a.db"));
    std::vector<std::string> codes;
    for (const char* id : {"tnt_1", "tnt_2", "tnt_1", "tnt_3"})
        submit<create_tenant>(*s, add_tenant(id), [&](auto r) {
            codes.emplace_back(r ? "ok" : to_string(r.error().code));
        });
    CHECK(s->run_batch() == 4);
    CHECK(codes == std::vector<std::string>{"ok", "ok", "INTERNAL_ERROR", "ok"});
    CHECK(has_tenant(*s, "tnt_2").value());
    CHECK(has_tenant(*s, "tnt_3").value());
    REQUIRE(perform(*s, add_tenant("tnt_4")));
}

TEST_CASE("the queue is bounded, and refusals wait for the next batch", "[store]") {
    world w;
    auto s = w.open(":memory:");
    std::size_t refused = 0;
    std::size_t done = 0;
    const auto enqueue = [&](std::size_t i) {
        submit<create_tenant>(*s, add_tenant("tnt_" + std::to_string(i)), [&](auto r) {
            ++(r ? done : refused);
            if (!r) CHECK(r.error().code == errc::store_busy);
        });
    };
    for (std::size_t i = 0; i < limits::store_queue + 1; ++i) enqueue(i);
    CHECK(refused == 0);
    s->run_batch();
    CHECK(refused == 1);
    enqueue(limits::store_queue + 1);  // there is room again
    while (s->run_batch() != 0) {
    }
    CHECK(refused == 1);
    CHECK(done == limits::store_queue + 1);
    CHECK_FALSE(has_tenant(*s, "tnt_" + std::to_string(limits::store_queue)).value());
}

TEST_CASE("what nobody ran completes when the store closes", "[store]") {
    const temporary_folder folder;
    world w;
    std::optional<errc> code;
    {
        auto s = w.open(folder.file("a.db"));
        submit<create_tenant>(*s, add_tenant("tnt_1"), [&](auto r) { code = r.error().code; });
    }
    CHECK(code == errc::handle_closed);
    CHECK_FALSE(has_tenant(*w.open(folder.file("a.db")), "tnt_1").value());
}

TEST_CASE("readers and the writer work at the same time", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open_with({.path = folder.file("a.db"), .readers = 2});
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::atomic<int> written = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i)
        readers.emplace_back([&] {
            while (!stop) {
                const int last = written;
                const auto found = has_tenant(*s, "tnt_" + std::to_string(last));
                if (!found || (last > 0 && !*found)) ++wrong;
            }
        });
    for (int i = 1; i <= 300; ++i) {
        if (!perform(*s, add_tenant("tnt_" + std::to_string(i)))) ++wrong;
        written = i;
    }
    stop = true;
    for (std::thread& t : readers) t.join();
    CHECK(wrong == 0);
}

TEST_CASE("another program's lock ends in STORE_BUSY, and nothing is written", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open_with({.path = folder.file("a.db"), .busy_timeout_ms = 20});
    sqlite::connection other({.path = folder.file("a.db")});
    other.execute("BEGIN IMMEDIATE");
    const auto busy = perform(*s, add_tenant("tnt_1"));
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == errc::store_busy);
    CHECK_FALSE(has_tenant(*s, "tnt_1").value());
    REQUIRE(other.roll_back());
    REQUIRE(perform(*s, add_tenant("tnt_1")));
}

TEST_CASE("a replaced log or database is noticed at once and for good", "[store]") {
    const std::string end = GENERATE("-wal", "");
    const temporary_folder folder;
    world w;
    auto s = w.open(folder.file("a.db"));
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    const std::string path = folder.file("a.db") + end;
    std::filesystem::copy_file(path, path + ".copy");
    std::filesystem::rename(path + ".copy", path);
    const auto failed = perform(*s, add_tenant("tnt_2"));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == errc::store_corrupt);
    CHECK(perform(*s, add_tenant("tnt_3")).error().code == errc::store_corrupt);
    CHECK(has_tenant(*s, "tnt_1").error().code == errc::store_corrupt);
    CHECK(s->backup(folder.file("copy.db")).error().code == errc::store_corrupt);
}

TEST_CASE("the log does not grow without end", "[store]") {
    const temporary_folder folder;
    world w;
    auto s = w.open_with({.path = folder.file("a.db"), .durability = durability_level::process});
    const std::string metadata = "{\"x\":\"" + std::string(400'000, 'x') + "\"}";
    for (int i = 0; i < 200; ++i) {
        auto c = add_tenant("tnt_" + std::to_string(i));
        c.record.metadata = metadata;
        REQUIRE(perform(*s, c));
    }
    // 80 MB were written; the log is moved into the database every 8,000 pages of 4 KiB.
    CHECK(std::filesystem::file_size(folder.file("a.db-wal")) < 40'000'000);
    CHECK(std::filesystem::file_size(folder.file("a.db")) > 60'000'000);

    // At rest what little is left follows.
    for (int i = 200; i < 210; ++i) {
        auto c = add_tenant("tnt_" + std::to_string(i));
        c.record.metadata = metadata;
        REQUIRE(perform(*s, c));
    }
    const auto before = std::filesystem::file_size(folder.file("a.db"));
    s->idle_work();
    CHECK(std::filesystem::file_size(folder.file("a.db")) > before);
}
