// T2 and its alternatives: one bill, one reply, behind one fence.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

struct row_counts {
    std::int64_t sends, messages, calls, events;
    bool operator==(const row_counts&) const = default;
};

row_counts count_rows(ledger& l) {
    return {l.number("SELECT count(*) FROM send"), l.number("SELECT count(*) FROM message"),
            l.number("SELECT count(*) FROM provider_call"),
            l.number("SELECT count(*) FROM usage_event")};
}

/// A send whose owner died; what is known of its attempts was stored before.
claim_send doubtful_send(ledger& l, const tenant_world& t) {
    const auto t1 = l.claim_of(t, l.key());
    l.claim(t1);
    l.run(abandon_sends{"own_1", 10, "{\"code\":\"OUTCOME_UNKNOWN\"}", l.now});
    return t1;
}

resolve_send resolution(ledger& l, const claim_send& t1, resolve_decision decision) {
    return {t1.scope,
            t1.key,
            {},
            decision,
            message_id(l.id("msg")),
            "by hand",
            "{}",
            {l.line()},
            "{\"code\":\"PROVIDER_REJECTED\"}",
            l.now};
}

}  // namespace

TEST_CASE("a settle bills once and writes five rows with its claim", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    l.send(t);  // the first of a day also opens its roll-up
    const auto rollups = l.number("SELECT count(*) FROM usage_rollup");
    const auto before = count_rows(l);
    const auto key = l.send(t);
    const auto after = count_rows(l);
    CHECK(after ==
          row_counts{before.sends + 1, before.messages + 2, before.calls + 1, before.events + 1});
    CHECK(l.number("SELECT count(*) FROM usage_rollup") == rollups);
    CHECK(l.number("SELECT messages FROM usage_rollup") == 2);
    CHECK(l.held(t) == 0);
    CHECK(l.spent(t) == 2 * cost_nano);
    const auto found = *l.ask(find_send{t.scope, key}).send;
    CHECK(found.state == send_state::succeeded);
    CHECK(found.reply_message->seq == 4);
    CHECK(found.reply_message->role == message_role::assistant);
    CHECK(found.reply_message->session_id == t.session);
    CHECK(l.violations().empty());
}

TEST_CASE("a bill by known books is the bill by books that are read", "[store]") {
    // Four turns on two days and with two models; the books of each are those after the one before.
    const auto play = [](bool known) {
        ledger l;
        const auto t = l.add_tenant();
        std::vector<active_day> days;
        for (int turn = 0; turn < 4; ++turn) {
            if (turn == 2) l.now = on_day(1);
            const auto t1 = l.claim_of(t, l.key());
            const auto claim = l.claim(t1);
            auto t2 = l.settle_of(t1, claim);
            if (turn % 2 == 1) t2.lines = {l.line("vendorB", "large"), l.line()};
            if (known) t2.books = {claim.session, days};
            auto outcome = l.run(t2);
            CHECK(outcome.reply_seq == 2 * turn + 2);
            days = std::move(outcome.active_days);
        }
        CHECK(days.size() == 2);
        return l.dump();
    };
    CHECK(play(true) == play(false));
}

TEST_CASE("a bill of a call that its owner tells is the bill of one that is read", "[store]") {
    // A route without a model is billed under the name that the provider gives.
    const auto play = [](bool told, const char* model) {
        ledger l;
        const auto t = l.add_tenant();
        auto t1 = l.claim_of(t, l.key());
        t1.first.route.model = model;
        const auto claim = l.claim(t1);
        auto t2 = l.settle_of(t1, claim);
        t2.finished.front().result.model = "small-2026";
        t2.finished.front().result.text = "kept";
        if (*model == '\0') t2.lines = {l.line("vendorA", "small-2026")};
        if (told) t2.open = t1.first;
        CHECK_FALSE(l.run(t2).fenced_off);
        CHECK(l.violations().empty());
        return l.dump();
    };
    CHECK(play(true, "small") == play(false, "small"));
    CHECK(play(true, "") == play(false, ""));
}

