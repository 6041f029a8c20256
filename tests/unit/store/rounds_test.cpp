// Rounds of sends: stored before tools run, gone on behind by later runs, billed once.
#include "store/rounds.hpp"

#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

send_round a_round(tool_state state = tool_state::begun) {
    send_round r;
    r.text = "Wait.";
    r.keepsake = "signed \x01";
    r.calls = {{{"c1", "clock", "{\"zone\":\"UTC\"}"}, true, state},
               {{"c2", "pay", "oops"}, false, tool_state::failed, "Error: no", {}, 0}};
    return r;
}

send_round ended() {
    auto r = a_round(tool_state::done);
    r.calls[0].content = "noon";
    r.calls[0].sources = {{"Sundial", "https://example.org", "It \"is\" noon."}};
    r.calls[0].duration_ms = 12;
    return r;
}

struct bench {
    ledger l;
    tenant_world t = l.add_tenant();

    conclave::store::release_calls release(const claim_send& t1, const claim_send::claimed& claim) {
        return {t1.scope, {t1.key, claim.send, t1.owner, claim.epoch}, {}, {}, l.now};
    }
    /// A run whose first answer asks for tools, as far as `round` says.
    claim_send::claimed ask(const claim_send& t1, send_round round) {
        const auto claim = l.claim(t1);
        auto note = release(t1, claim);
        note.finished = {l.answered(claim.first_attempt)};
        round.attempt = claim.first_attempt;
        note.round = std::move(round);
        REQUIRE_FALSE(l.run(note).fenced_off);
        return claim;
    }
    std::vector<stored_round> rounds(const send_key& key) {
        return l.ask(prepare_send{t.scope, key, t.session}).rounds;
    }
    claim_send again(const claim_send& t1) {
        auto next = l.claim_of(t, t1.key);
        next.recover_unknown = true;
        next.session_next_seq = 2;
        next.first.key.round = 1;
        return next;
    }
    void crash() { l.run(abandon_sends{"own_1", 10, "{}", l.now}); }
    void require_sound() {
        INFO(l.violations());
        CHECK(l.violations().empty());
    }
};

}  // namespace

TEST_CASE("a round is read as it was written, with what its answer took", "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    const auto claim = b.ask(t1, a_round());
    auto stored = b.rounds(t1.key);
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].round == a_round());
    CHECK(stored[0].answer.provider == "vendorA");
    CHECK(stored[0].answer.model == "small");
    CHECK(stored[0].answer.tokens == b.l.line().tokens);
    CHECK(stored[0].answer.cost == b.l.line().cost);
    CHECK(stored[0].answer.price == b.l.line().price);
    CHECK_FALSE(stored[0].answer.estimated);

    auto next = b.release(t1, claim);
    next.round = ended();
    b.l.run(next);
    stored = b.rounds(t1.key);
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].round == ended());
    b.require_sound();
}

TEST_CASE("an overtaken run writes no round", "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    const auto claim = b.l.claim(t1);
    b.crash();
    auto note = b.release(t1, claim);
    note.round = a_round();
    CHECK(b.l.run(note).fenced_off);
    CHECK(b.rounds(t1.key).empty());
    fail_send failure{t1.scope, note.fence, send_state::failed_retryable, "{}", {},
                      b.l.now,  a_round()};
    CHECK(b.l.run(failure).fenced_off);
    CHECK(b.rounds(t1.key).empty());
}

TEST_CASE("a run that goes on behind a round bills its answer exactly once", "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    const auto first = b.ask(t1, ended());
    b.crash();
    CHECK(b.l.spent(b.t) == 0);
    b.require_sound();

    const auto t1_again = b.again(t1);
    const auto claim = b.l.claim(t1_again);
    CHECK(claim.first_attempt == first.first_attempt + 1);
    // The first owner was not dead: what it still has to say takes nothing away.
    record_late_calls late{t1.scope, first.send, first.epoch, {b.l.answered()}, b.l.now};
    b.l.run(late);
    auto t2 = b.l.settle_of(t1_again, claim);
    t2.finished[0].key.round = 1;
    t2.lines[0].tokens += t2.lines[0].tokens;
    *t2.lines[0].cost += *t2.lines[0].cost;
    REQUIRE_FALSE(b.l.run(t2).fenced_off);
    CHECK(b.l.spent(b.t) == 2 * cost_nano);
    CHECK(b.l.number("SELECT count(*) FROM provider_call WHERE billable = 1") == 2);
    b.require_sound();
}

