// Streams of real protocols over HTTP, from the vendor to the consumer.
#include "streamed_vendor.hpp"

using namespace house;

namespace {

std::string text_of(const std::vector<stream_event>& events, stream_event_type type) {
    std::string text;
    for (const auto& e : events)
        if (e.type == type) text += e.text;
    return text;
}

std::size_t count_of(const std::vector<stream_event>& events, stream_event_type type) {
    std::size_t n = 0;
    for (const auto& e : events) n += e.type == type ? 1 : 0;
    return n;
}

}  // namespace

TEST_CASE("each vendor's stream reaches its consumer in pieces, and its tokens the bill") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        v.tell(R"({"text":"Grüße aus der Ferne 🎈, in vielen Stücken.","thinking":"Hm, wie?",)"
               R"("chunks":5,"chunk_delay_ms":2,"tokens_in":45,"tokens_out":67})");
        const auto events = v.stream("k1");
        REQUIRE(events.back().type == stream_event_type::done);
        CHECK(count_of(events, stream_event_type::delta) >= 2);
        CHECK(text_of(events, stream_event_type::delta) ==
              "Grüße aus der Ferne 🎈, in vielen Stücken.");
        CHECK(text_of(events, stream_event_type::thinking) == "Hm, wie?");
        const auto& reply = *events.back().reply;
        CHECK(reply.message.content == "Grüße aus der Ferne 🎈, in vielen Stücken.");
        CHECK(reply.metadata.usage.tokens.input == 45);
        CHECK(reply.metadata.usage.tokens.output == 67);
        CHECK_FALSE(reply.metadata.usage.estimated);
        CHECK(reply.metadata.usage.cost->to_usd_string() == "0.000224");
        require_sound(v.gw);

        // A replay has the text and the bill, no thinking.
        const auto again = v.stream("k1");
        CHECK(text_of(again, stream_event_type::delta) == reply.message.content);
        CHECK(text_of(again, stream_event_type::thinking).empty());
        CHECK(v.simulator.count(p.vendor) == 1);
    }
}

TEST_CASE("who does not stream gets the same answer in one piece") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        v.tell(R"({"text":"Hello!","thinking":"Hm.","tokens_in":45,"tokens_out":67})");
        const auto r = v.acme.send("k1");
        REQUIRE(r);
        CHECK(r->message.content == "Hello!");
        CHECK(r->metadata.usage.tokens.total() == 112);
        CHECK(v.simulator.journal_text().find(R"("stream":true)") == std::string::npos);
    }
}

TEST_CASE("a stream that breaks after text ends the call and is spend, estimated") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        v.tell(R"({"text":"one two three four five six","chunks":6,"chunk_delay_ms":2,)"
               R"("drop_after_events":5})");
        const auto events = v.stream("k1");
        const auto shown = text_of(events, stream_event_type::delta);
        REQUIRE(events.back().type == stream_event_type::error);
        CHECK(events.back().error->code == errc::all_providers_failed);
        CHECK_FALSE(shown.empty());
        CHECK(v.acme.bill().totals.messages == 0);
        const auto attempts = v.acme.attempts();
        REQUIRE(attempts.size() == 1);
        CHECK(attempts[0].provider == "vendorA");
        CHECK(attempts[0].attempt_class == "partial");
        CHECK(attempts[0].basis == cost_basis::estimated);
        CHECK(attempts[0].cost->nano_usd() > 0);
        require_sound(v.gw);
    }
}

TEST_CASE("a stream that fails before its text goes to the fallback") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        // Gemini's first event has text already; the others begin with one that has none.
        const auto before = p.kind == provider_kind::gemini ? "0" : "1";
        v.tell(R"({"text":"never","error_status":503,"error_after_events":)" + std::string(before) +
               "}");
        const auto events = v.stream("k1");
        REQUIRE(events.back().type == stream_event_type::done);
        CHECK(text_of(events, stream_event_type::delta) == "From B.");
        CHECK(events.back().reply->metadata.provider_used == "vendorB");
        CHECK(v.acme.bill().totals.messages == 1);
        require_sound(v.gw);
    }
}

TEST_CASE("a stream without usage is billed by estimate") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        v.tell(R"({"text":"Hello, world","omit":["usage"]})");
        const auto events = v.stream("k1");
        REQUIRE(events.back().type == stream_event_type::done);
        CHECK(events.back().reply->metadata.usage.estimated);
        CHECK(events.back().reply->metadata.usage.cost->nano_usd() > 0);
        require_sound(v.gw);
    }
}

TEST_CASE("a stream without its end is no answer") {
    for (const auto& p : protocols) {
        CAPTURE(p.vendor);
        const streamed_vendor v(p);
        v.tell(R"({"text":"Hello, world","omit":["finish","end"]})");
        const auto events = v.stream("k1");
        CHECK(events.back().type == stream_event_type::error);
        CHECK(v.acme.bill().totals.messages == 0);
        CHECK(v.acme.attempts().at(0).attempt_class == "partial");
    }
}