TEST_CASE("a call that has a row is not told as an open one", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto t2 = l.settle_of(t1, claim);
    release_calls next{t.scope, t2.fence, {}, {}, l.now};
    REQUIRE_FALSE(l.run(next).fenced_off);
    t2.open = t1.first;
    const auto before = l.dump();
    CHECK(l.run(t2).fenced_off);
    CHECK(l.dump() == before);
    t2.open.reset();
    CHECK_FALSE(l.run(t2).fenced_off);
    CHECK(l.violations().empty());
}

TEST_CASE("books that another bill of the session made old are read", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto doubtful = doubtful_send(l, t);
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    l.now = on_day(1);
    REQUIRE(l.run(resolution(l, doubtful, resolve_decision::succeed)).changed);
    l.now = on_day(0);  // the clock was set back
    auto t2 = l.settle_of(t1, claim);
    t2.books = {claim.session, {}};
    const auto outcome = l.run(t2);
    CHECK_FALSE(outcome.fenced_off);
    CHECK(outcome.reply_seq == 4);
    REQUIRE(outcome.active_days.size() == 1);
    CHECK(outcome.active_days[0].day == std::chrono::floor<std::chrono::days>(on_day(1)));
    CHECK(l.violations().empty());
}

TEST_CASE("a settle behind the fence writes nothing", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto t2 = l.settle_of(t1, claim);

    if (GENERATE(false, true)) t2.open = t1.first;

    SECTION("another owner") { t2.fence.owner = "own_2"; }
    SECTION("another epoch") { t2.fence.epoch = 2; }
    SECTION("another send") { t2.fence.send = send_id("snd_none"); }
    SECTION("settled already") { REQUIRE_FALSE(l.run(l.settle_of(t1, claim)).fenced_off); }
    SECTION("abandoned") { l.run(abandon_sends{"own_1", 10, "{}", l.now}); }
    SECTION("another tenant's scope") { t2.scope = l.add_tenant("B").scope; }

    const auto before = l.dump();
    CHECK(l.run(t2).fenced_off);
    CHECK(l.dump() == before);
    CHECK(l.violations().empty());
}

TEST_CASE("a late result is spend and never a bill", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = doubtful_send(l, t);
    CHECK(l.number("SELECT cost_nano_usd FROM provider_call WHERE basis = 3") == hold_nano);
    l.run(record_late_calls{t.scope, t1.send, 1, {l.answered()}, l.now});
    CHECK(l.number("SELECT cost_nano_usd FROM provider_call WHERE duplicate = 1") == cost_nano);
    CHECK(l.state_of(t, t1.key) == send_state::unknown);
    CHECK(l.spent(t) == 0);

    SECTION("until it is made the bill by hand") {
        CHECK(l.run(resolution(l, t1, resolve_decision::succeed)).changed);
        CHECK(l.number("SELECT count(*) FROM provider_call WHERE duplicate = 1") == 0);
        CHECK(l.spent(t) == cost_nano);
    }
    SECTION("also when the send succeeds later") {
        auto again = l.claim_of(t, t1.key);
        again.recover_unknown = true;
        l.run(l.settle_of(again, l.claim(again)));
        CHECK(l.spent(t) == cost_nano);
        const auto spend = l.ask(read_spend{t.scope, day_number(0), day_number(0), {}}).report;
        CHECK(spend.bill.nano_usd() == cost_nano);
        CHECK(spend.spend.nano_usd() == 2 * cost_nano);
    }
    SECTION("and cannot touch a billed attempt") {
        const auto key = l.send(t);
        const auto before = l.dump();
        l.run(record_late_calls{
            t.scope, l.ask(find_send{t.scope, key}).send->id, 1, {l.refused()}, l.now});
        CHECK(l.dump() == before);
    }
    SECTION("and never enter the row of a later run that took their number") {
        // The first run's second attempt was never released; the second run's first has its number.
        const auto first = l.claim_of(t, l.key());
        const auto run = l.claim(first);
        l.run(fail_send{t.scope,
                        {first.key, run.send, "own_1", 1},
                        send_state::failed_retryable,
                        "{}",
                        {l.refused(0)},
                        l.now});
        REQUIRE(l.claim(l.claim_of(t, first.key)).first_attempt == 1);
        const auto before = l.dump();
        l.run(record_late_calls{t.scope, run.send, 1, {l.refused(1)}, l.now});
        CHECK(l.dump() == before);
    }
    CHECK(l.violations().empty());
}

