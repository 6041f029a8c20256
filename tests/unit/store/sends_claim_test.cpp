// T1: who may run, what a run writes, what a refusal leaves.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;
using verdict = claim_send::verdict;

namespace {

/// Ends a claimed run without an answer.
fail_send failure_of(const claim_send& t1, const claim_send::claimed& claim, send_state state,
                     std::vector<finished_attempt> finished = {}) {
    return {t1.scope,
            {t1.key, claim.send, t1.owner, claim.epoch},
            state,
            "{\"code\":\"X\"}",
            std::move(finished),
            t1.now};
}

/// A claim that is refused and leaves the ledger as it was.
verdict refusal(ledger& l, const claim_send& t1) {
    const auto before = l.dump();
    const auto what = l.run(t1).what;
    CHECK(l.dump() == before);
    return what;
}

}  // namespace

TEST_CASE("a first claim writes the key, the message, the attempt and the hold", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    CHECK(claim.send == t1.send);
    CHECK(claim.epoch == 1);
    CHECK(claim.user_seq == 1);
    CHECK(claim.first_attempt == 0);
    CHECK(l.held(t) == hold_nano);
    const auto found = *l.ask(find_send{t.scope, t1.key}).send;
    CHECK(found.state == send_state::dispatching);
    CHECK(found.fingerprint == t1.fingerprint);
    CHECK(found.owner == owner_ref{"own_1", 1, 100, 7});
    CHECK(found.attempts == 1);
    CHECK(found.request == t1.request);
    CHECK_FALSE(found.reply_message);
    const auto transcript = l.ask(read_transcript{t.scope, t.session});
    REQUIRE(transcript.messages.size() == 1);
    CHECK(transcript.messages[0].content == "question");
    CHECK(l.violations().empty());
}

TEST_CASE("a claim is refused without a trace", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto t1 = l.claim_of(t, l.key());

    SECTION("unknown tenant") {
        t1.scope = tenant_scope(tenant_id("tnt_none"));
        CHECK(refusal(l, t1) == verdict::tenant_missing);
    }
    SECTION("suspended and deleted tenant") {
        l.run(update_tenant{t.scope, {}, tenant_status::suspended, l.now});
        CHECK(refusal(l, t1) == verdict::tenant_suspended);
        l.run(update_tenant{t.scope, {}, tenant_status::deleted, l.now});
        CHECK(refusal(l, t1) == verdict::tenant_missing);
    }
    SECTION("unknown, deleted and closed session") {
        t1.session = session_id("ses_none");
        CHECK(refusal(l, t1) == verdict::session_missing);
        t1.session = t.session;
        l.run(update_session{t.scope, t.session, {}, session_status::closed, l.now});
        CHECK(refusal(l, t1) == verdict::session_closed);
        l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now});
        CHECK(refusal(l, t1) == verdict::session_missing);
    }
    SECTION("deleted agent") {
        l.run(delete_agent{t.scope, t.agent, l.now});
        CHECK(refusal(l, t1) == verdict::agent_missing);
    }
    SECTION("agent or session moved on") {
        t1.agent_version = 2;
        CHECK(refusal(l, t1) == verdict::changed);
        t1.agent_version = 1;
        t1.agent = agent_id("agt_other");
        CHECK(refusal(l, t1) == verdict::changed);
        t1.agent = t.agent;
        t1.session_next_seq = 2;
        CHECK(refusal(l, t1) == verdict::changed);
    }
    SECTION("another turn in progress") {
        const auto other = l.claim_of(t, l.key());
        l.claim(other);
        const auto outcome = l.run(l.claim_of(t, l.key()));
        CHECK(outcome.what == verdict::session_busy);
        CHECK(outcome.existing->id == other.send);
        CHECK(l.number("SELECT count(*) FROM send") == 1);
    }
}

TEST_CASE("a known key that must not run is returned", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto again = l.claim_of(t, t1.key);
    again.recover_unknown = true;

    SECTION("dispatching, also of the same owner") {
        CHECK(refusal(l, again) == verdict::existing);
        again.owner = "own_2";
        CHECK(refusal(l, again) == verdict::existing);
    }
    SECTION("succeeded, with its reply") {
        l.run(l.settle_of(t1, claim));
        const auto outcome = l.run(again);
        CHECK(outcome.what == verdict::existing);
        CHECK(outcome.existing->state == send_state::succeeded);
        REQUIRE(outcome.existing->reply_message);
        CHECK(outcome.existing->reply_message->content == "answer");
        CHECK(outcome.existing->reply_metadata == "{\"finish_reason\":\"stop\"}");
    }
    SECTION("failed_final") {
        l.run(failure_of(t1, claim, send_state::failed_final, {l.refused()}));
        CHECK(refusal(l, again) == verdict::existing);
        CHECK(l.ask(find_send{t.scope, t1.key}).send->error_document == "{\"code\":\"X\"}");
    }
    SECTION("unknown, unless told to recover") {
        l.run(failure_of(t1, claim, send_state::unknown));
        again.recover_unknown = false;
        CHECK(refusal(l, again) == verdict::existing);
    }
    SECTION("another fingerprint, whatever the state") {
        l.run(failure_of(t1, claim, send_state::failed_retryable, {l.refused()}));
        again.fingerprint = digest_of(8);
        CHECK(refusal(l, again) == verdict::existing);
    }
    CHECK(l.violations().empty());
}

