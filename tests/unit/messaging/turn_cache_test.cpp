// What is kept between two turns of a session, at its limits.
#include "messaging/turn_cache.hpp"

#include "base/limits.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

using turns = std::vector<provider_request::turn>;
constexpr auto user = message_role::user;
constexpr auto assistant = message_role::assistant;

const tenant_scope scope("tnt_1");

/// A basis that is kept in this many bytes, and at least in what an empty one takes.
store::turn_basis of_size(std::size_t bytes) {
    turn_cache scale;
    store::turn_basis b;
    b.history = {{user, ""}};
    scale.keep(scope, "ses", b);
    REQUIRE(bytes >= scale.bytes());
    b.history[0].content.assign(bytes - scale.bytes(), 'x');
    return b;
}

store::turn_basis marked(std::int64_t next_seq) {
    store::turn_basis b;
    b.next_seq = next_seq;
    return b;
}

/// A turn that was asked with `prompt` and answered with `answer`.
struct settled_turn {
    std::optional<store::turn_basis> next() {
        plan.request = std::make_shared<provider_request>();
        plan.request->turns = prompt;
        message reply;
        reply.seq = reply_seq;
        reply.role = assistant;
        reply.content = answer;
        store::turn_basis basis;
        basis.agent_id = "agt_1";
        return next_turn(plan, basis, claim, reply);
    }

    turns prompt{{user, "Hello"}};
    std::string answer = "Hi";
    store::claim_send::claimed claim{"snd_1", 1, 7, 0};
    std::int64_t reply_seq = 8;
    send_plan plan;
};

/// Whole turns of one-byte messages, and the question that comes next.
turns prompt_of(std::size_t messages) {
    turns list;
    for (std::size_t i = 0; i < messages; ++i) list.push_back({i % 2 == 0 ? user : assistant, "x"});
    list.push_back({user, "q"});
    return list;
}

}  // namespace

TEST_CASE("what is kept is taken once", "[turn_cache]") {
    turn_cache cache;
    CHECK_FALSE(cache.take(scope, "ses_1"));
    cache.keep(scope, "ses_1", marked(3));
    CHECK(cache.bytes() > 0);
    const auto taken = cache.take(scope, "ses_1");
    REQUIRE(taken);
    CHECK(taken->next_seq == 3);
    CHECK_FALSE(cache.take(scope, "ses_1"));
    CHECK(cache.bytes() == 0);
}

TEST_CASE("a session is found under its own tenant alone", "[turn_cache]") {
    turn_cache cache;
    cache.keep(scope, "ses_1", marked(3));
    CHECK_FALSE(cache.take(tenant_scope("tnt_2"), "ses_1"));
    CHECK_FALSE(cache.take(scope, "ses_2"));
    CHECK(cache.take(scope, "ses_1"));
}

TEST_CASE("the latest turn of a session takes the place of the one before", "[turn_cache]") {
    turn_cache cache;
    cache.keep(scope, "ses_1", marked(3));
    const auto bytes = cache.bytes();
    cache.keep(scope, "ses_1", marked(5));
    CHECK(cache.bytes() == bytes);
    CHECK(cache.take(scope, "ses_1")->next_seq == 5);
}

TEST_CASE("one session may fill the cache to the byte, not past it", "[turn_cache]") {
    turn_cache cache;
    cache.keep(scope, "ses_1", of_size(limits::turn_cache_bytes));
    CHECK(cache.bytes() == limits::turn_cache_bytes);
    CHECK(cache.take(scope, "ses_1"));
    cache.keep(scope, "ses_1", of_size(limits::turn_cache_bytes + 1));
    CHECK(cache.bytes() == 0);
    CHECK_FALSE(cache.take(scope, "ses_1"));
}

TEST_CASE("what grew too large also ends what was kept of its session", "[turn_cache]") {
    turn_cache cache;
    cache.keep(scope, "ses_1", marked(3));
    cache.keep(scope, "ses_1", of_size(limits::turn_cache_bytes + 1));
    CHECK_FALSE(cache.take(scope, "ses_1"));
    CHECK(cache.bytes() == 0);
}

