// Commits happen on the writer's thread, or at once on that of a caller who has hardly any other
// duty.
#include "runtime/store_writer.hpp"

#include "store/sqlite/connection.hpp"
#include "store/sqlite/side_file.hpp"
#include "unit/store/claimant.hpp"

#include <exception>
#include <future>
#include <stdexcept>
#include <thread>

using namespace conclave;
using namespace conclave::store::test;
using conclave::runtime::store_writer;
using std::chrono::milliseconds;

namespace {

using chore = store::sqlite_store::chore;

/// A store with one agent, whose work nobody runs until somebody is told to.
struct written_store {
    temporary_folder folder;
    world w;
    std::unique_ptr<store::sqlite_store> s =
        w.open_with({.path = path(),
                     .durability = store::durability_level::process,
                     .busy_timeout_ms = 60'000});

    claimant sends{w, *s};

    std::string path() const { return folder.file("a.db"); }

    /// The thread that will have committed it.
    template <class Command>
    std::future<std::thread::id> submit(Command command) {
        auto thread = std::make_shared<std::promise<std::thread::id>>();
        store::submit<Command>(*s, std::move(command), [thread](auto r) {
            if (r) return thread->set_value(std::this_thread::get_id());
            thread->set_exception(std::make_exception_ptr(std::runtime_error(r.error().message)));
        });
        return thread->get_future();
    }
};

/// With its writer's thread.
struct served_store : written_store {
    store_writer writer;
    served_store() { writer.start(*s); }
    ~served_store() { writer.stop(); }
};

const auto here = [] { return std::this_thread::get_id(); };

}  // namespace

TEST_CASE("a woken writer commits on its own thread, one in its place on the caller's") {
    written_store f;
    auto claims = std::vector{f.sends.claim(), f.sends.claim()};
    store_writer writer;
    writer.start(*f.s);
    auto first = f.submit(std::move(claims[0]));
    writer.run_here();
    CHECK(first.get() == here());
    auto second = f.submit(std::move(claims[1]));
    writer.wake();
    CHECK(second.get() != here());
    writer.stop();
}

TEST_CASE("a caller's thread waits for nobody else who writes") {
    written_store f;
    auto claim = f.sends.claim();
    store_writer writer;
    writer.start(*f.s);
    std::promise<void> may_go_on;
    SECTION("another owner of the right to write") {
        auto side = store::sqlite::side_file::open(f.path() + "-lock", 0600);
        REQUIRE(side);
        std::promise<void> locked;
        std::thread other([&] {
            const bool got = (*side)->lock_writer(milliseconds(10'000));
            locked.set_value();
            may_go_on.get_future().wait();
            if (got) (*side)->unlock_writer();
        });
        locked.get_future().wait();
        auto added = f.submit(std::move(claim));
        CHECK_FALSE(f.s->run_batch_at_once());
        writer.run_here();  // returns though nothing can be written
        CHECK(added.wait_for(milliseconds(0)) == std::future_status::timeout);
        may_go_on.set_value();
        CHECK(added.get() != here());
        other.join();
    }
    SECTION("a program that is not ours") {
        store::sqlite::connection other({.path = f.path()});
        other.execute("BEGIN IMMEDIATE");
        auto added = f.submit(std::move(claim));
        CHECK_FALSE(f.s->run_batch_at_once());
        writer.run_here();
        CHECK(added.wait_for(milliseconds(0)) == std::future_status::timeout);
        other.execute("COMMIT");
        CHECK(added.get() != here());
    }
    writer.stop();
}

TEST_CASE("what was to be run in a stopped writer's place is written by the writer") {
    served_store f;
    auto added = f.submit(add_tenant("tnt_2"));
    f.writer.stop();
    CHECK(added.wait_for(milliseconds(0)) == std::future_status::ready);
}

TEST_CASE("a caller's thread commits sixteen steps of sends, and leaves more to the writer's") {
    written_store f;
    std::vector<store::claim_send> claims;
    for (int i = 0; i < 33; ++i) claims.push_back(f.sends.claim());
    store_writer writer;
    writer.start(*f.s);
    const auto run = [&](std::size_t from, std::size_t to) {
        std::vector<std::future<std::thread::id>> all;
        for (auto i = from; i < to; ++i) all.push_back(f.submit(std::move(claims[i])));
        writer.run_here();
        return all;
    };
    for (auto& thread : run(0, 16)) CHECK(thread.get() == here());
    for (auto& thread : run(16, 33)) CHECK(thread.get() != here());
    writer.stop();
}

TEST_CASE("what may change many rows is left to the writer's thread") {
    served_store f;
    auto added = f.submit(add_tenant("tnt_2"));
    f.writer.run_here();
    CHECK(added.get() != here());
}

TEST_CASE("a store tells what is left to do after a batch") {
    written_store f;
    std::vector<store::claim_send> claims;
    for (const std::size_t mb : {9, 9, 9, 9, 9, 1, 0})
        claims.push_back(f.sends.claim(mb * 950'000));
    f.s->run_batch();
    const auto add = [&] {
        auto added = f.submit(std::move(claims.back()));
        claims.pop_back();
        CHECK(f.s->left_over() == chore::at_once);
        CHECK(f.s->run_batch_at_once() == 1);
    };
    add();
    CHECK(f.s->left_over() == chore::none);
    add();
    CHECK(f.s->left_over() == chore::in_a_pause);
    f.s->idle_work();
    CHECK(f.s->left_over() == chore::none);
    while (!claims.empty()) add();
    CHECK(f.s->left_over() == chore::at_once);  // the log is long, and was not touched meanwhile
    CHECK(f.s->run_batch() == 0);
    CHECK(f.s->left_over() == chore::none);
}

TEST_CASE("in a pause after a commit on a caller's thread the writer tidies up") {
    written_store f;
    std::vector<store::claim_send> claims;
    for (int i = 0; i < 20; ++i) claims.push_back(f.sends.claim(900'000));
    f.s->idle_work();
    const auto before = std::filesystem::file_size(f.path());
    store_writer writer;
    writer.start(*f.s);
    for (auto& claim : claims) {
        auto added = f.submit(std::move(claim));
        writer.run_here();
        added.wait();
    }
    const auto give_up_at = std::chrono::steady_clock::now() + milliseconds(20'000);
    while (std::filesystem::file_size(f.path()) == before &&
           std::chrono::steady_clock::now() < give_up_at)
        std::this_thread::yield();
    CHECK(std::filesystem::file_size(f.path()) > before);
    writer.stop();
}
