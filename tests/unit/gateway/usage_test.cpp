// Bills, spend and prices.
#include "house.hpp"

#include <numeric>

using namespace house;

namespace {

template <class Part>
usage_totals sum_of(const std::vector<Part>& parts) {
    usage_totals sum;
    for (const auto& p : parts) {
        sum.tokens_in += p.tokens_in;
        sum.tokens_out += p.tokens_out;
        sum.tokens_total += p.tokens_total;
        sum.cost += p.cost;
        sum.unpriced_tokens += p.unpriced_tokens;
    }
    return sum;
}

/// Without the distinct counts, which need not add up.
usage_totals amounts(usage_totals t) {
    t.sessions = t.messages = 0;
    return t;
}

constexpr std::int64_t day_ms = 24 * 60 * 60 * 1000;

}  // namespace

TEST_CASE("a roll-up adds up in every grouping, over vendors, agents and days") {
    auto gw = open_in_memory(
        {scripted("vendorA", {answering("a", 45, 67), answering("a", 1, 2), failing(400)}),
         scripted("vendorB", {answering("b", 10, 20)})});
    auto acme = settle_in(gw, "Acme", {"vendorB"});
    const auto sales = acme.tenant.agents().create({.name = "Sales", .primary = "vendorB"}).value();
    const auto second = acme.tenant.sessions().create({.agent_id = sales.id}).value();
    for (int day = 0; day < 3; ++day) {
        for (int i = 0; i < 3; ++i) acme.send("s" + std::to_string(day * 10 + i)).value();
        acme.tenant.messages()
            .send({.session_id = second.id,
                   .content = "x",
                   .idempotency_key = "t" + std::to_string(day)})
            .value();
        gw.advance(day_ms).value();
    }

    const auto bill = acme.bill();
    CHECK(bill.totals.messages == 12);
    CHECK(bill.totals.sessions == 2);
    CHECK(bill.totals.tokens_in == 3 * (45 + 1 + 10 + 10));
    CHECK(bill.totals.tokens_out == 3 * (67 + 2 + 20 + 20));
    CHECK(bill.totals.cost.nano_usd() == 3 * (115 * 2'000 + 60 * 3'000));
    CHECK(sum_of(bill.by_provider) == amounts(bill.totals));
    CHECK(sum_of(bill.by_model) == amounts(bill.totals));
    CHECK(sum_of(bill.by_day) == amounts(bill.totals));
    CHECK(sum_of(bill.top_agents_by_cost) == amounts(bill.totals));
    CHECK(bill.by_day.size() == 3);

    using enum usage_dimension;
    auto usage = acme.tenant.usage();
    for (const std::vector<usage_dimension>& by :
         {std::vector{agent}, {provider}, {day}, {model, day}, {agent, provider, day}}) {
        const auto grouped = usage.rollup("2026-01-01", "2026-01-31", by).value();
        CHECK(sum_of(grouped.groups.value()) == amounts(bill.totals));
    }
    CHECK_FALSE(bill.groups);
    const auto first_days = usage.rollup("2026-01-02", "2026-01-03", {agent}).value();
    REQUIRE(first_days.groups->size() == 2);
    for (const auto& g : *first_days.groups) CHECK(g.sessions == 1);
    REQUIRE(bill.by_provider.size() == 2);
    CHECK(bill.by_provider[0].provider == "vendorA");
    CHECK(bill.by_provider[0].sessions == 1);
    CHECK(bill.by_provider[1].messages == 6);
    CHECK(bill.by_provider[1].sessions == 2);

    const auto events = acme.events();
    CHECK(events.size() == 12);
    CHECK(std::accumulate(events.begin(), events.end(), money(),
                          [](money m, const auto& e) { return m + *e.cost; }) == bill.totals.cost);

    const auto one_day = acme.tenant.usage().rollup("2026-01-02", "2026-01-02").value();
    CHECK(one_day.totals.messages == 4);
    CHECK(one_day.totals.sessions == 2);
    CHECK(one_day.totals.cost.nano_usd() == 115 * 2'000 + 60 * 3'000);
    CHECK(acme.tenant.usage().rollup("2025-01-01", "2025-12-31").value().totals == usage_totals{});
    require_sound(gw);
}