TEST_CASE("a re-run keeps its message, counts on and takes a new hold", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto again = l.claim_of(t, t1.key);
    again.hold = money::from_nano_usd(7);

    SECTION("failed_retryable") {
        l.run(failure_of(t1, claim, send_state::failed_retryable, {l.refused()}));
    }
    SECTION("unknown under recover") {
        l.run(abandon_sends{"own_1", 10, "{}", l.now});
        again.owner = "own_2";
        again.recover_unknown = true;
    }

    const auto second = l.claim(again);
    CHECK(second.send == t1.send);
    CHECK(second.epoch == 2);
    CHECK(second.user_seq == claim.user_seq);
    CHECK(second.first_attempt == 1);
    CHECK(l.held(t) == 7);
    CHECK(l.number("SELECT count(*) FROM message") == 1);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE finished_at IS NULL") == 1);
    CHECK_FALSE(l.run(l.settle_of(again, second)).fenced_off);
    CHECK(l.run(l.settle_of(t1, claim)).fenced_off);
    CHECK(l.held(t) == 0);
    CHECK(l.spent(t) == cost_nano);
    CHECK(l.violations().empty());
}

TEST_CASE("a re-run waits for the session like any other turn", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    l.run(failure_of(t1, l.claim(t1), send_state::failed_retryable, {l.refused()}));
    l.claim(l.claim_of(t, l.key()));
    CHECK(refusal(l, l.claim_of(t, t1.key)) == verdict::session_busy);
}

TEST_CASE("the same key of two tenants stands for two sends", "[store]") {
    ledger l;
    const auto a = l.add_tenant("A");
    const auto b = l.add_tenant("B");
    const auto key = l.key();
    const auto first = l.claim(l.claim_of(a, key));
    const auto second = l.claim(l.claim_of(b, key));
    CHECK(first.send != second.send);
    CHECK(l.violations().empty());
}

TEST_CASE("later attempts are committed before they leave, within the fence", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    release_calls release{t.scope,
                          {t1.key, claim.send, "own_1", 1},
                          {l.refused()},
                          {{{}, {"vendorB", ""}, {}, l.now}},
                          l.now};
    release.released[0].key.attempt = 1;

    SECTION("by owner") {
        release.fence.owner = "own_2";
        CHECK(l.run(release).fenced_off);
    }
    SECTION("by epoch") {
        release.fence.epoch = 2;
        CHECK(l.run(release).fenced_off);
    }
    SECTION("by state") {
        l.run(failure_of(t1, claim, send_state::failed_retryable, {l.refused()}));
        CHECK(l.run(release).fenced_off);
    }
    SECTION("let through") {
        CHECK_FALSE(l.run(release).fenced_off);
        const auto found = l.ask(find_unknown_send{t.scope, t1.key, {}});
        CHECK(found.send->attempts == 2);
        REQUIRE(found.attempts.size() == 2);
        CHECK(found.attempts[0].price == l.price);
        CHECK(found.attempts[1].route == route{"vendorB", ""});
        CHECK_FALSE(found.attempts[1].price);
        return;
    }
    CHECK(l.number("SELECT attempts FROM send") == 1);
}

TEST_CASE("the first call lies in its send's row until it has a result or a follower", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    const auto rows = [&] { return l.number("SELECT count(*) FROM provider_call"); };
    const auto open = [&] { return l.number("SELECT count(open_at) FROM send"); };
    CHECK(rows() == 0);
    CHECK(open() == 1);
    CHECK(l.number("SELECT count(*) FROM send WHERE open_provider = 'vendorA'") == 1);
    CHECK(l.violations().empty());

    SECTION("a follower") {
        release_calls release{t.scope, {t1.key, claim.send, "own_1", 1}, {}, {}, l.now};
        l.run(release);
        CHECK(l.number("SELECT count(*) FROM provider_call WHERE finished_at IS NULL") == 1);
    }
    SECTION("a result") { l.run(l.settle_of(t1, claim)); }
    SECTION("none, and then a failure") {
        l.run(failure_of(t1, claim, send_state::failed_retryable, {}));
        CHECK(l.number("SELECT count(*) FROM provider_call WHERE class = 5") == 1);
    }
    CHECK(rows() == 1);
    CHECK(open() == 0);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE provider = 'vendorA' AND epoch = 1"
                   " AND released_at > 0") == 1);
    CHECK(l.violations().empty());
}
