// The figures of the vocalbridge system, on a virtual clock: scripted vendors, then real HTTP.
#include "vendors.hpp"

using namespace house;

namespace {

using ms = std::vector<std::int64_t>;

scripted_reply hanging() { return {.text = "too late", .latency_ms = 3'600'000}; }

/// A gateway on scripted vendors, stepped in whole milliseconds.
struct script {
    gateway gw;
    household acme;

    script(std::vector<scripted_reply> a, std::vector<scripted_reply> b)
        : gw(open_in_memory(
              {scripted("vendorA", std::move(a)), scripted("vendorB", std::move(b))})),
          acme(settle_in(gw, "Acme Corporation", {"vendorB"})) {}

    /// Starts a send and says after how many milliseconds it was answered.
    std::pair<result<reply>, std::int64_t> send(std::string key) {
        std::optional<result<reply>> answer;
        acme.tenant.messages().start_send(acme.request(std::move(key)),
                                          [&](result<reply> r) { answer = std::move(r); });
        std::int64_t passed = 0;
        for (gw.advance(0).value(); !answer; ++passed) gw.advance(1).value();
        return {*std::move(answer), passed};
    }
};

const scripted_reply from_b = answering("Hello from B", 45, 67);

void check_billed_to_b(const household& acme, const reply& r) {
    CHECK(r.metadata.fallback_used);
    CHECK(r.metadata.provider_used == "vendorB");
    CHECK(r.metadata.primary_attempted == "vendorA");
    CHECK(r.metadata.fallback_attempted == "vendorB");
    CHECK(r.metadata.usage.usd_per_1k_tokens == "0.003");
    const auto tokens = r.metadata.usage.tokens.total();
    CHECK(r.metadata.usage.cost->nano_usd() == tokens * 3'000);
    const auto bill = acme.bill();
    CHECK(bill.totals.messages == 1);
    CHECK(bill.totals.cost == *r.metadata.usage.cost);
    REQUIRE(bill.by_provider.size() == 1);
    CHECK(bill.by_provider[0].provider == "vendorB");
}

void check_attempt(const attempt_summary& a, std::string_view provider, std::int64_t retries,
                   std::optional<std::int64_t> status, std::optional<std::string> code) {
    CHECK(a.provider == provider);
    CHECK(a.success == !code.has_value());
    CHECK(a.retries == retries);
    CHECK(a.http_status == status);
    CHECK(a.error_code == code);
}

}  // namespace

TEST_CASE("45 and 67 tokens of vendor A cost 0.000224") {
    script s({answering("Hello! I'm here to help...", 45, 67)}, {from_b});
    const auto [reply, after] = s.send("unique-key-123");
    REQUIRE(reply);
    CHECK(after == 0);
    CHECK(reply->metadata.usage.cost->to_usd_string() == "0.000224");
    CHECK_FALSE(reply->metadata.fallback_used);
    CHECK(reply->metadata.fallback_attempted == "vendorB");
    REQUIRE(reply->metadata.attempts.size() == 1);
    check_attempt(reply->metadata.attempts[0], "vendorA", 0, 200, {});
    CHECK_THAT(reply->document, Catch::Contains(R"("cost_usd":"0.000224","cost_nano_usd":224000)"));

    const auto again = s.send("unique-key-123").first.value();
    CHECK(again.metadata.replayed);
    CHECK(again.message.id == reply->message.id);
    CHECK(s.acme.events().size() == 1);
    require_sound(s.gw);
}

TEST_CASE("vendor A fails always: gaps of 200 and 400 ms, then vendor B once") {
    script s({failing(500)}, {from_b});
    const auto [reply, after] = s.send("k");
    REQUIRE(reply);
    CHECK(after == 600);
    check_billed_to_b(s.acme, *reply);
    REQUIRE(reply->metadata.attempts.size() == 2);
    check_attempt(reply->metadata.attempts[0], "vendorA", 2, 500, "UPSTREAM_5XX");
    check_attempt(reply->metadata.attempts[1], "vendorB", 0, 200, {});
    CHECK(path_of(s.acme.attempts()) == "vendorA vendorA vendorA vendorB");
    CHECK(gaps_ms(s.acme.attempts()) == ms{200, 400, 0});
    require_sound(s.gw);
}

TEST_CASE("vendor A hangs: each try is cut at 2.0 s") {
    script s({hanging()}, {from_b});
    const auto [reply, after] = s.send("k");
    REQUIRE(reply);
    CHECK(after == 3 * 2'000 + 200 + 400);
    check_billed_to_b(s.acme, *reply);
    check_attempt(reply->metadata.attempts[0], "vendorA", 2, {}, "TIMEOUT");
    const auto attempts = s.acme.attempts();
    REQUIRE(attempts.size() == 4);
    for (int i = 0; i < 3; ++i) CHECK(attempts[i].latency_ms == 2'000);
    CHECK(gaps_ms(attempts) == ms{200, 400, 0});
    // The vendor may have run them: possible spend, not on the bill.
    const auto spend = s.acme.tenant.usage().spend(first_day, last_day).value();
    CHECK(spend.exposure > money());
    CHECK(spend.spend == spend.bill + spend.exposure);
    require_sound(s.gw);
}

TEST_CASE("an answer just in time counts, one at the time-out does not") {
    script s({{.text = "just", .latency_ms = 1'999}, {.text = "late", .latency_ms = 2'000}},
             {from_b});
    CHECK(s.send("1").first.value().message.content == "just");
    const auto [second, after] = s.send("2");
    CHECK(second->message.content == "just");
    CHECK(second->metadata.attempts.at(0).retries == 1);
    CHECK(after == 2'000 + 200 + 1'999);
}

TEST_CASE("vendor B asks for 700 ms: no try before that") {
    script s({failing(500)}, {failing(429, 700), from_b});
    const auto [reply, after] = s.send("k");
    REQUIRE(reply);
    CHECK(after == 600 + 700);
    CHECK(gaps_ms(s.acme.attempts()) == ms{200, 400, 0, 700});
    check_attempt(reply->metadata.attempts[1], "vendorB", 1, 200, {});
    check_billed_to_b(s.acme, *reply);
    require_sound(s.gw);
}

TEST_CASE("a wait longer than the policy allows goes to the fallback at once") {
    script s({failing(429, 10'001)}, {from_b});
    const auto [reply, after] = s.send("k");
    CHECK(after == 0);
    CHECK(reply->metadata.fallback_used);
    check_attempt(reply->metadata.attempts[0], "vendorA", 0, 429, "RATE_LIMITED");
}

TEST_CASE("both vendors are down: nothing is billed, and the same key succeeds later") {
    script s({failing(500), failing(500), failing(500), answering("Back again", 45, 67)},
             {failing(503, 0), failing(503, 0), failing(503, 0)});
    const auto [failed, after] = s.send("k");
    CHECK(code_of(failed) == errc::all_providers_failed);
    CHECK(failed.error().retryable());
    CHECK(after == 1'200);
    CHECK(s.acme.events().empty());
    CHECK(s.acme.bill().totals == usage_totals{});
    require_sound(s.gw);

    const auto reply = s.send("k").first.value();
    CHECK(reply.message.content == "Back again");
    CHECK_FALSE(reply.metadata.replayed);
    CHECK(s.acme.bill().totals.cost.to_usd_string() == "0.000224");
    // The question was asked once, also in the transcript.
    CHECK(s.acme.tenant.sessions().transcript(s.acme.session.id).value().messages.size() == 2);
    CHECK(code_of(s.acme.send("k", "another question")) == errc::idempotency_key_reused);
    require_sound(s.gw);
}

TEST_CASE("a definite no is not retried, and falls back when there is a fallback") {
    script s({failing(400)}, {from_b});
    const auto [reply, after] = s.send("k");
    CHECK(after == 0);
    CHECK(path_of(s.acme.attempts()) == "vendorA vendorB");
    CHECK(reply->metadata.fallback_used);
}

TEST_CASE("HTTP: 45 and 67 tokens of vendor A cost 0.000224") {
    simulated_vendors vendors;
    vendors.tell("vendor-a", R"({"text":"Hello!","tokens_in":45,"tokens_out":67})");
    auto gw = vendors.open();
    const auto acme = settle_in(gw, "Acme Corporation", {"vendorB"});
    const auto reply = send_while_time_passes(gw, acme, "k").value();
    CHECK(reply.message.content == "Hello!");
    CHECK(reply.metadata.usage.cost->to_usd_string() == "0.000224");
    CHECK(send_while_time_passes(gw, acme, "k").value().metadata.replayed);
    CHECK(vendors.calls("vendor-a") == 1);
    CHECK(vendors.calls("vendor-b") == 0);
    require_sound(gw);
}

TEST_CASE("HTTP: vendor A fails always, then vendor B once") {
    simulated_vendors vendors;
    vendors.tell("vendor-a", "", R"({"status":500})");
    auto gw = vendors.open();
    const auto acme = settle_in(gw, "Acme Corporation", {"vendorB"});
    const auto reply = send_while_time_passes(gw, acme, "k").value();
    check_billed_to_b(acme, reply);
    CHECK(gaps_ms(acme.attempts()) == ms{200, 400, 0});
    CHECK(vendors.calls("vendor-a") == 3);
    CHECK(vendors.calls("vendor-b") == 1);
    require_sound(gw);
}

TEST_CASE("HTTP: vendor A hangs, each try is cut at 2.0 s") {
    simulated_vendors vendors;
    vendors.tell("vendor-a", "", R"({"hang":true})");
    auto gw = vendors.open();
    const auto acme = settle_in(gw, "Acme Corporation", {"vendorB"});
    const auto reply = send_while_time_passes(gw, acme, "k").value();
    check_billed_to_b(acme, reply);
    const auto attempts = acme.attempts();
    REQUIRE(attempts.size() == 4);
    for (int i = 0; i < 3; ++i) {
        CHECK(attempts[i].latency_ms == 2'000);
        CHECK(attempts[i].attempt_class == "ambiguous");
    }
    CHECK(gaps_ms(attempts) == ms{200, 400, 0});
    require_sound(gw);
}

TEST_CASE("HTTP: vendor B asks for 700 ms in the body of its 429") {
    simulated_vendors vendors;
    vendors.tell("vendor-a", "", R"({"drop":"after_request"})");
    vendors.tell("vendor-b", R"({"status":429,"retry_after_ms":700})");
    auto gw = vendors.open();
    const auto acme = settle_in(gw, "Acme Corporation", {"vendorB"});
    const auto reply = send_while_time_passes(gw, acme, "k").value();
    check_billed_to_b(acme, reply);
    CHECK(gaps_ms(acme.attempts()) == ms{200, 400, 0, 700});
    CHECK(vendors.calls("vendor-b") == 2);
    require_sound(gw);
}

TEST_CASE("HTTP: both vendors are down, and the same key succeeds later") {
    simulated_vendors vendors;
    vendors.tell("vendor-a", "", R"({"status":500})");
    vendors.tell("vendor-b", "", R"({"status":503})");
    auto gw = vendors.open();
    const auto acme = settle_in(gw, "Acme Corporation", {"vendorB"});
    CHECK(code_of(send_while_time_passes(gw, acme, "k")) == errc::all_providers_failed);
    CHECK(acme.events().empty());
    vendors.tell("vendor-a", "", R"({"tokens_in":45,"tokens_out":67})");
    const auto reply = send_while_time_passes(gw, acme, "k").value();
    CHECK(reply.metadata.usage.cost->to_usd_string() == "0.000224");
    CHECK(acme.events().size() == 1);
    require_sound(gw);
}
