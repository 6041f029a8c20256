// Sends in doubt, settled by hand.
#include "messaging/resolution.hpp"

#include "base/limits.hpp"
#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

resolve_request a_resolution(resolve_decision decision) {
    resolve_request r;
    r.idempotency_key = "key-1";
    r.decision = decision;
    if (decision == resolve_decision::succeed) {
        r.content = "From the vendor's log";
        r.tokens.input = 45;
        r.tokens.output = 67;
    }
    return r;
}

/// An unknown send of two attempts, the last at vendorA/m1.
struct doubt {
    doubt() {
        found.send = a_snapshot(an_order(), send_state::unknown);
        found.attempts = {{{}, {"vendorB", "b0"}, std::nullopt, {}},
                          {{"answer", 0, 0, 1}, {"vendorA", "m1"}, price_id("prc_1"), {}}};
        price_version v;
        v.id = "prc_1";
        v.provider = "vendorA";
        v.model = "*";
        v.usd_per_1k_tokens = "0.002";
        prices = {v};
    }
    result<store::resolve_send> plan(resolve_decision decision) {
        return plan_resolution(tenant_scope("tnt_1"), a_resolution(decision), found, prices,
                               given.ids, given.time.wall);
    }

    conclave::test::seeded_ids given;
    store::find_unknown_send::answer found;
    std::vector<price_version> prices;
};

std::string problem(const resolve_request& r) {
    const auto checked = validate(r);
    return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a resolution needs a key or a send", "[resolution]") {
    auto r = a_resolution(resolve_decision::retry);
    CHECK(problem(r) == "");
    r.idempotency_key.clear();
    CHECK(problem(r) == "idempotency_key or `send_id` is needed");
    r.send_id = "snd_1";
    CHECK(problem(r) == "");
    r.decision = resolve_decision::fail;
    CHECK(problem(r) == "");
}

TEST_CASE("a success needs the key, the content and tokens that can be", "[resolution]") {
    auto r = a_resolution(resolve_decision::succeed);
    CHECK(problem(r) == "");
    SECTION("the key itself") {
        r.idempotency_key.clear();
        r.send_id = "snd_1";
        CHECK(problem(r) == "idempotency_key is needed for the stored reply");
    }
    SECTION("content") {
        r.content.clear();
        CHECK(problem(r) == "content must not be empty");
        r.content.assign(limits::content_bytes, 'x');
        CHECK(problem(r) == "");
        r.content += 'x';
        CHECK(validate(r).error().code == errc::payload_too_large);
    }
    SECTION("tokens") {
        using count = std::int64_t token_usage::*;
        for (const count member :
             {&token_usage::input, &token_usage::cached_input, &token_usage::cache_write,
              &token_usage::output, &token_usage::reasoning}) {
            auto negative = r;
            negative.tokens = {};
            CHECK(problem(negative) == "");
            negative.tokens.*member = -1;
            CHECK(problem(negative) == "tokens must not be negative");
        }
    }
}

TEST_CASE("a send that does not exist cannot be settled", "[resolution]") {
    doubt d;
    d.found.send.reset();
    CHECK(d.plan(resolve_decision::fail).error().code == errc::resource_not_found);
}

TEST_CASE("retry writes nothing but the decision", "[resolution]") {
    doubt d;
    const auto c = d.plan(resolve_decision::retry).value();
    CHECK(c.send == "snd_1");
    CHECK(c.decision == resolve_decision::retry);
    CHECK(c.error_document.empty());
    CHECK(c.lines.empty());
    CHECK(c.now == d.given.time.wall);
}

TEST_CASE("fail stores the error that the key will replay", "[resolution]") {
    doubt d;
    const auto e = parse_error(d.plan(resolve_decision::fail)->error_document);
    CHECK(e.code == errc::provider_rejected);
    CHECK(e.details == std::vector<error_detail>{{"send_id", "snd_1"}});
}

TEST_CASE("succeed bills the last attempt at the price it was released with", "[resolution]") {
    doubt d;
    const auto c = d.plan(resolve_decision::succeed).value();
    REQUIRE(c.lines.size() == 1);
    CHECK(c.lines[0].provider == "vendorA");
    CHECK(c.lines[0].model == "m1");
    CHECK(c.lines[0].cost == money::from_nano_usd(224'000));
    CHECK(c.lines[0].price == price_id("prc_1"));
    CHECK(c.content == "From the vendor's log");
    const auto m = restore_reply({}, c.reply_metadata, false).metadata;
    CHECK(m.idempotency_key == "key-1");
    CHECK(m.request_id == "req_first");
    CHECK(m.usage.cost == money::from_nano_usd(224'000));
    CHECK(m.usage.usd_per_1k_tokens == std::string("0.002"));
    REQUIRE(m.attempts.size() == 1);
    CHECK(m.attempts[0].retries == 1);
}

TEST_CASE("an attempt without a price settles as unpriced", "[resolution]") {
    doubt d;
    d.found.attempts.back().price.reset();
    const auto c = d.plan(resolve_decision::succeed).value();
    CHECK_FALSE(c.lines.at(0).cost);
    CHECK(restore_reply({}, c.reply_metadata, false).metadata.usage.unpriced);
}

TEST_CASE("a success that cannot be billed is refused", "[resolution]") {
    doubt d;
    SECTION("no attempt was made") {
        d.found.attempts.clear();
        CHECK(d.plan(resolve_decision::succeed).error().code == errc::conflict);
    }
    SECTION("the price is gone") {
        d.prices.clear();
        CHECK(d.plan(resolve_decision::succeed).error().code == errc::internal_error);
    }
}
