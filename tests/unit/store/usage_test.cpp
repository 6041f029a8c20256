// Bills: roll-ups against events, distinct sessions against brute force, pages, spend.
#include "ledger_fixture.hpp"
#include "metering/price.hpp"
#include "unit/test_seed.hpp"

#include <map>
#include <random>
#include <set>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

struct billed {
    session_id session;
    agent_id agent;
    usage_event event;
    date day{};
};

usage_rollup report(ledger& l, const tenant_world& t, date from, date to) {
    const auto a = l.ask(read_rollup{t.scope, from, to});
    REQUIRE(a.tenant_found);
    return metering::fold({from, to}, a.rows, a.sessions, 1'000);
}

/// All events of a range, gathered page by page.
std::vector<usage_event> events_of(ledger& l, const tenant_world& t, date from, date to,
                                   std::int64_t limit) {
    std::vector<usage_event> events;
    page_request page{limit, {}};
    do {
        auto next = l.ask(list_usage_events{t.scope, from, to, page}).events;
        CHECK(next.items.size() <= static_cast<std::size_t>(limit));
        events.insert(events.end(), next.items.begin(), next.items.end());
        page.cursor = next.next_cursor;
    } while (page.cursor);
    return events;
}

/// A scope of the report counted the slow way, from events.
struct slow_totals {
    std::set<std::string> sessions, messages;
    std::int64_t tokens = 0, cost = 0, unpriced = 0;

    void add(const usage_event& e) {
        sessions.insert(e.session_id.str());
        messages.insert(e.message_id.str());
        tokens += e.tokens.total();
        cost += e.cost ? e.cost->nano_usd() : 0;
        unpriced += e.cost ? 0 : e.tokens.total();
    }
    void check(const usage_totals& u) const {
        CHECK(u.sessions == static_cast<std::int64_t>(sessions.size()));
        CHECK(u.messages == static_cast<std::int64_t>(messages.size()));
        CHECK(u.tokens_total == tokens);
        CHECK(u.cost.nano_usd() == cost);
        CHECK(u.unpriced_tokens == unpriced);
    }
};

void check_against_events(const usage_rollup& r, const std::vector<usage_event>& events) {
    slow_totals all;
    std::map<std::string, slow_totals> providers, models, agents;
    for (const auto& e : events) {
        all.add(e);
        providers[e.provider].add(e);
        models[e.provider + "/" + e.model].add(e);
        agents[e.agent_id.str()].add(e);
    }
    all.check(r.totals);
    CHECK(r.by_provider.size() == providers.size());
    for (const auto& p : r.by_provider) providers[p.provider].check(p);
    CHECK(r.by_model.size() == models.size());
    for (const auto& m : r.by_model) models[m.provider + "/" + m.model].check(m);
    CHECK(r.top_agents_by_cost.size() == agents.size());
    for (const auto& a : r.top_agents_by_cost) agents[a.agent_id.str()].check(a);
}

/// Sends with one to three lines over random models, at random times.
class random_sends {
   public:
    random_sends(ledger& l, std::uint64_t seed) : l_(l), random_(seed) {}

    int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

    void send(const tenant_world& t) {
        auto t1 = l_.claim_of(t, l_.key());
        const auto claim = l_.claim(t1);
        auto t2 = l_.settle_of(t1, claim);
        t2.finished.clear();
        t2.lines.clear();
        release_calls more{t.scope, t2.fence, {}, {}, l_.now};
        const int lines = 1 + below(3);
        for (int i = 0; i < lines; ++i) add_line(t1, t2, more, i);
        if (!more.released.empty()) REQUIRE_FALSE(l_.run(more).fenced_off);
        REQUIRE_FALSE(l_.run(t2).fenced_off);
    }

   private:
    void add_line(const claim_send& t1, settle_send& t2, release_calls& more, int number) {
        static const char* const models[3][2] = {
            {"vendorA", "small"}, {"vendorA", "large"}, {"vendorB", "small"}};
        const auto* model = models[number == 0 ? 0 : (number == 1 ? 1 + below(2) : 3 - picked_)];
        if (number == 1) picked_ = model[1] == std::string("large") ? 1 : 2;
        auto line = l_.line(model[0], model[1]);
        line.tokens = {below(1'000), 0, 0, below(1'000), 0};
        metering::price price;
        price.blended = 2'000'000;  // the fixture's
        line.cost = *metering::cost(price, line.tokens);
        auto finished = l_.answered();
        finished.key.seat = number;
        finished.result.usage = line.tokens;
        if (number > 0) {
            released_attempt r{finished.key, {model[0], model[1]}, t1.first.price, l_.now};
            if (number == 2) {
                r.price.reset();
                line.price.reset();
                line.cost.reset();
            }
            more.released.push_back(r);
        }
        finished.cost = line.cost;
        t2.finished.push_back(finished);
        t2.lines.push_back(line);
    }

    ledger& l_;
    std::mt19937_64 random_;
    int picked_ = 1;
};

}  // namespace

TEST_CASE("the first bill of the vocalbridge system", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    l.send(t);
    CHECK(report(l, t, day_number(0), day_number(0)).totals.cost.to_usd_string() == "0.000224");
}