TEST_CASE("the least recently used sessions make room, no more than needed", "[turn_cache]") {
    constexpr auto third = limits::turn_cache_bytes / 3;
    turn_cache cache;
    for (const char* session : {"ses_1", "ses_2", "ses_3"})
        cache.keep(scope, session, of_size(third));
    CHECK(cache.bytes() == 3 * third);
    cache.keep(scope, "ses_1", of_size(third));  // used again
    cache.keep(scope, "ses_4", of_size(third));
    CHECK_FALSE(cache.take(scope, "ses_2"));
    CHECK(cache.take(scope, "ses_3"));
    CHECK(cache.take(scope, "ses_1"));
    CHECK(cache.take(scope, "ses_4"));
}

TEST_CASE("instructions and history count", "[turn_cache]") {
    const auto bytes_of = [](const store::turn_basis& b) {
        turn_cache cache;
        cache.keep(scope, "ses_1", b);
        return cache.bytes();
    };
    auto b = marked(1);
    const auto empty = bytes_of(b);
    b.agent = std::make_shared<const agent>(an_agent());
    CHECK(bytes_of(b) == empty + 9);
    b.history = {{user, "12345"}};
    CHECK(bytes_of(b) > empty + 9 + 5);
}

TEST_CASE("the next turn is made from this one and its answer", "[turn_cache]") {
    settled_turn t;
    t.prompt = {{user, "a"}, {assistant, "b"}, {user, "c"}};
    t.answer = "d";
    const auto next = t.next();
    REQUIRE(next);
    CHECK(next->agent_id == "agt_1");
    CHECK(next->next_seq == 9);
    REQUIRE(next->history.size() == 4);
    CHECK(next->history[2].content == "c");
    CHECK(next->history[3].role == assistant);
    CHECK(next->history[3].content == "d");
}

TEST_CASE("a turn that is not the session's last is not kept", "[turn_cache]") {
    settled_turn t;
    SECTION("messages came in between") { t.reply_seq = 9; }
    SECTION("an earlier epoch asked") { t.claim.epoch = 2; }
    SECTION("the history is not made of whole turns") {
        t.prompt = {{assistant, "a"}, {user, "b"}, {user, "c"}};
    }
    CHECK_FALSE(t.next());
}

TEST_CASE("a prompt that an attempt still uses is left alone", "[turn_cache]") {
    settled_turn t;
    send_plan plan;
    plan.request = std::make_shared<provider_request>();
    plan.request->turns = t.prompt;
    const auto in_use = plan.request;
    message reply;
    reply.seq = 8;
    REQUIRE(next_turn(plan, {}, t.claim, reply));
    REQUIRE(in_use->turns.size() == 1);
    CHECK(in_use->turns[0].content == "Hello");
}

TEST_CASE("the history keeps the last hundred messages", "[turn_cache]") {
    constexpr auto limit = static_cast<std::size_t>(limits::prompt_messages);
    settled_turn t;
    t.prompt = prompt_of(limit - 2);
    t.prompt.front().content = "oldest";
    CHECK(t.next()->history.size() == limit);
    CHECK(t.next()->history.front().content == "oldest");

    t.prompt = prompt_of(limit);
    t.prompt.front().content = "oldest";
    const auto next = t.next();
    CHECK(next->history.size() == limit);
    CHECK(next->history.front().content == "x");
    CHECK(next->history.back().content == "Hi");
}

TEST_CASE("the history keeps 512 KiB, by whole turns", "[turn_cache]") {
    settled_turn t;
    t.prompt = prompt_of(2);  // 3 bytes
    t.answer.assign(limits::prompt_bytes - 3, 'y');
    CHECK(t.next()->history.size() == 4);
    t.answer += 'y';
    CHECK(t.next()->history.size() == 2);  // one byte too many: the oldest turn goes
    t.answer.assign(limits::prompt_bytes - 1, 'y');
    CHECK(t.next()->history.size() == 2);
    t.answer += 'y';
    const auto nothing = t.next();
    REQUIRE(nothing);
    CHECK(nothing->history.empty());
}
