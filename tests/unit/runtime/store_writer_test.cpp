// Commits happen on the writer's thread, or at once on that of a caller who has no other duty.
#include "runtime/store_writer.hpp"

#include "store/sqlite/side_file.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <future>
#include <thread>

using namespace conclave;
using namespace conclave::store::test;
using conclave::runtime::store_writer;
using std::chrono::milliseconds;

namespace {

using chore = store::sqlite_store::chore;

/// A store whose work is run by nobody until the writer is told.
struct written_store {
    temporary_folder folder;
    world w;
    std::unique_ptr<store::sqlite_store> s =
        w.open_with({.path = folder.file("a.db"),
                     .durability = store::durability_level::process,
                     .busy_timeout_ms = 60'000});
    store_writer writer;

    written_store() { writer.start(*s); }
    ~written_store() { writer.stop(); }

    /// The thread that will have committed the tenant.
    std::future<std::thread::id> add(const std::string& id, std::size_t size = 0) {
        auto c = add_tenant(id);
        c.record.metadata = "{\"x\":\"" + std::string(size, 'x') + "\"}";
        auto thread = std::make_shared<std::promise<std::thread::id>>();
        auto future = thread->get_future();
        store::submit<store::create_tenant>(*s, std::move(c), [thread](auto r) {
            REQUIRE(r);
            thread->set_value(std::this_thread::get_id());
        });
        return future;
    }
};

}  // namespace

TEST_CASE("a woken writer commits on its own thread, one in its place on the caller's") {
    written_store f;
    auto first = f.add("tnt_1");
    f.writer.wake();
    CHECK(first.get() != std::this_thread::get_id());

    // The writer may still be on its way to sleep, and then does this one too.
    bool here = false;
    for (int i = 2; !here && i < 1'000; ++i) {
        auto next = f.add("tnt_" + std::to_string(i));
        f.writer.run_here();
        here = next.get() == std::this_thread::get_id();
    }
    CHECK(here);
}

TEST_CASE("a caller's thread does not wait for another process") {
    written_store f;
    auto side = store::sqlite::side_file::open(f.folder.file("a.db-lock"), 0600);
    REQUIRE(side);
    REQUIRE((*side)->lock_writer(milliseconds(0)));
    auto added = f.add("tnt_1");
    CHECK_FALSE(f.s->run_batch_at_once());
    CHECK(added.wait_for(milliseconds(0)) == std::future_status::timeout);
    f.writer.run_here();  // returns though nothing can be written
    (*side)->unlock_writer();
    CHECK(added.get() != std::this_thread::get_id());
    CHECK(has_tenant(*f.s, "tnt_1").value());
}

TEST_CASE("what was to be run in a stopped writer's place is written by the writer") {
    written_store f;
    auto added = f.add("tnt_1");
    f.writer.stop();
    CHECK(added.wait_for(milliseconds(0)) == std::future_status::ready);
}

TEST_CASE("work of more than a batch is left to the writer's thread") {
    written_store f;
    std::vector<std::future<std::thread::id>> all;
    for (std::size_t i = 0; i < limits::store_batch + 1; ++i)
        all.push_back(f.add("tnt_" + std::to_string(i)));
    f.writer.run_here();
    CHECK(all.front().get() == std::this_thread::get_id());
    CHECK(all.back().get() != std::this_thread::get_id());
}

TEST_CASE("a store tells what is left to do after a batch") {
    const temporary_folder folder;
    world w;
    auto s =
        w.open_with({.path = folder.file("a.db"), .durability = store::durability_level::process});
    const std::string metadata = "{\"x\":\"" + std::string(400'000, 'x') + "\"}";
    int tenants = 0;
    const auto add = [&] {
        auto c = add_tenant("tnt_" + std::to_string(++tenants));
        c.record.metadata = metadata;
        store::submit<store::create_tenant>(*s, std::move(c), [](auto r) { CHECK(r); });
    };
    CHECK(s->left_over() == chore::none);
    add();
    CHECK(s->left_over() == chore::at_once);
    CHECK(s->run_batch_at_once() == 1);
    for (int i = 0; i < 4; ++i) {
        add();
        s->run_batch_at_once();
    }
    CHECK(s->left_over() == chore::in_a_pause);
    s->idle_work();
    CHECK(s->left_over() == chore::none);
    for (int i = 0; i < 100; ++i) {
        add();
        s->run_batch_at_once();
    }
    CHECK(s->left_over() == chore::at_once);  // the log is long, and was not touched meanwhile
    CHECK(s->run_batch() == 0);
    CHECK(s->left_over() == chore::none);
}
