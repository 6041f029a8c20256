// A call as its consumers see it: in pieces, from any place, once.
#include "messaging/stream_log.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace conclave;
using namespace conclave::messaging;

namespace {

stream_cursor looking_on(std::optional<stream_position> resume_after = {}) {
    stream_cursor c;
    c.request = request_id("req_1");
    c.resume_after = resume_after;
    return c;
}

reply answering(std::string text) {
    reply r;
    r.message.content = std::move(text);
    r.metadata.usage.tokens.input = 45;
    r.metadata.usage.tokens.output = 67;
    return r;
}

std::vector<stream_event> all(const stream_log& log, stream_cursor& c) {
    std::vector<stream_event> events;
    while (auto e = log.next(c)) events.push_back(*std::move(e));
    return events;
}

/// "type id text" of each.
std::vector<std::string> words(const std::vector<stream_event>& events) {
    std::vector<std::string> list;
    for (const auto& e : events) {
        const auto document = json::parse(e.document(), "document").value();
        REQUIRE(*json::find(document, "id")->as_string() == e.id);
        auto line = *json::find(document, "type")->as_string() + ' ' + e.id;
        if (!e.text.empty()) line += ' ' + e.text;
        list.push_back(std::move(line));
    }
    return list;
}

using lines = std::vector<std::string>;

/// What a consumer that resumes sees.
lines from(const stream_log& log, std::string_view id) {
    auto c = looking_on(parse_event_id(id).value());
    return words(all(log, c));
}

std::string field_refused(std::string_view id) {
    const auto parsed = parse_event_id(id);
    if (parsed) return {};
    CHECK(parsed.error().code == errc::validation_error);
    return std::get<std::string>(parsed.error().details.at(0).value);
}

}  // namespace

TEST_CASE("the id of an event is its position", "[stream]") {
    CHECK_FALSE(parse_event_id("").value());
    for (const auto* id : {"0.0.0", "1.57.2", "9223372036854775807.10.0"})
        CHECK(print_event_id(parse_event_id(id).value().value()) == id);
    for (const auto* id :
         {"0", "0.0", "0.0.", ".0.0", "0.0.0.", "0.0.0.0", "0,0,0", " 0.0.0", "0.0.0 ", "-1.0.0",
          "0.-1.0", "+1.0.0", "00.0.0", "0.01.0", "a.b.c", "9223372036854775808.0.0", "0..0"})
        CHECK(field_refused(id) == "last_event_id");
    CHECK(field_refused(std::string("0.0.0\0", 6)) == "last_event_id");
}

TEST_CASE("a consumer sees what is there, then what comes", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    auto c = looking_on();
    CHECK(words(all(log, c)) == lines{"started 0.0.0", "attempt 0.0.0"});
    log.add_text("Hel");
    log.add_text("lo");
    CHECK(words(all(log, c)) == lines{"delta 0.5.0 Hello"});  // what waits comes as one
    log.add_text("!");
    CHECK(words(all(log, c)) == lines{"delta 0.6.0 !"});
    log.complete(0, answering("Hello!"), {});
    CHECK(words(all(log, c)) == lines{"usage 0.6.1"});
    CHECK(all(log, c).empty());

    auto late = looking_on();
    CHECK(words(all(log, late)) ==
          lines{"started 0.0.0", "attempt 0.0.0", "delta 0.6.0 Hello!", "usage 0.6.1"});
}

TEST_CASE("events carry their documents", "[stream]") {
    stream_log log(2);
    log.begin_attempt("vendorA", "m\"1");
    log.begin_attempt("vendorB", "m2");
    log.add_text("a\n\"b\"");
    log.complete(2, answering("a\n\"b\""), {});
    auto c = looking_on();
    c.replayed = true;
    const auto events = all(log, c);
    REQUIRE(events.size() == 5);
    CHECK(events[0].document() ==
          R"({"id":"2.0.0","type":"started","request_id":"req_1","replayed":true})");
    CHECK(events[1].document() ==
          R"({"id":"2.0.0","type":"attempt","provider":"vendorA","model":"m\"1","number":1})");
    CHECK(events[1].members == R"("provider":"vendorA","model":"m\"1","number":1)");
    CHECK(events[2].document() ==
          R"({"id":"2.0.0","type":"attempt","provider":"vendorB","model":"m2","number":2})");
    CHECK(events[3].document() == R"({"id":"2.5.0","type":"delta","text":"a\n\"b\""})");
    CHECK(events[3].text == "a\n\"b\"");
    CHECK(events[4].document().starts_with(
        R"({"id":"2.5.1","type":"usage","usage":{"tokens_in":45,"tokens_out":67,)"));

    auto r = answering("Hi");
    r.document = R"({"message":1})";
    const auto done = make_done({0, 2, 1}, r);
    CHECK(done.type == stream_event_type::done);
    CHECK(done.document() == R"({"id":"0.2.1","type":"done","reply":{"message":1}})");
    CHECK(done.reply->message.content == "Hi");
    CHECK(stream_event{.id = "0.2.1", .type = stream_event_type::reset}.document() ==
          R"({"id":"0.2.1","type":"reset"})");
    const stream_event thought{.id = "0.2.1", .type = stream_event_type::thinking, .text = "a\"b"};
    CHECK(thought.document() == R"({"id":"0.2.1","type":"thinking","text":"a\"b"})");
    const auto failed = make_error({}, fail(errc::conflict, "no"));
    CHECK(failed.type == stream_event_type::error);
    CHECK(failed.document().starts_with(
        R"({"id":"0.0.0","type":"error","error":{"code":"CONFLICT","message":"no",)"));
    CHECK(failed.error->code == errc::conflict);
}

