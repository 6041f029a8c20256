// Usage: bills from roll-ups, events and spend.
#include "store/usage.hpp"

#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rows.hpp"

#include <array>
#include <charconv>

namespace conclave::store {

namespace {

std::vector<metering::rollup_row> read_rollup_rows(sql::connection& c, tenant_row tenant,
                                                   const read_rollup& query) {
    std::vector<metering::rollup_row> rows;
    sql::cursor row(c,
                    "SELECT r.day, r.provider, r.model, r.agent_id, a.name, r.messages,"
                    " r.messages_of_provider, r.messages_of_tenant, r.input, r.cached_input,"
                    " r.cache_write, r.output, r.reasoning, r.cost_nano_usd, r.unpriced_tokens"
                    " FROM usage_rollup r LEFT JOIN agent a"
                    " ON a.tenant_id = r.tenant_id AND a.agent_id = r.agent_id"
                    " WHERE r.tenant_id = ?1 AND r.day BETWEEN ?2 AND ?3",
                    tenant, query.from, query.to);
    while (row.next())
        rows.push_back({read_date(row, 0), row.text(1), row.text(2), row.text(3), row.text(4),
                        row.integer(5), row.integer(6), row.integer(7), read_tokens(row, 8),
                        money::from_nano_usd(row.integer(13)), row.integer(14)});
    return rows;
}

/// Distinct sessions: those whose first active day in the range is the one counted.
metering::session_counts read_session_counts(sql::connection& c, tenant_row tenant,
                                             const read_rollup& query) {
    metering::session_counts counts;
    sql::cursor row(c,
                    "SELECT scope, day, subject, model, sessions, prev_day < ?2"
                    " FROM usage_session_days WHERE tenant_id = ?1 AND day BETWEEN ?2 AND ?3"
                    " AND (scope = 0 OR prev_day < ?2)",
                    tenant, query.from, query.to);
    while (row.next()) {
        const auto sessions = row.integer(4);
        switch (row.integer(0)) {
            case 0:
                counts.by_day[read_date(row, 1)] += sessions;
                if (row.integer(5) != 0) counts.tenant += sessions;
                break;
            case 1: counts.by_provider[row.text(2)] += sessions; break;
            case 2: counts.by_model[{row.text(2), row.text(3)}] += sessions; break;
            default: counts.by_agent[row.text(2)] += sessions; break;
        }
    }
    return counts;
}

/// The counts of every scope and day, for groups.
std::vector<metering::session_day> read_session_days(sql::connection& c, tenant_row tenant,
                                                     const read_rollup& query) {
    std::vector<metering::session_day> days;
    sql::cursor row(c,
                    "SELECT scope, day, subject, model, sessions, prev_day < ?2"
                    " FROM usage_session_days WHERE tenant_id = ?1 AND day BETWEEN ?2 AND ?3",
                    tenant, query.from, query.to);
    while (row.next())
        days.push_back({read_enum<metering::session_day::of>(row, 0), read_date(row, 1),
                        row.text(2), row.text(3), row.integer(4), row.integer(5) != 0});
    return days;
}

/// A place in a list that is ordered by day first: "20789.use_01jd...".
struct day_cursor {
    std::int64_t day = 0;
    std::string_view rest;
};

/// Splits at the first '.'; any other text stands below all items.
day_cursor read_day_cursor(const page_request& page) {
    constexpr std::int64_t above_all_days = 1LL << 40;
    if (!page.cursor) return {above_all_days, {}};
    const std::string_view text = *page.cursor;
    day_cursor cursor{-above_all_days, {}};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), cursor.day);
    if (failed == std::errc() && end != text.data() + text.size() && *end == '.')
        cursor.rest = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
    return cursor;
}

std::string print_day_cursor(date day, std::string_view rest) {
    return std::to_string(day.time_since_epoch().count()).append(".").append(rest);
}

