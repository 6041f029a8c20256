// Calls of tools: on threads or later, in time or not.
#include "runtime/tool_desk.hpp"

#include "unit/runtime/hand_driven.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::runtime;
using namespace conclave::runtime::test;
using messaging::tool_outcome;

namespace {

struct tools_under_test : hand_driven {
    void add(tool_handler handler) {
        desk.add(
            std::make_shared<const new_tool>(new_tool{.name = "t", .handler = std::move(handler)}));
    }
    void add_later() {
        desk.add(std::make_shared<const new_tool>(
            new_tool{.name = "t", .async_handler = [this](const tool_call&, tool_call_handle h) {
                         handles.push_back(std::move(h));
                     }}));
    }
    tool_desk::run_id run_one(std::string name = "t") {
        const auto before = told.size();
        const auto id = desk.run({{"c1", std::move(name), R"({"a":1})"}, 1'000}, caller,
                                 [this](tool_outcome o) { told.push_back(std::move(o)); });
        CHECK(told.size() == before);  // never inside the call
        return id;
    }

    std::shared_ptr<void> caller = std::make_shared<int>(7);
    std::vector<tool_call_handle> handles;
    std::vector<tool_outcome> told;
    tool_desk desk{{tasks, time, handlers}};
};

}  // namespace

TEST_CASE("a function is run on a handler thread with the call", "[tool_desk]") {
    tools_under_test t;
    std::string seen;
    t.add([&](const tool_call& call) {
        seen = call.id + call.arguments;
        return tool_answer("done", {{"a book"}});
    });
    t.run_one();
    t.run();
    CHECK(t.told.empty());
    t.handlers.run_one();
    CHECK(t.told.empty());
    t.run();
    CHECK(seen == R"(c1{"a":1})");
    CHECK(t.told == std::vector<tool_outcome>{{"done", false, {{"a book"}}}});
    CHECK(t.tasks.timers_waiting() == 0);
}

TEST_CASE("what a tool cannot give is a failure in words", "[tool_desk]") {
    tools_under_test t;
    t.run_one("missing");
    t.add([](const tool_call&) -> result<std::string> { return fail(errc::conflict, "busy"); });
    t.run_one();
    t.handlers.run_one();
    t.add([](const tool_call&) -> result<std::string> { throw std::runtime_error("a bug"); });
    t.run_one();
    t.handlers.run_one();
    t.run();
    CHECK(t.told ==
          std::vector<tool_outcome>{{"Error: there is no tool of this name", true},
                                    {"Error: busy", true},
                                    {"Error: the handler of the tool threw an exception", true}});
}

TEST_CASE("a tool that answers later answers once, in time", "[tool_desk]") {
    tools_under_test t;
    t.add_later();
    t.run_one();
    CHECK(t.handles.at(0).caller() == t.caller);
    bool stopped = false;
    t.handles[0].on_cancel([&] { stopped = true; });
    t.advance(999);
    t.handles[0].reply(std::string("in time"));
    t.handles[0].reply(std::string("again"));
    t.run();
    CHECK(t.told == std::vector<tool_outcome>{{"in time", false, {}, 999}});
    CHECK_FALSE(stopped);

    t.run_one();
    t.handles[1].on_cancel([&] { stopped = true; });
    t.advance(1'000);
    CHECK(t.told.back() == tool_outcome{"Error: the tool did not answer in time", true, {}, 1'000});
    CHECK(stopped);
    t.handles[1].reply(std::string("late"));
    t.run();
    CHECK(t.told.size() == 2);
}

TEST_CASE("a run that is cut ends, and its host is told", "[tool_desk]") {
    std::optional<tool_call_handle> kept;
    int stopped = 0;
    {
        tools_under_test t;
        t.add_later();
        const auto id = t.run_one();
        t.handles[0].on_cancel([&] { ++stopped; });
        t.desk.cancel(id);
        t.desk.cancel(id);
        t.desk.cancel(99);
        CHECK(t.told.empty());
        t.run();
        CHECK(t.told ==
              std::vector<tool_outcome>{{"Error: the call was cut off", true, {}, 0, true}});
        CHECK(stopped == 1);
        t.run_one();
        kept = t.handles[1];
        kept->on_cancel([&] { ++stopped; });
    }
    CHECK(stopped == 2);  // its gateway went
    kept->reply(std::string("too late"));
}
