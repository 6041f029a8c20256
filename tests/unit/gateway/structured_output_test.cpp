// Answers that must fit a schema: parsed, asked for once more, refused for good.
#include "house.hpp"

using namespace house;

namespace {

constexpr const char* days = R"({"type":"object","required":["days"],"properties":
    {"days":{"type":"array","items":{"type":"integer"}}}})";

struct asking {
    std::vector<std::string> answers = {};
    std::vector<provider_request> requests = {};
    std::size_t next = 0;

    new_provider provider() {
        return {.name = "vendorA",
                .kind = provider_kind::callback,
                .policy = {.retries = 0},
                .async_handler = [this](const provider_request& r, provider_call c) {
                    requests.push_back(r);
                    c.reply(provider_reply{.text = answers.at(next++),
                                           .tokens = token_usage{.input = 45, .output = 67}});
                }};
    }
};

send_request structured(const household& h, std::string key = "key", std::string schema = days) {
    auto r = h.request(std::move(key));
    r.output_schema = std::move(schema);
    return r;
}

result<reply> send(const gateway& gw, const household& h, send_request request) {
    std::optional<result<reply>> told;
    h.tenant.messages().start_send(std::move(request),
                                   [&](result<reply> r) { told = std::move(r); });
    gw.advance(1'000).value();
    REQUIRE(told);
    return *std::move(told);
}

}  // namespace

TEST_CASE("an answer that fits is the reply's output") {
    asking vendor{.answers = {R"( {"days": [1, 2, 3]} )"}};
    auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    const auto reply = send(gw, acme, structured(acme)).value();
    CHECK(vendor.requests.at(0).output_schema == days);
    CHECK(reply.metadata.output == R"({"days":[1,2,3]})");
    CHECK(reply.message.content == R"( {"days": [1, 2, 3]} )");
    CHECK(reply.document.find(R"("output":{"days":[1,2,3]},"council")") != std::string::npos);
    const auto replay = send(gw, acme, structured(acme)).value();
    CHECK(replay.metadata.replayed);
    CHECK(replay.metadata.output == reply.metadata.output);
    // The schema is part of what the key stands for, however it is spaced.
    CHECK(send(gw, acme, structured(acme, "key", std::string("  ") + days)).has_value());
    CHECK(code_of(send(gw, acme, structured(acme, "key", "{}"))) == errc::idempotency_key_reused);
    CHECK(code_of(send(gw, acme, acme.request("key"))) == errc::idempotency_key_reused);
    CHECK(vendor.requests.size() == 1);
    require_sound(gw);
}

TEST_CASE("an answer that does not fit is asked for once more, and both are billed") {
    for (const char* wrong : {"Here you are: []", R"({"days":["Monday"]})", ""}) {
        asking vendor{.answers = {wrong, R"({"days":[1]})"}};
        auto gw = open_in_memory({vendor.provider()});
        const auto acme = settle_in(gw);
        const auto reply = send(gw, acme, structured(acme)).value();
        CHECK(reply.metadata.output == R"({"days":[1]})");
        CHECK(reply.message.content == R"({"days":[1]})");
        REQUIRE(vendor.requests.size() == 2);
        const auto& turns = vendor.requests[1].turns;
        REQUIRE(turns.size() == 3);
        CHECK(turns[1].content == wrong);
        CHECK(turns[2].role == message_role::user);
        CHECK(turns[2].content.starts_with("Error: output"));
        const auto attempts = acme.attempts();
        REQUIRE(attempts.size() == 2);
        CHECK(attempts[1].round == 1);
        for (const auto& a : attempts) CHECK(a.billable);
        CHECK(acme.bill().totals.cost.nano_usd() == 448'000);
        require_sound(gw);
        // The next turn knows nothing of it.
        vendor.answers.push_back("Fine.");
        (void)send(gw, acme, acme.request("2")).value();
        CHECK(vendor.requests[2].turns.size() == 3);
    }
}

TEST_CASE("a second answer that does not fit is the end: spend, no bill, and never called again") {
    asking vendor{.answers = {"no", R"({"days":[1,"x"]})"}};
    auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    for (int i = 0; i < 2; ++i) {
        const auto told = send(gw, acme, structured(acme));
        CHECK(code_of(told) == errc::provider_rejected);
        CHECK(detail(told.error(), "provider_code") == "invalid_output");
        CHECK(detail(told.error(), "field") == "output.days[1]");
        CHECK(detail(told.error(), "replayed") == (i == 0 ? "" : "true"));
    }
    CHECK(vendor.requests.size() == 2);
    CHECK(acme.bill().totals.messages == 0);
    const auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 2);
    for (const auto& a : attempts) CHECK_FALSE(a.billable);
    require_sound(gw);
}

TEST_CASE("a stream shows a structured answer when it is known to fit") {
    auto vendor =
        scripted("vendorA", {{.chunks = {"{\"days\":", "7}"}}, {.chunks = {"{\"days\":", "[7]}"}}});
    auto gw = open_in_memory({vendor});
    const auto acme = settle_in(gw);
    for (int i = 0; i < 2; ++i) {
        auto stream = acme.tenant.messages().stream(structured(acme)).value();
        gw.advance(1'000).value();
        std::string text;
        while (const auto e = stream.next()) {
            text += e->text;
            CHECK(e->type != stream_event_type::reset);
            if (e->type == stream_event_type::done) CHECK(e->id.starts_with("0.12."));
        }
        CHECK(text == R"({"days":[7]})");
        CHECK(acme.attempts().size() == 2);
    }
    require_sound(gw);
}

TEST_CASE("a schema that is none, or says too much, is refused before anything is called") {
    asking vendor{.answers = {}};
    auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    const auto field = [&](std::string schema) {
        const auto told = acme.tenant.messages().send(structured(acme, "key", std::move(schema)));
        if (code_of(told) != errc::validation_error) return std::string("none");
        return detail(told.error(), "field");
    };
    CHECK(field("[]") == "output_schema");
    CHECK(field("{") == "output_schema");
    CHECK(field(R"({"properties":{"a":{"pattern":"x"}}})") == "output_schema.properties.a.pattern");
    const auto padded = [](std::size_t n) { return "{" + std::string(n - 2, ' ') + "}"; };
    CHECK(code_of(acme.tenant.messages().send(structured(acme, "key", padded(64 * 1024 + 1)))) ==
          errc::payload_too_large);
    CHECK(vendor.requests.empty());
    vendor.answers = {"{}"};
    CHECK(send(gw, acme, structured(acme, "key", padded(64 * 1024))).has_value());
}