TEST_CASE("text is cut at its limit, between characters", "[stream]") {
    for (const auto& [bytes, pieces] :
         {std::pair{limits::delta_bytes, 1U}, std::pair{limits::delta_bytes + 1, 2U}}) {
        stream_log log(0);
        log.add_text(std::string(bytes, 'a'));
        auto c = looking_on();
        CHECK(all(log, c).size() == 1 + pieces);
    }
    std::string text = "a";  // so that no character ends at the limit
    while (text.size() < 3 * limits::delta_bytes) text += "é€😀";
    stream_log log(0);
    log.complete(0, answering(text), {});
    auto c = looking_on();
    std::string seen;
    for (const auto& e : all(log, c)) {
        CHECK(utf8::valid(e.text));
        CHECK(e.text.size() <= limits::delta_bytes);
        seen += e.text;
    }
    CHECK(seen == text);
}

TEST_CASE("a consumer that resumes sees the rest, whatever event was its last", "[stream]") {
    stream_log log(1);
    log.begin_attempt("vendorA", "m1");
    for (const auto* piece : {"one ", "zwölf ", "three"}) log.add_text(piece);
    const std::string text = log.text();
    log.complete(1, answering(text), {});
    for (std::size_t at = 0; at <= text.size(); ++at) {
        auto c = looking_on(stream_position{1, static_cast<std::int64_t>(at), 0});
        const auto events = all(log, c);
        REQUIRE(events.size() == (at < text.size() ? 3 : 2));
        CHECK(events.front().type == stream_event_type::started);
        CHECK(events.back().id == "1.16.1");
        // Into the middle of a character no event leads; its rest is skipped, never shown broken.
        const auto border = at == 7 ? 8 : at;
        if (at < text.size()) CHECK(events[1].text == text.substr(border));
    }
    CHECK(from(log, "1.16.1") == lines{"started 1.16.1"});
}

TEST_CASE("who claims to have seen more than there was sees all", "[stream]") {
    stream_log log(1);
    log.complete(1, answering("new"), {});
    const lines all_of_it{"reset 1.0.0", "started 1.0.0", "delta 1.3.0 new", "usage 1.3.1"};
    for (const auto* beyond : {"1.4.0", "1.3.2", "1.0.2", "1.999.7"})
        CHECK(from(log, beyond) == all_of_it);
    CHECK(from(log, "1.3.1") == lines{"started 1.3.1"});
}

TEST_CASE("who comes back to a text that was replaced is told so and sees all", "[stream]") {
    stream_log log(2);
    log.complete(2, answering("new"), {});
    for (const auto* stale : {"1.3.1", "0.0.0", "3.0.0"})
        CHECK(from(log, stale) ==
              lines{"reset 2.0.0", "started 2.0.0", "delta 2.3.0 new", "usage 2.3.1"});
}

TEST_CASE("a run that takes the place of the one that is seen resets its consumers", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_text("old");
    auto c = looking_on();
    auto slow = looking_on(stream_position{0, 1, 0});
    CHECK(all(log, c).size() == 3);
    SECTION("a run of this process") { log.restart(1); }
    SECTION("a run whose answer was read") {}
    log.complete(1, answering("new"), {});
    CHECK(words(all(log, c)) == lines{"reset 1.0.0", "delta 1.3.0 new", "usage 1.3.1"});
    CHECK(words(all(log, slow)) ==
          lines{"reset 1.0.0", "started 1.0.0", "delta 1.3.0 new", "usage 1.3.1"});
}

TEST_CASE("an attempt that nobody saw takes its text back", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    CHECK_FALSE(log.has_text_of_attempt());
    log.add_text("lost");
    CHECK(log.has_text_of_attempt());
    log.discard_attempt();
    CHECK_FALSE(log.has_text_of_attempt());
    log.begin_attempt("vendorA", "m1");
    log.add_text("kept");
    log.begin_attempt("vendorA", "m1");
    log.add_text("lost");
    log.discard_attempt();
    CHECK(log.text() == "kept");
    CHECK(log.attempts() == 3);
}

TEST_CASE("a consumer that leaves early sees what was there", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_text("seen");
    auto c = looking_on();
    log.bound(c);
    log.add_text(" unseen");
    log.begin_attempt("vendorB", "m2");
    log.complete(0, answering("seen unseen"), {});
    CHECK(words(all(log, c)) == lines{"started 0.0.0", "attempt 0.0.0", "delta 0.4.0 seen"});
}