TEST_CASE("a late refusal takes the doubt away", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = doubtful_send(l, t);
    l.run(record_late_calls{t.scope, t1.send, 1, {l.refused()}, l.now});
    CHECK(l.state_of(t, t1.key) == send_state::failed_retryable);
    CHECK(l.violations().empty());
}

TEST_CASE("a failure releases the hold and bills nothing", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    const auto state =
        GENERATE(send_state::failed_final, send_state::failed_retryable, send_state::unknown);
    fail_send failure{t.scope, {t1.key, claim.send, "own_1", 1}, state, "{\"code\":\"Y\"}", {},
                      l.now};
    failure.fence.epoch = 3;
    CHECK(l.run(failure).fenced_off);
    failure.fence.epoch = 1;
    CHECK_FALSE(l.run(failure).fenced_off);
    CHECK(l.state_of(t, t1.key) == state);
    CHECK(l.held(t) == 0);
    CHECK(l.spent(t) == 0);
    // Nobody said what became of the attempt.
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE class = 5 AND basis = 3") == 1);
    CHECK(l.violations().empty());
}

TEST_CASE("retries and a fallback end in one bill", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    released_attempt next{{}, {"vendorB", ""}, l.price, l.now};
    next.key.attempt = 1;
    l.run(release_calls{t.scope, {t1.key, claim.send, "own_1", 1}, {l.refused()}, {next}, l.now});
    auto t2 = l.settle_of(t1, claim);
    t2.finished = {l.answered(1)};
    t2.finished[0].result.model = "vendor-b-1";  // the route names none
    t2.lines = {l.line("vendorB", "vendor-b-1")};
    CHECK_FALSE(l.run(t2).fenced_off);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE billable = 1") == 1);
    CHECK(l.violations().empty());
}

TEST_CASE("answers stored on the way are billed with the last one", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    released_attempt second{{}, {"vendorA", "small"}, l.price, l.now};
    released_attempt third{{}, {"vendorA", "large"}, l.price, l.now};
    second.key.round = third.key.seat = 1;
    l.run(release_calls{
        t.scope, {t1.key, claim.send, "own_1", 1}, {l.answered()}, {second, third}, l.now});
    l.now = on_day(1);
    auto t2 = l.settle_of(t1, claim);
    t2.finished = {l.answered(), l.answered()};
    t2.finished[0].key.round = t2.finished[1].key.seat = 1;
    auto both = l.line();
    both.tokens += both.tokens;
    *both.cost += *both.cost;
    t2.lines = {both, l.line("vendorA", "large")};
    CHECK_FALSE(l.run(t2).fenced_off);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE billable = 1") == 3);
    CHECK(l.spent(t) == 3 * cost_nano);
    const auto rows = l.ask(read_rollup{t.scope, day_number(1), day_number(1)}).rows;
    const auto report = metering::fold({}, rows, {});
    CHECK(report.totals.messages == 1);
    CHECK(report.by_provider.at(0).messages == 1);
    CHECK(report.by_model.size() == 2);
    CHECK(l.violations().empty());
}