TEST_CASE("usage events and attempts are paged without loss, newest first") {
    auto gw = open_in_memory({scripted("vendorA", {failing(500), answering("a", 3, 4)})});
    const auto acme = settle_in(gw);
    for (int i = 0; i < 5; ++i) {
        auto sent = std::optional<result<reply>>();
        acme.tenant.messages().start_send(acme.request("k" + std::to_string(i)),
                                          [&](result<reply> r) { sent = std::move(r); });
        gw.advance(day_ms / 2).value();
        REQUIRE(sent);
        REQUIRE(*sent);
    }
    const auto all = acme.events();
    REQUIRE(all.size() == 5);
    std::vector<std::string> paged;
    page_request page{.limit = 2};
    do {
        auto part = acme.tenant.usage().events(first_day, last_day, page).value();
        for (const auto& e : part.items) paged.push_back(e.id.str());
        page.cursor = part.next_cursor;
    } while (page.cursor);
    REQUIRE(paged.size() == 5);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(paged[i] == all[i].id.str());
    CHECK(all.front().created_at > all.back().created_at);

    std::vector<spend_attempt> attempts;
    page = {.limit = 3};
    do {
        auto part = acme.tenant.usage().spend(first_day, last_day, page).value();
        CHECK(part.bill == acme.bill().totals.cost);  // of the whole range, on every page
        CHECK(part.spend == part.bill + part.exposure);
        attempts.insert(attempts.end(), part.attempts.begin(), part.attempts.end());
        page.cursor = part.next_cursor;
    } while (page.cursor);
    REQUIRE(attempts.size() == 10);
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const bool answered = i % 2 == 0;  // newest first
        CHECK(attempts[i].attempt == (answered ? 1 : 0));
        CHECK(attempts[i].attempt_class == (answered ? "ok" : "server_error"));
        CHECK(attempts[i].billable == answered);
        CHECK(attempts[i].basis == (answered ? cost_basis::known : cost_basis::exposure));
        CHECK(attempts[i].http_status == (answered ? 200 : 500));
    }
    require_sound(gw);
}

TEST_CASE("a model without a price is counted and never billed as nothing") {
    auto gw = open_in_memory({scripted("vendorA", {answering("a", 45, 67)}),
                              scripted("vendorC", {answering("c", 5, 6)})});
    const auto acme = settle_in(gw);
    const auto agent = acme.tenant.agents().create({.name = "C", .primary = "vendorC"}).value();
    const auto session = acme.tenant.sessions().create({.agent_id = agent.id}).value();
    const auto reply = acme.tenant.messages()
                           .send({.session_id = session.id, .content = "x", .idempotency_key = "c"})
                           .value();
    CHECK(reply.metadata.usage.unpriced);
    CHECK_FALSE(reply.metadata.usage.cost);
    CHECK_THAT(reply.document, Catch::Contains(R"("cost_usd":null)"));
    acme.send("a").value();
    const auto bill = acme.bill();
    CHECK(bill.totals.cost.to_usd_string() == "0.000224");
    CHECK(bill.totals.unpriced_tokens == 11);
    CHECK(bill.totals.tokens_total == 123);
    CHECK(acme.events().front().cost.has_value() != acme.events().back().cost.has_value());
    require_sound(gw);
}