TEST_CASE("thinking is shown where it came, as it comes, and not again", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_thinking("Hm");
    auto c = looking_on();
    CHECK(words(all(log, c)) == lines{"started 0.0.0", "attempt 0.0.0", "thinking 0.0.0 Hm"});
    log.add_thinking(", yes");
    CHECK(words(all(log, c)) == lines{"thinking 0.0.0 , yes"});
    log.add_text("Noon");
    log.add_thinking("or ");
    log.add_thinking("not");
    log.add_text(".");
    CHECK(words(all(log, c)) ==
          lines{"delta 0.4.0 Noon", "thinking 0.4.0 or not", "delta 0.5.0 ."});
    log.complete(0, answering("Noon."), {});
    CHECK(words(all(log, c)) == lines{"usage 0.5.1"});

    CHECK(from(log, "") == lines{"started 0.0.0", "attempt 0.0.0", "thinking 0.0.0 Hm, yes",
                                 "delta 0.4.0 Noon", "thinking 0.4.0 or not", "delta 0.5.0 .",
                                 "usage 0.5.1"});
    CHECK(from(log, "0.0.0") == lines{"started 0.0.0", "delta 0.4.0 Noon", "thinking 0.4.0 or not",
                                      "delta 0.5.0 .", "usage 0.5.1"});
    CHECK(from(log, "0.4.0") == lines{"started 0.4.0", "delta 0.5.0 .", "usage 0.5.1"});
}

TEST_CASE("thinking is cut at its limit, and ends for who leaves early", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_thinking(std::string(limits::delta_bytes + 1, 'x'));
    auto early = looking_on();
    log.bound(early);
    log.add_thinking("later");
    const auto events = all(log, early);
    REQUIRE(events.size() == 4);
    CHECK(events[2].text.size() == limits::delta_bytes);
    CHECK(events[3].text == "x");
}

TEST_CASE("an attempt that is taken back leaves its thinking where it began", "[stream]") {
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_text("lost");
    log.add_thinking("Hm");
    log.discard_attempt();
    log.begin_attempt("vendorB", "m2");
    log.add_text("Hi");
    auto c = looking_on();
    CHECK(words(all(log, c)) == lines{"started 0.0.0", "attempt 0.0.0", "thinking 0.0.0 Hm",
                                      "attempt 0.0.0", "delta 0.2.0 Hi"});
}

namespace {

stream_log with_tools(std::vector<stream_step>& steps) {
    const tool_call call{"c1", "clock", R"({"zone":"UTC"})"};
    stream_log log(0);
    log.begin_attempt("vendorA", "m1");
    log.add_text("Wait. ");
    steps = {show_call(call, 6)};
    log.show_round("Wait. ", steps);
    steps.push_back(show_result(call, "12:00", false, 6));
    log.show_round("Wait. ", steps);
    log.begin_attempt("vendorA", "m1");
    log.add_text("Noon.");
    log.complete(0, answering("Wait. Noon."), steps);
    return log;
}

}  // namespace

TEST_CASE("what tools do stands where it was done, in replays too", "[stream][tools]") {
    std::vector<stream_step> steps;
    const auto log = with_tools(steps);
    const lines seen{"started 0.0.0",     "attempt 0.0.0", "delta 0.6.0 Wait. ", "tool_call 0.6.1",
                     "tool_result 0.6.2", "attempt 0.6.2", "delta 0.11.2 Noon.", "usage 0.11.3"};
    auto c = looking_on();
    const auto events = all(log, c);
    CHECK(words(events) == seen);
    CHECK(events[3].document() == R"({"id":"0.6.1","type":"tool_call","tool_call":{"id":"c1",)"
                                  R"("name":"clock","arguments":{"zone":"UTC"}}})");
    CHECK(events[4].document() ==
          R"({"id":"0.6.2","type":"tool_result","tool_result":{"tool_call_id":"c1",)"
          R"("name":"clock","content":"12:00","is_error":false}})");

    stream_log stored(0);
    stored.complete(0, answering("Wait. Noon."), read_steps(print_steps(steps)));
    CHECK(from(stored, "") == lines{"started 0.0.0", "delta 0.6.0 Wait. ", "tool_call 0.6.1",
                                    "tool_result 0.6.2", "delta 0.11.2 Noon.", "usage 0.11.3"});
    CHECK(from(stored, "0.6.1") ==
          lines{"started 0.6.1", "tool_result 0.6.2", "delta 0.11.2 Noon.", "usage 0.11.3"});
    CHECK(from(stored, "0.6.2") == lines{"started 0.6.2", "delta 0.11.2 Noon.", "usage 0.11.3"});
    CHECK(print_steps(read_steps(print_steps(steps))) == print_steps(steps));
    CHECK(print_steps({}).empty());
    CHECK(read_steps("").empty());
    CHECK(read_steps("{}").empty());
}