usage_event read_usage_event(const sql::cursor& row) {
    usage_event e;
    e.id = row.text(0);
    e.session_id = row.text(1);
    e.agent_id = row.text(2);
    e.message_id = row.text(3);
    e.provider = row.text(4);
    e.model = row.text(5);
    e.tokens = read_tokens(row, 6);
    e.cost = read_money(row, 11);
    e.estimated = row.integer(12) != 0;
    if (!row.is_null(13)) e.corrects = usage_id(row.view(13));
    e.created_at = row.time(14);
    e.cost_reported = row.integer(15) != 0;
    return e;
}

conclave::cost_basis public_basis(cost_basis basis) {
    switch (basis) {
        case cost_basis::exposure: return conclave::cost_basis::exposure;
        case cost_basis::estimated: return conclave::cost_basis::estimated;
        case cost_basis::reported: return conclave::cost_basis::reported;
        default: return conclave::cost_basis::known;
    }
}

/// An attempt with its day, for the cursor.
struct dated_attempt {
    spend_attempt attempt;
    date day{};
};

dated_attempt read_attempt(const sql::cursor& row) {
    dated_attempt d;
    auto& a = d.attempt;
    a.send_id = row.text(0);
    a.session_id = row.text(1);
    a.agent_id = row.text(2);
    a.provider = row.text(3);
    a.model = row.text(4);
    a.stage = row.text(5);
    a.seat = row.integer(6);
    a.round = row.integer(7);
    a.attempt = row.integer(8);
    a.attempt_class = to_string(read_enum<call_class>(row, 9));
    if (row.integer(10) != 0) a.http_status = row.integer(10);
    a.latency_ms = row.integer(11);
    a.tokens = read_tokens(row, 12);
    a.cost = read_money(row, 17);
    a.basis = public_basis(read_enum<cost_basis>(row, 18));
    a.billable = row.integer(19) != 0;
    a.duplicate = row.integer(20) != 0;
    a.created_at = row.time(21);
    d.day = read_date(row, 22);
    return d;
}

/// The place of an attempt within its day: "snd_01jd....answer.0.0.1". Stages have no dots.
std::string attempt_place(const spend_attempt& a) {
    std::string text = a.send_id.str();
    text.append(".").append(a.stage);
    for (const auto number : {a.seat, a.round, a.attempt})
        text.append(".").append(std::to_string(number));
    return text;
}

struct attempt_cursor {
    std::int64_t day = 0;
    std::string_view send;
    std::string_view stage;
    std::array<std::int64_t, 3> numbers{};
};