TEST_CASE("dates are checked and named") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto usage = acme.tenant.usage();
    const auto field_of = [&](std::string_view from, std::string_view to) {
        const auto rollup = usage.rollup(from, to);
        CHECK(code_of(rollup) == errc::validation_error);
        CHECK(words_of(usage.events(from, to).error()) == words_of(rollup.error()));
        CHECK(words_of(usage.spend(from, to).error()) == words_of(rollup.error()));
        return detail(rollup.error(), "field");
    };
    CHECK(field_of("2026-02-29", "2026-03-01") == "from");
    CHECK(field_of("2026-02-01", "yesterday") == "to");
    CHECK(field_of("", "2026-03-01") == "from");
    CHECK(field_of("2026-02-01T00:00:00Z", "2026-03-01") == "from");
    CHECK(field_of("2026-03-02", "2026-03-01") == "to");
    CHECK(field_of("2016-01-01", "2026-03-01") == "to");  // more than ten years
    CHECK(usage.rollup("2026-03-01", "2026-03-01"));
    const auto first = date(std::chrono::days(0));
    CHECK(usage.rollup(first, first + std::chrono::days(3'659)));
    CHECK_FALSE(usage.rollup(first, first + std::chrono::days(3'660)));
}

TEST_CASE("prices: unchanged values make no version, a send keeps the one it began with") {
    auto gw = open_in_memory({scripted(
        "vendorA", {{.text = "a", .tokens_in = 500, .tokens_out = 500, .latency_ms = 1'000}})});
    const auto acme = settle_in(gw);
    const auto first = gw.prices().list("vendorA").value();
    REQUIRE(first.size() == 1);
    gw.advance(10).value();
    CHECK(gw.prices().set({.provider = "vendorA", .usd_per_1k_tokens = "0.0020"}).value().id ==
          first[0].id);

    std::optional<result<reply>> slow;
    acme.tenant.messages().start_send(acme.request("k"),
                                      [&](result<reply> r) { slow = std::move(r); });
    gw.advance(500).value();
    const auto dearer = gw.prices().set({.provider = "vendorA", .usd_per_1k_tokens = "1"}).value();
    CHECK(dearer.id != first[0].id);
    gw.advance(500).value();
    REQUIRE(slow);
    CHECK((*slow)->metadata.usage.cost->to_usd_string() == "0.002");

    acme.tenant.messages().start_send(acme.request("k2"),
                                      [&](result<reply> r) { slow = std::move(r); });
    gw.advance(1'000).value();
    CHECK((*slow)->metadata.usage.cost->to_usd_string() == "1");
    const auto versions = gw.prices().list("vendorA").value();
    REQUIRE(versions.size() == 2);
    CHECK(versions[0].id == dearer.id);
    CHECK(gw.prices().list("vendorX").value().empty());
    require_sound(gw);
}

TEST_CASE("a price can begin later, be of one model, and of the parts of a call") {
    auto gw = open_in_memory({scripted("vendorA", {answering("a", 1'000, 1'000)})});
    const auto acme = settle_in(gw);
    const auto start = acme.session.created_at;
    const auto later = start + std::chrono::days(1);
    gw.prices()
        .set({.provider = "vendorA", .usd_per_1k_tokens = "0.5", .effective_from = later})
        .value();
    gw.prices()
        .set({.provider = "vendorA",
              .model = "large",
              .usd_per_million = {{.input = "3", .output = "15", .request = "0.001"}}})
        .value();
    CHECK(acme.send("now").value().metadata.usage.cost->to_usd_string() == "0.004");
    gw.advance(day_ms).value();
    CHECK(acme.send("then").value().metadata.usage.cost->to_usd_string() == "1");
    auto request = acme.request("large");
    request.overrides.model = "large";
    const auto reply = acme.tenant.messages().send(request).value();
    CHECK(reply.metadata.usage.cost->to_usd_string() == "0.019");
    CHECK(reply.metadata.model_used == "large");
    CHECK_FALSE(reply.metadata.usage.usd_per_1k_tokens);
    require_sound(gw);
}

TEST_CASE("prices given to open are set once and are the store's") {
    const scratch dir;
    const auto open_with = [&](std::string usd) {
        open_options o = on_virtual_time();
        o.prices = {{.provider = "vendorA", .usd_per_1k_tokens = std::move(usd)}};
        return gateway::open(dir.file(), std::move(o));
    };
    for (int i = 0; i < 3; ++i)
        CHECK(open_with("0.002").value().prices().list().value().size() == 1);
    const auto bad = open_with("-1");
    CHECK(code_of(bad) == errc::validation_error);
    CHECK(detail(bad.error(), "field") == "prices[0].usd_per_1k_tokens");
}