TEST_CASE("an unpriced model costs null, not nothing", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    auto t1 = l.claim_of(t, l.key());
    t1.first.price.reset();
    t1.hold = money();
    auto t2 = l.settle_of(t1, l.claim(t1));
    t2.finished[0].cost.reset();
    t2.finished[0].basis = conclave::store::cost_basis::unpriced;
    t2.lines[0].cost.reset();
    t2.lines[0].price.reset();
    l.run(t2);
    const auto events =
        l.ask(list_usage_events{t.scope, day_number(0), day_number(0), {}}).events.items;
    REQUIRE(events.size() == 1);
    CHECK_FALSE(events[0].cost);
    CHECK(l.ask(read_rollup{t.scope, day_number(0), day_number(0)}).rows.at(0).unpriced_tokens ==
          112);
    CHECK(l.violations().empty());
}

TEST_CASE("a doubtful send is settled by hand", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = doubtful_send(l, t);

    SECTION("retry makes it run again") {
        const auto outcome = l.run(resolution(l, t1, resolve_decision::retry));
        CHECK(outcome.changed);
        CHECK(l.state_of(t, t1.key) == send_state::failed_retryable);
        l.claim(l.claim_of(t, t1.key));
    }
    SECTION("fail is final") {
        auto by_id = resolution(l, t1, resolve_decision::fail);
        by_id.key.reset();
        by_id.send = t1.send;
        CHECK(l.run(by_id).state == send_state::failed_final);
        CHECK(l.ask(find_send{t.scope, t1.key}).send->error_document ==
              "{\"code\":\"PROVIDER_REJECTED\"}");
    }
    SECTION("succeed writes T2 and turns exposure into cost") {
        const auto outcome = l.run(resolution(l, t1, resolve_decision::succeed));
        CHECK(outcome.state == send_state::succeeded);
        CHECK(l.spent(t) == cost_nano);
        CHECK(l.ask(find_send{t.scope, t1.key}).send->reply_message->content == "by hand");
        CHECK(l.number("SELECT count(*) FROM provider_call WHERE basis = 3") == 0);
        // Once is enough.
        const auto before = l.dump();
        CHECK_FALSE(l.run(resolution(l, t1, resolve_decision::succeed)).changed);
        CHECK(l.dump() == before);
    }
    SECTION("succeed needs an attempt that may have run there") {
        auto elsewhere = resolution(l, t1, resolve_decision::succeed);
        elsewhere.lines = {l.line("vendorB", "small")};
        const auto before = l.dump();
        const auto outcome = l.run(elsewhere);
        CHECK(outcome.found);
        CHECK_FALSE(outcome.changed);
        CHECK(l.dump() == before);
    }
    SECTION("succeed takes an answer that came too late") {
        l.run(record_late_calls{t.scope, t1.send, 1, {l.answered()}, l.now});
        CHECK(l.run(resolution(l, t1, resolve_decision::succeed)).changed);
        CHECK(l.number("SELECT count(*) FROM provider_call WHERE duplicate = 1") == 0);
    }
    SECTION("an unknown key or id is not found") {
        auto other = resolution(l, t1, resolve_decision::fail);
        other.key = l.key();
        CHECK_FALSE(l.run(other).found);
        other.key.reset();
        other.send = send_id("snd_none");
        CHECK_FALSE(l.run(other).found);
    }
    CHECK(l.violations().empty());
}

TEST_CASE("an answer that was cut on request is billed, its text kept once", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto t2 = l.settle_of(t1, claim);
    auto& cut = t2.finished.at(0);
    cut.result.outcome = call_class::partial;
    cut.result.text = t2.content;
    cut.cut = true;
    t2.status = message_status::aborted;
    REQUIRE_FALSE(l.run(t2).fenced_off);
    CHECK(l.spent(t) == cost_nano);
    CHECK(l.number("SELECT billable FROM provider_call WHERE class = 6") == 1);
    CHECK(l.number("SELECT status FROM message WHERE role = 2") == 1);
    CHECK(l.violations().empty());
}

