// Backups taken while the store is in use.
#include "faults/fault_vfs.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a backup is a whole database of its own", "[backup]") {
    const temporary_folder folder;
    world w;
    auto s = w.open(folder.file("a.db"));
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    REQUIRE(s->backup(folder.file("copy.db")));
    REQUIRE(perform(*s, add_tenant("tnt_2")));
    struct stat info {};
    REQUIRE(::stat(folder.file("copy.db").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    auto copy = w.open(folder.file("copy.db"));
    CHECK(has_tenant(*copy, "tnt_1").value());
    CHECK_FALSE(has_tenant(*copy, "tnt_2").value());
}

TEST_CASE("a backup overwrites nothing and leaves nothing behind when it fails", "[backup]") {
    const temporary_folder folder;
    const temporary_folder target;
    world w;
    auto s = w.open(folder.file("a.db"));
    std::ofstream(target.file("taken")) << "precious";
    CHECK(s->backup(target.file("taken")).error().code == errc::conflict);
    CHECK(std::filesystem::file_size(target.file("taken")) == 8);
    CHECK(s->backup(folder.file("a.db")).error().code == errc::conflict);
    CHECK(s->backup(target.file("missing/copy.db")).error().code == errc::store_unavailable);
    CHECK(s->backup("").error().code == errc::validation_error);
    CHECK(files_in(target.path()) == 1);
}

TEST_CASE("a backup of a database in use holds what was committed before it", "[backup]") {
    const temporary_folder folder;
    world w;
    auto s = w.open(folder.file("a.db"));
    std::atomic<bool> stop = false;
    std::atomic<int> written = 0;
    std::thread writing([&] {
        for (int i = 1; !stop; ++i) {
            if (!perform(*s, add_tenant("tnt_" + std::to_string(i)))) return;
            written = i;
        }
    });
    for (int copy = 0; copy < 5; ++copy) {
        const int before = written;
        const std::string path = folder.file("copy" + std::to_string(copy));
        REQUIRE(s->backup(path));
        auto backup = w.open(path);
        for (int i = 1; i <= before; ++i)
            REQUIRE(has_tenant(*backup, "tnt_" + std::to_string(i)).value());
    }
    stop = true;
    writing.join();
    CHECK(written > 0);
}

TEST_CASE("a backup survives no I/O error half-way", "[backup]") {
    faults::fault_vfs vfs("backup");
    const temporary_folder folder;
    const temporary_folder target;
    world w;
    auto s = w.open_with({.path = folder.file("a.db"), .vfs = "backup"});
    REQUIRE(perform(*s, add_tenant("tnt_1")));
    const bool for_ever = GENERATE(false, true);
    bool untouched = false;
    for (std::int64_t nth = 1; !untouched; ++nth) {
        CAPTURE(nth, for_ever);
        vfs.fail({.nth = nth, .for_ever = for_ever});
        const auto done = s->backup(target.file("copy.db"));
        untouched = vfs.failed() == 0;
        vfs.heal();
        if (!done) {
            CHECK(done.error().code == errc::store_unavailable);
            CHECK(files_in(target.path()) == 0);
            REQUIRE_FALSE(untouched);
            continue;
        }
        CHECK(has_tenant(*w.open(target.file("copy.db")), "tnt_1").value());
        std::filesystem::remove(target.file("copy.db"));
        std::filesystem::remove(target.file("copy.db-lock"));
    }
    CHECK(perform(*s, add_tenant("tnt_2")).has_value());
}