attempt_cursor read_attempt_cursor(const page_request& page) {
    const auto place = read_day_cursor(page);
    auto rest = place.rest;
    const auto take = [&rest] {
        const auto part = rest.substr(0, rest.find('.'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        return part;
    };
    attempt_cursor cursor{place.day, take(), take(), {}};
    for (auto& number : cursor.numbers) {
        const auto part = take();
        std::from_chars(part.data(), part.data() + part.size(), number);
    }
    return cursor;
}

std::vector<dated_attempt> read_attempts(sql::connection& c, tenant_row tenant,
                                         const read_spend& query, std::int64_t limit) {
    std::vector<dated_attempt> attempts;
    const auto cursor = read_attempt_cursor(query.page);
    const auto last = row_of(c, tenant, send_id(cursor.send));
    sql::cursor row(c,
                    "SELECT x.public_id, s.public_id, x.agent_id, p.provider, p.model, p.stage,"
                    " p.seat, p.round, p.attempt, p.class, p.http_status, p.latency_ms, p.input,"
                    " p.cached_input, p.cache_write, p.output, p.reasoning, p.cost_nano_usd,"
                    " p.basis, p.billable, p.duplicate, p.released_at, p.day"
                    " FROM provider_call p"
                    " JOIN send x ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id"
                    " LEFT JOIN session s"
                    " ON s.tenant_id = x.tenant_id AND s.session_id = x.session_id"
                    " WHERE p.tenant_id = ?1 AND p.day BETWEEN ?2 AND ?3"
                    " AND (p.day, p.send_id, p.stage, p.seat, p.round, p.attempt)"
                    " < (?4, ?5, ?6, ?7, ?8, ?9)"
                    " ORDER BY p.day DESC, p.send_id DESC, p.stage DESC, p.seat DESC,"
                    " p.round DESC, p.attempt DESC LIMIT ?10",
                    tenant, query.from, query.to, cursor.day, last, cursor.stage, cursor.numbers[0],
                    cursor.numbers[1], cursor.numbers[2], limit);
    while (row.next()) attempts.push_back(read_attempt(row));
    return attempts;
}

void read_spend_sums(sql::connection& c, tenant_row tenant, const read_spend& query,
                     spend_report& report) {
    {
        sql::cursor row(c,
                        "SELECT coalesce(sum(cost_nano_usd), 0),"
                        " coalesce(sum(CASE basis WHEN 3 THEN cost_nano_usd END), 0)"
                        " FROM provider_call WHERE tenant_id = ?1 AND day BETWEEN ?2 AND ?3",
                        tenant, query.from, query.to);
        row.next();
        report.spend = money::from_nano_usd(row.integer(0));
        report.exposure = money::from_nano_usd(row.integer(1));
    }
    sql::cursor row(c,
                    "SELECT coalesce(sum(cost_nano_usd), 0) FROM usage_rollup"
                    " WHERE tenant_id = ?1 AND day BETWEEN ?2 AND ?3",
                    tenant, query.from, query.to);
    row.next();
    report.bill = money::from_nano_usd(row.integer(0));
}

}  // namespace

read_rollup::answer find(sql::connection& c, const read_rollup& query) {
    if (!tenant_exists(c, query.scope)) return {};
    const auto tenant = row_of(c, query.scope);
    read_rollup::answer found{true, read_rollup_rows(c, tenant, query),
                              read_session_counts(c, tenant, query)};
    if (query.grouped) found.session_days = read_session_days(c, tenant, query);
    return found;
}

list_usage_events::answer find(sql::connection& c, const list_usage_events& query) {
    if (!tenant_exists(c, query.scope)) return {};
    struct dated_event {
        usage_event event;
        date day{};
    };
    std::vector<dated_event> events;
    const auto limit = page_limit(query.page);
    const auto cursor = read_day_cursor(query.page);
    {
        sql::cursor row(c,
                        "SELECT e.event_id, s.public_id, e.agent_id, e.message_id, e.provider,"
                        " e.model, e.input, e.cached_input, e.cache_write, e.output, e.reasoning,"
                        " e.cost_nano_usd, e.estimated, e.corrects, e.created_at, e.cost_reported,"
                        " e.day"
                        " FROM usage_event e"
                        " LEFT JOIN session s ON s.tenant_id = e.tenant_id"
                        " AND s.session_id = e.session_id"
                        " WHERE e.tenant_id = ?1 AND e.day BETWEEN ?2 AND ?3"
                        " AND (e.day, e.event_id) < (?4, ?5)"
                        " ORDER BY e.day DESC, e.event_id DESC LIMIT ?6",
                        row_of(c, query.scope), query.from, query.to, cursor.day, cursor.rest,
                        limit + 1);
        while (row.next()) events.push_back({read_usage_event(row), read_date(row, 16)});
    }
    auto page = make_page(std::move(events), limit, [](const dated_event& e) {
        return print_day_cursor(e.day, e.event.id.str());
    });
    list_usage_events::answer a{true, {{}, std::move(page.next_cursor)}};
    for (auto& item : page.items) a.events.items.push_back(std::move(item.event));
    return a;
}

read_spend::answer find(sql::connection& c, const read_spend& query) {
    if (!tenant_exists(c, query.scope)) return {};
    read_spend::answer a{true, {}};
    a.report.range = {query.from, query.to};
    const auto tenant = row_of(c, query.scope);
    read_spend_sums(c, tenant, query, a.report);
    const auto limit = page_limit(query.page);
    auto page = make_page(
        read_attempts(c, tenant, query, limit + 1), limit,
        [](const dated_attempt& d) { return print_day_cursor(d.day, attempt_place(d.attempt)); });
    a.report.next_cursor = std::move(page.next_cursor);
    for (auto& item : page.items) a.report.attempts.push_back(std::move(item.attempt));
    return a;
}

}  // namespace conclave::store
