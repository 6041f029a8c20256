// Values handed from thread to thread, and completions that are never lost.
#include "runtime/rendezvous.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <thread>
#include <vector>

using namespace conclave;
using namespace conclave::runtime;

namespace {

/// What a completion was told, in order.
struct told {
    completion<result<int>> hear() {
        return [this](result<int> r) { answers.push_back(std::move(r)); };
    }
    std::vector<result<int>> answers;
};

}  // namespace

TEST_CASE("a completion that is called tells its value once", "[sure_completion]") {
    told t;
    {
        sure_completion<int> done(t.hear());
        done(7);
        CHECK(t.answers.size() == 1);
    }
    REQUIRE(t.answers.size() == 1);
    CHECK(*t.answers[0] == 7);
}

TEST_CASE("a completion that is dropped tells that the gateway was closed", "[sure_completion]") {
    told t;
    { const sure_completion<int> dropped(t.hear()); }
    REQUIRE(t.answers.size() == 1);
    CHECK(t.answers[0].error().code == errc::handle_closed);
}

TEST_CASE("only the last place that a completion moved to tells", "[sure_completion]") {
    told t;
    {
        sure_completion<int> first(t.hear());
        auto second = std::make_unique<sure_completion<int>>(std::move(first));
        completion<result<int>> third(std::move(*second));
        second.reset();
        CHECK(t.answers.empty());
    }
    REQUIRE(t.answers.size() == 1);
    CHECK_FALSE(t.answers[0]);
}

TEST_CASE("a value that came before the wait is there", "[rendezvous]") {
    rendezvous<int> r;
    r.arrival()(7);
    CHECK(*r.wait() == 7);
}

TEST_CASE("a value from another thread ends the wait", "[rendezvous]") {
    rendezvous<int> r;
    std::thread other([done = r.arrival()]() mutable { done(7); });
    CHECK(*r.wait() == 7);
    other.join();
}

TEST_CASE("an error arrives like a value", "[rendezvous]") {
    rendezvous<int> r;
    r.arrival()(fail(errc::conflict, "why"));
    CHECK(r.wait().error().code == errc::conflict);
}

TEST_CASE("a wait whose completion is dropped does not last for ever", "[rendezvous]") {
    rendezvous<int> r;
    { const auto dropped = r.arrival(); }
    CHECK(r.wait().error().code == errc::handle_closed);
}

TEST_CASE("a bounded wait gives nothing, and the value to who comes again", "[rendezvous]") {
    rendezvous<int> r;
    auto done = r.arrival();
    CHECK_FALSE(r.wait_for(std::chrono::milliseconds(0)));
    done(7);
    const auto value = r.wait_for(std::chrono::milliseconds(0));
    REQUIRE(value);
    CHECK(**value == 7);
    CHECK_FALSE(r.wait_for(std::chrono::milliseconds(0)));  // taken
}

TEST_CASE("a completion may outlive who waited", "[rendezvous]") {
    auto r = std::make_unique<rendezvous<int>>();
    auto done = r->arrival();
    r.reset();
    done(7);
    SUCCEED();
}
