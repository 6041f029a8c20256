// Every I/O call of several scenarios fails, once and for ever: nothing breaks, all recovers.
#include "faults/fault_vfs.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/connection.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <sqlite3.h>

#include <functional>
#include <iostream>
#include <map>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;
using conclave::faults::fault_vfs;
using conclave::faults::io_call;

namespace {

constexpr const char* vfs_name = "faults";

/// Kinds of faults a scenario meets: any call, and a disk that is full.
const std::vector<faults::io_fault> kinds{
    {.for_ever = false},
    {.for_ever = true},
    {.for_ever = false, .only = io_call::write, .code = SQLITE_FULL},
    {.for_ever = true, .only = io_call::write, .code = SQLITE_FULL},
};

bool is_clear(const error& e) {
    return e.code == errc::store_unavailable || e.code == errc::store_busy;
}

void check_sound(const std::string& path) {
    sqlite::connection c({.path = path});
    sql::cursor row(c, "PRAGMA integrity_check");
    REQUIRE(row.next());
    CHECK(row.view(0) == "ok");
    sql::cursor broken(c, "PRAGMA foreign_key_check");
    CHECK_FALSE(broken.next());
}

/// One call that fails, between arm() and heal().
struct fault_point {
    fault_vfs& vfs;
    faults::io_fault fault;

    void arm() const { vfs.fail(fault); }
    void heal() const { vfs.heal(); }
};

/// Runs `scenario` with the first, second ... call failing, until none is left to fail; prints how
/// many there were. Past `all_up_to` it takes wider and wider steps.
void at_each_fault_point(const std::string& name,
                         const std::function<void(const fault_point&)>& scenario,
                         std::int64_t all_up_to = 5'000) {
    fault_vfs vfs(vfs_name);
    std::int64_t points = 0;
    for (const faults::io_fault& kind : kinds) {
        bool untouched = false;
        for (std::int64_t nth = 1; !untouched; nth += nth < all_up_to ? 1 : nth / 10, ++points) {
            REQUIRE(nth < 5'000);
            CAPTURE(name, nth, kind.for_ever, kind.code.value_or(0));
            fault_point point{vfs, kind};
            point.fault.nth = nth;
            scenario(point);
            untouched = vfs.failed() == 0;
            vfs.heal();
        }
    }
    std::cout << name << ": " << points << " fault points\n";
}

/// A store whose every answer is remembered, to be compared with what is there in the end.
struct witnessed_store {
    temporary_folder folder;
    world w;
    std::unique_ptr<sqlite_store> s =
        w.open_with({.path = folder.file("a.db"), .vfs = vfs_name, .busy_timeout_ms = 100});
    std::map<std::string, bool> known;  // whether it must be there

    void add(const std::vector<std::string>& ids, std::size_t size = 0) {
        for (const std::string& id : ids) {
            auto c = add_tenant(id);
            c.record.metadata = "{\"x\":\"" + std::string(size, 'x') + "\"}";
            submit<create_tenant>(*s, std::move(c), [this, id](auto r) { witness(id, r); });
        }
        while (s->run_batch() != 0) {
        }
    }
    void witness(const std::string& id, const result<create_tenant::outcome>& r) {
        if (!r) CHECK(is_clear(r.error()));
        if (r || !says_outcome_unknown(r.error())) known[id] = r.has_value();
    }
    void check_known() {
        for (const auto& [id, there] : known) {
            CAPTURE(id);
            CHECK(has_tenant(*s, id).value() == there);
        }
    }
    void reopen() {
        s.reset();
        s = w.open_with({.path = folder.file("a.db"), .vfs = vfs_name});
    }
    /// The store works on, and agrees with itself after a restart.
    void check_recovered() {
        check_known();
        add({"tnt_last"});
        CHECK(known.at("tnt_last"));
        reopen();
        check_known();
        check_sound(folder.file("a.db"));
    }
};

}  // namespace

TEST_CASE("opening a new and an old database survives every fault", "[faults]") {
    const bool there_before = GENERATE(false, true);
    const auto scenario = [&](const fault_point& point) {
        const temporary_folder folder;
        world w;
        const sqlite_options options{
            .path = folder.file("a.db"), .vfs = vfs_name, .busy_timeout_ms = 100};
        if (there_before) REQUIRE(perform(*w.open_with(options), add_tenant("tnt_1")));
        point.arm();
        auto opened = w.try_open(options);
        if (!opened) CHECK(is_clear(opened.error()));
        point.heal();
        opened = fail(errc::internal_error, "closed");
        auto s = w.open_with(options);
        CHECK(has_tenant(*s, "tnt_1").value() == there_before);
        CHECK(perform(*s, add_tenant("tnt_2")).has_value());
        s.reset();
        check_sound(folder.file("a.db"));
    };
    at_each_fault_point(there_before ? "open" : "create and migrate", scenario);
}

TEST_CASE("writing survives every fault, without a restart", "[faults]") {
    const bool beside_a_reader = GENERATE(false, true);
    const auto scenario = [&](const fault_point& point) {
        witnessed_store f;
        f.add({"tnt_0"});
        if (beside_a_reader) f.check_known();
        point.arm();
        f.add({"tnt_1", "tnt_2"});
        f.add({"tnt_3"});
        point.heal();
        f.check_recovered();
    };
    at_each_fault_point(beside_a_reader ? "write beside a reader" : "write", scenario);
}

TEST_CASE("a batch with a failing member survives every fault", "[faults]") {
    at_each_fault_point("batch run again", [](const fault_point& point) {
        witnessed_store f;
        f.add({"tnt_0"});
        point.arm();
        std::optional<errc> duplicate;
        submit<create_tenant>(*f.s, add_tenant("tnt_0"),
                              [&](auto r) { duplicate = r.error().code; });
        f.add({"tnt_1"});
        point.heal();
        CHECK((duplicate == errc::internal_error || duplicate == errc::store_unavailable));
        f.check_recovered();
    });
}

TEST_CASE("reading survives every fault, without a restart", "[faults]") {
    at_each_fault_point("read", [](const fault_point& point) {
        witnessed_store f;
        f.add({"tnt_0"});
        point.arm();
        const auto first = has_tenant(*f.s, "tnt_0");
        if (first)
            CHECK(*first);
        else
            CHECK(is_clear(first.error()));
        point.heal();
        f.check_recovered();
    });
}

TEST_CASE("a checkpoint survives every fault", "[faults]") {
    at_each_fault_point(
        "checkpoint",
        [](const fault_point& point) {
            witnessed_store f;
            for (int i = 0; i < 10; ++i) f.add({"tnt_" + std::to_string(i)}, 250'000);
            point.arm();
            f.s->idle_work();
            f.add({"tnt_after"});
            point.heal();
            f.check_recovered();
        },
        20);
}

TEST_CASE("closing survives every fault", "[faults]") {
    at_each_fault_point("close", [](const fault_point& point) {
        witnessed_store f;
        f.add({"tnt_0", "tnt_1"}, 50'000);
        point.arm();
        f.s.reset();
        point.heal();
        f.reopen();
        f.check_recovered();
    });
}