TEST_CASE("what an attempt gave before it broke off stays with it until it is erased", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    auto broken = l.refused();
    broken.result.outcome = call_class::partial;
    broken.result.text = "Hel";
    broken.basis = conclave::store::cost_basis::exposure;
    fail_send failure{t.scope,
                      {t1.key, claim.send, t1.owner, claim.epoch},
                      send_state::failed_retryable,
                      "{}",
                      {broken},
                      l.now};
    REQUIRE_FALSE(l.run(failure).fenced_off);
    CHECK(l.number("SELECT count(*) FROM call_text WHERE text = 'Hel' AND attempt = 0") == 1);
    CHECK(l.violations().empty());
    SECTION("also when it is told again") {
        l.run(record_late_calls{t.scope, claim.send, claim.epoch, {broken}, l.now});
        CHECK(l.number("SELECT count(*) FROM call_text") == 1);
        CHECK(l.violations().empty());
    }
    SECTION("a forged text is seen") {
        l.tamper("UPDATE call_text SET send_id = 99");
        CHECK(l.violations().find("I16") != std::string::npos);
    }
    SECTION("with its session") {
        l.run(update_session{t.scope, t.session, {}, session_status::deleted, l.now});
        CHECK(l.number("SELECT count(*) FROM call_text") == 0);
    }
    SECTION("with its tenant, and nobody else's") {
        const auto other = l.add_tenant("B");
        l.run(update_tenant{other.scope, {}, tenant_status::deleted, l.now});
        CHECK(l.number("SELECT count(*) FROM call_text") == 1);
        l.run(update_tenant{t.scope, {}, tenant_status::deleted, l.now});
        CHECK(l.number("SELECT count(*) FROM call_text") == 0);
    }
}

namespace {

/// A run of two rounds: the first answered and stored, the second released.
claim_send::claimed run_round(ledger& l, const claim_send& t1) {
    const auto claim = l.claim(t1);
    release_calls next{t1.scope,
                       {t1.key, claim.send, t1.owner, claim.epoch},
                       {l.answered(claim.first_attempt)},
                       {{{"answer", 0, 1, claim.first_attempt + 1}, t1.first.route, {}, l.now}},
                       l.now};
    next.released[0].price = t1.first.price;
    REQUIRE_FALSE(l.run(next).fenced_off);
    return claim;
}

/// Ends it with both rounds on one line.
settle_send settle_round(ledger& l, const claim_send& t1, const claim_send::claimed& claim) {
    auto t2 = l.settle_of(t1, claim);
    t2.has_earlier_results = true;
    t2.finished = {l.answered(claim.first_attempt + 1)};
    t2.finished[0].key.round = 1;
    t2.lines[0].tokens += t2.lines[0].tokens;
    *t2.lines[0].cost += *t2.lines[0].cost;
    return t2;
}

}  // namespace

TEST_CASE("a bill has the rounds of its own run alone", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    const auto lost = run_round(l, t1);
    CHECK(l.spent(t) == 0);
    CHECK(l.violations().empty());
    l.run(abandon_sends{"own_1", 10, "{}", l.now});

    auto again = l.claim_of(t, t1.key);
    again.recover_unknown = true;
    again.session_next_seq = 2;
    const auto claim = run_round(l, again);
    CHECK(claim.first_attempt == lost.first_attempt + 2);  // above all rounds
    REQUIRE_FALSE(l.run(settle_round(l, again, claim)).fenced_off);
    CHECK(l.spent(t) == 2 * cost_nano);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE class = 0") == 3);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE billable = 1") == 2);
    CHECK(l.violations().empty());
}

TEST_CASE("by hand a send is billed for one of its calls, whatever its rounds were", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto t1 = l.claim_of(t, l.key());
    run_round(l, t1);
    l.run(abandon_sends{"own_1", 10, "{}", l.now});
    CHECK(l.run(resolution(l, t1, resolve_decision::succeed)).changed);
    CHECK(l.spent(t) == cost_nano);
    CHECK(l.number("SELECT count(*) FROM provider_call WHERE billable = 1") == 1);
    CHECK(l.violations().empty());
}