TEST_CASE("a run may begin with tools and release no call", "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    b.ask(t1, a_round());
    b.crash();
    auto next = b.again(t1);
    next.tools_first = a_round();
    const auto claim = b.l.claim(next);
    CHECK(claim.first_attempt == 1);
    CHECK(b.l.number("SELECT count(*) FROM provider_call") == 1);
    CHECK(b.l.number("SELECT attempts FROM send") == 1);
    b.require_sound();
}

TEST_CASE("a claim that does not know of the key's last run is told to read again",
          "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    b.ask(t1, ended());
    b.crash();
    auto blind = b.again(t1);
    blind.known_epoch = 0;
    CHECK(b.l.run(blind).what == claim_send::verdict::changed);
    CHECK(b.l.run(b.again(t1)).what == claim_send::verdict::claimed);
}

TEST_CASE("a failed run keeps what its tools gave", "[store][rounds]") {
    bench b;
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    const auto claim = b.ask(t1, a_round());
    b.l.run(fail_send{t1.scope,
                      {t1.key, claim.send, t1.owner, claim.epoch},
                      send_state::failed_retryable,
                      "{}",
                      {},
                      b.l.now,
                      ended()});
    REQUIRE(b.rounds(t1.key).size() == 1);
    CHECK(b.rounds(t1.key)[0].round == ended());
    b.require_sound();
}

TEST_CASE("by hand calls are allowed again, or their rounds forgotten", "[store][rounds]") {
    for (const auto decision :
         {resolve_decision::retry, resolve_decision::succeed, resolve_decision::fail}) {
        bench b;
        const auto t1 = b.l.claim_of(b.t, b.l.key());
        b.ask(t1, a_round());
        b.crash();
        resolve_send by_hand{t1.scope,  t1.key, {}, decision, message_id("msg_h"),
                             "by hand", "{}",   {}, "{}",     b.l.now};
        if (decision == resolve_decision::succeed) by_hand.lines = {b.l.line()};
        REQUIRE(b.l.run(by_hand).changed);
        const auto calls = [&](const std::string& which) {
            return b.l.number("SELECT count(*) FROM tool_call WHERE " + which);
        };
        CHECK(calls("state = 3") == (decision == resolve_decision::retry ? 1 : 0));
        CHECK(calls("1") == (decision == resolve_decision::succeed ? 0 : 2));
        b.require_sound();
    }
}

TEST_CASE("rounds go with their content, and nobody else's", "[store][rounds]") {
    bench b;
    const auto other = b.l.add_tenant("B");
    const auto theirs = b.l.claim_of(other, b.l.key());
    b.ask(theirs, ended());
    const auto t1 = b.l.claim_of(b.t, b.l.key());
    const auto claim = b.ask(t1, ended());
    const auto counts = [&] {
        return b.l.number("SELECT count(*) FROM send_round") * 10 +
               b.l.number("SELECT count(*) FROM tool_call");
    };
    CHECK(counts() == 24);
    SECTION("with their session") {
        b.l.run(update_session{b.t.scope, b.t.session, {}, session_status::deleted, b.l.now});
    }
    SECTION("with their tenant") {
        b.l.run(update_tenant{b.t.scope, {}, tenant_status::deleted, b.l.now});
    }
    SECTION("with the stored reply") {
        auto t2 = b.l.settle_of(t1, claim);
        t2.finished.clear();
        REQUIRE_FALSE(b.l.run(t2).fenced_off);
        b.l.run(purge_replies{b.l.now + std::chrono::milliseconds(1)});
    }
    CHECK(counts() == 12);
    b.require_sound();
}