TEST_CASE("roll-ups equal events over days, clock steps and tenants", "[store]") {
    const auto seed = conclave::test::test_seed();
    INFO("seed " << seed);
    ledger l;
    random_sends sends(l, seed);
    std::vector<tenant_world> tenants;
    std::vector<std::vector<session_id>> sessions(2);
    for (auto& list : sessions) {
        tenants.push_back(l.add_tenant());
        list.push_back(tenants.back().session);
        for (int i = 0; i < 7; ++i) list.push_back(l.add_session(tenants.back()));
    }
    for (int i = 0; i < 400; ++i) {
        // Mostly forwards, at times over a border of days, at times back.
        l.now += std::chrono::minutes(sends.below(90));
        if (sends.below(20) == 0) l.now += std::chrono::hours(24 * sends.below(4));
        if (sends.below(20) == 0) l.now -= std::chrono::hours(sends.below(40));
        const auto who = static_cast<std::size_t>(sends.below(2));
        auto t = tenants[who];
        t.session = sessions[who][static_cast<std::size_t>(sends.below(8))];
        sends.send(t);
    }
    CHECK(l.violations().empty());
    const auto first = day_number(-30);
    for (const auto& t : tenants) {
        std::int64_t by_days = 0;
        for (int i = 0; i < 12; ++i) {
            const auto from = first + std::chrono::days(sends.below(30));
            const auto to = from + std::chrono::days(sends.below(20));
            const auto r = report(l, t, from, to);
            check_against_events(r, events_of(l, t, from, to, 1 + sends.below(40)));
            for (const auto& d : r.by_day) {
                const auto day = report(l, t, d.day, d.day);
                CHECK(usage_totals(d) == day.totals);
            }
        }
        const auto all = report(l, t, first, day_number(3'000));
        for (const auto& d : all.by_day) by_days += d.cost.nano_usd();
        CHECK(by_days == l.spent(t));
        CHECK(all.totals.cost.nano_usd() == l.spent(t));
    }
}

TEST_CASE("a month of roll-ups is read without its events", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    for (int day = 0; day < 3; ++day) {
        l.now = on_day(day);
        l.send(t);
    }
    const auto before = report(l, t, day_number(0), day_number(2));
    l.tamper("DELETE FROM usage_event");
    CHECK(report(l, t, day_number(0), day_number(2)) == before);
    CHECK(before.totals.sessions == 1);
    CHECK(before.by_day.size() == 3);
}

TEST_CASE("events are listed newest first and any cursor is harmless", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    for (int day = 0; day < 5; ++day) {
        l.now = on_day(day);
        l.send(t);
    }
    const auto events = events_of(l, t, day_number(1), day_number(3), 2);
    REQUIRE(events.size() == 3);
    CHECK(events[0].created_at == on_day(3));
    CHECK(events[2].created_at == on_day(1));
    for (const auto* cursor : {"", "x", "99", ".", "-5.use_1", "99999999999999999999.use"}) {
        INFO(cursor);
        page_request page{10, cursor};
        CHECK(l.ask(list_usage_events{t.scope, day_number(0), day_number(9), page})
                  .events.items.empty());
        CHECK(
            l.ask(read_spend{t.scope, day_number(0), day_number(9), page}).report.attempts.empty());
    }
}

TEST_CASE("spend shows every attempt, its sums cover the range on every page", "[store]") {
    ledger l;
    auto t = l.add_tenant();
    l.send(t);
    const auto t1 = l.claim_of(t, l.key());
    const auto claim = l.claim(t1);
    released_attempt second{{}, {"vendorB", "b"}, l.price, l.now};
    second.key.attempt = 1;
    l.run(release_calls{t.scope, {t1.key, claim.send, "own_1", 1}, {l.refused()}, {second}, l.now});
    CHECK(l.ask(read_spend{t.scope, day_number(0), day_number(0), {}}).report.attempts.size() == 2);
    l.run(abandon_sends{"own_1", 10, "{}", l.now});

    std::vector<spend_attempt> attempts;
    page_request page{1, {}};
    do {
        const auto r = l.ask(read_spend{t.scope, day_number(0), day_number(0), page}).report;
        CHECK(r.bill.nano_usd() == cost_nano);
        CHECK(r.spend.nano_usd() == cost_nano + hold_nano);
        CHECK(r.exposure.nano_usd() == hold_nano);
        REQUIRE(r.attempts.size() == 1);
        attempts.push_back(r.attempts[0]);
        page.cursor = r.next_cursor;
    } while (page.cursor);
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[0].provider == "vendorB");
    CHECK(attempts[0].attempt_class == "ambiguous");
    CHECK(attempts[0].basis == conclave::cost_basis::exposure);
    CHECK(attempts[0].session_id == t.session);
    CHECK(attempts[1].attempt_class == "refused");
    CHECK(attempts[1].http_status == 429);
    CHECK(attempts[2].billable);
    CHECK(attempts[2].tokens.total() == 112);
    CHECK(l.ask(read_spend{t.scope, day_number(1), day_number(9), {}}).report.attempts.empty());
}
