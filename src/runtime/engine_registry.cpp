// One engine per file and process.
#include "runtime/engine.hpp"

#include <filesystem>
#include <map>
#include <system_error>

namespace conclave::runtime {

namespace {

struct registry {
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<engine>> engines;
};

/// Never destroyed: handles may outlive static objects.
registry& all_engines() {
    static auto* const all = new registry;
    return *all;
}

// Absolute first: a relative path is canonical as it stands while nothing of it exists.
std::string canonical(const std::string& path) {
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    if (failed) return path;
    auto full = std::filesystem::weakly_canonical(absolute, failed);
    return failed ? absolute.string() : full.string();
}

}  // namespace

result<std::shared_ptr<engine>> share_engine(engine_options options) {
    if (options.path == ":memory:") return std::make_shared<engine>(std::move(options));
    options.path = canonical(options.path);
    auto& all = all_engines();
    const std::scoped_lock lock(all.mutex);
    std::erase_if(all.engines, [](const auto& e) { return e.second.expired(); });
    auto& slot = all.engines[options.path];
    if (auto open = slot.lock(); open && !open->ended()) {
        if (open->options() == options && open->add_handle()) return open;
        if (open->options() != options)
            return fail(errc::conflict,
                        "the store is open in this process with other options; close it first");
    }
    auto fresh = std::make_shared<engine>(std::move(options));
    slot = fresh;
    return fresh;
}

}  // namespace conclave::runtime
