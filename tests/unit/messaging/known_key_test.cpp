// The state table of a key.
#include "messaging/known_key.hpp"

#include "messaging/error_document.hpp"
#include "messaging/reply_document.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

struct known_key {
    store::find_send::answer stored(send_state state) const {
        return {tenant_status::active, tenant_key(), a_snapshot(order, state)};
    }
    key_verdict judge(const store::find_send::answer& known) const {
        return judge_key(order, known, policy, self);
    }
    settled_answer settled(const store::find_send::answer& known) const {
        auto v = judge(known);
        REQUIRE(std::holds_alternative<settled_answer>(v));
        return std::get<settled_answer>(std::move(v));
    }
    errc code(const store::find_send::answer& known) const {
        const auto s = settled(known);
        REQUIRE_FALSE(s.outcome);
        CHECK_FALSE(s.replay);
        return s.outcome.error().code;
    }

    send_order order = an_order();
    resilience::resolved_policy policy;
};

}  // namespace

TEST_CASE("a key never seen may run", "[known_key]") {
    const known_key k;
    const auto v = k.judge({tenant_status::active, tenant_key(), std::nullopt});
    REQUIRE(std::holds_alternative<may_run>(v));
    CHECK_FALSE(std::get<may_run>(v).recover_unknown);
}

TEST_CASE("the tenant decides before the key", "[known_key]") {
    const known_key k;
    auto known = k.stored(send_state::succeeded);
    known.tenant = tenant_status::suspended;
    CHECK(k.code(known) == errc::tenant_suspended);
    known.tenant.reset();
    CHECK(k.code(known) == errc::resource_not_found);
    CHECK(k.code({}) == errc::resource_not_found);
}

TEST_CASE("an orphan of ours goes before everything, whatever its content", "[known_key]") {
    const known_key k;
    auto known = k.stored(send_state::dispatching);
    known.send->owner.id = self;
    known.send->fingerprint = {};
    known.tenant = tenant_status::suspended;
    CHECK(std::holds_alternative<own_orphan>(k.judge(known)));
}

TEST_CASE("only a dispatching send of ours is an orphan", "[known_key]") {
    const known_key k;
    for (const auto state : {send_state::failed_retryable, send_state::unknown}) {
        auto known = k.stored(state);
        known.send->owner.id = self;
        CHECK(std::holds_alternative<may_run>(k.judge(known)));
    }
}

TEST_CASE("succeeded: the stored reply, counted as a replay", "[known_key]") {
    const known_key k;
    auto known = k.stored(send_state::succeeded);
    known.send->reply_message = a_reply_message();
    known.send->reply_metadata = print_metadata({});
    const auto s = k.settled(known);
    CHECK(s.replay);
    REQUIRE(s.outcome);
    CHECK(s.outcome->document ==
          restore_reply(a_reply_message(), print_metadata({}), true).document);
}

TEST_CASE("succeeded without its reply is a defect, not an answer", "[known_key]") {
    const known_key k;
    CHECK(k.code(k.stored(send_state::succeeded)) == errc::internal_error);
}

TEST_CASE("failed_final: the same error, marked as a replay", "[known_key]") {
    const known_key k;
    auto known = k.stored(send_state::failed_final);
    known.send->error_document = print_error(fail(errc::provider_rejected, "no"));
    const auto s = k.settled(known);
    CHECK(s.replay);
    CHECK(s.outcome.error() == fail(errc::provider_rejected, "no").with("replayed", true));
}

TEST_CASE("closed: expired, and dispatching elsewhere: its owner", "[known_key]") {
    const known_key k;
    CHECK(k.code(k.stored(send_state::closed)) == errc::idempotency_key_expired);
    const auto v = k.judge(k.stored(send_state::dispatching));
    REQUIRE(std::holds_alternative<owned_elsewhere>(v));
    CHECK(std::get<owned_elsewhere>(v).owner == other);
}

TEST_CASE("unknown is recovered only where both policies allow it", "[known_key]") {
    for (const auto crash : {crash_policy::recover, crash_policy::report})
        for (const auto ambiguous : {ambiguous_policy::retry, ambiguous_policy::stop}) {
            known_key k;
            k.policy.on_crash = crash;
            k.policy.on_ambiguous = ambiguous;
            const auto known = k.stored(send_state::unknown);
            if (crash == crash_policy::recover && ambiguous == ambiguous_policy::retry) {
                const auto v = k.judge(known);
                REQUIRE(std::holds_alternative<may_run>(v));
                CHECK(std::get<may_run>(v).recover_unknown);
            } else {
                CHECK(k.code(known) == errc::outcome_unknown);
            }
        }
}

TEST_CASE("the fingerprint is checked under the tenant's own key", "[known_key]") {
    const known_key k;
    auto known = k.stored(send_state::failed_retryable);
    known.fingerprint_key[31] ^= std::byte{1};
    const auto e = k.settled(known).outcome.error();
    CHECK(e.code == errc::idempotency_key_reused);
    CHECK(e.request_id == "req_1");
    CHECK(e.details == std::vector<error_detail>{{"idempotency_key", "key-1"}});
}
