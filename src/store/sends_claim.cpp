// T1 and the transactions between T1 and T2.
#include "base/planted_bug.hpp"
#include "store/councils.hpp"
#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rounds.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;
using verdict = claim_send::verdict;

/// What T1 decides on, apart from its key and the session's other turns.
struct claim_facts {
    std::optional<tenant_status> tenant;
    std::optional<session_status> session;
    session_row session_number = session_row::none;
    std::int64_t next_seq = 0;
    conclave::agent_id agent;
    std::optional<std::int64_t> agent_version;  ///< absent: deleted
    std::int64_t price_generation = 0;
};

claim_facts read_claim_facts(sql::connection& c, tenant_row tenant, const claim_send& t1) {
    sql::cursor row(c,
                    "SELECT t.status, s.status, " CONCLAVE_LAST_SEQ
                    ", s.agent_id, a.version, (SELECT max(generation) FROM price_version),"
                    " s.session_id"
                    " FROM tenant t"
                    " LEFT JOIN session s ON s.tenant_id = t.tenant_id AND s.public_id = ?2"
                    " LEFT JOIN agent a ON a.tenant_id = t.tenant_id AND a.agent_id = s.agent_id"
                    " AND a.deleted_at IS NULL"
                    " WHERE t.tenant_id = ?1",
                    tenant, t1.session);
    claim_facts f;
    if (!row.next()) return f;
    f.tenant = read_enum<tenant_status>(row, 0);
    if (!row.is_null(1)) f.session = read_enum<session_status>(row, 1);
    f.next_seq = row.integer(2) + 1;
    f.agent = row.view(3);
    f.agent_version = row.maybe_integer(4);
    f.price_generation = row.integer(5);
    f.session_number = read_enum<session_row>(row, 6);
    return f;
}

/// The turn of the session that is in progress; empty if there is none.
send_id find_dispatching(sql::connection& c, tenant_row tenant, session_row session) {
    sql::cursor row(c,
                    "SELECT public_id FROM send WHERE tenant_id = ?1 AND session_id = ?2"
                    " AND state = 1",
                    tenant, session);
    return row.next() ? send_id(row.view(0)) : send_id();
}

std::shared_ptr<const send_snapshot> share(std::optional<send_snapshot> send) {
    return send ? std::make_shared<const send_snapshot>(*std::move(send)) : nullptr;
}

/// A known key runs again only where nothing can come of its earlier runs but spend.
bool may_run_again(const claim_send& t1, const send_snapshot& known) {
    if (known.fingerprint != t1.fingerprint) return false;
    switch (known.state) {
        case send_state::failed_retryable: return true;
        case send_state::unknown: return t1.recover_unknown;
        default: return false;
    }
}

/// What forbids a run, apart from the key and other turns; `claimed` if nothing does.
verdict judge_run(const claim_send& t1, const claim_facts& facts) {
    if (!facts.session || facts.session == session_status::deleted) return verdict::session_missing;
    if (facts.session == session_status::closed) return verdict::session_closed;
    if (!facts.agent_version) return verdict::agent_missing;
    if (facts.next_seq != t1.session_next_seq || facts.agent != t1.agent ||
        facts.agent_version != t1.agent_version || facts.price_generation != t1.price_generation)
        return verdict::changed;
    return verdict::claimed;
}

/// How many calls a run begins with.
std::size_t count_released(const claim_send& t1) {
    if (t1.council) return t1.council->released.size();
    return t1.tools_first ? 0 : 1;
}

void begin_council(batch& c, tenant_row tenant, send_row send, std::int64_t epoch,
                   const claim_send::deliberation& council, timestamp now) {
    write_council(c, tenant, send, council.basis);
    for (const auto& attempt : council.released)
        insert_attempt(c, tenant, send, epoch, attempt, attempt.key.attempt);
    write_council_events(c, tenant, send, council.events, now);
}

/// The first call as the send's row keeps it while it runs; a council has none.
struct open_call {
    std::optional<timestamp> at;
    std::optional<std::string_view> provider;
    std::optional<std::string_view> model;
    std::optional<std::string_view> price;
    std::optional<std::int64_t> worst;
};

open_call open_call_of(const claim_send& t1) {
    if (t1.council) return {};
    open_call open{t1.first.at, t1.first.route.provider, t1.first.route.model, {}, {}};
    if (t1.first.price) open.price = t1.first.price->str();
    if (t1.first.worst) open.worst = t1.first.worst->nano_usd();
    return open;
}

/// Nothing if the key is known or the session has a turn in progress: the row meets an index.
std::optional<claim_send::claimed> start_first_run(batch& c, tenant_row tenant,
                                                   const claim_send& t1, const claim_facts& facts) {
    const auto open = open_call_of(t1);
    const auto inserted =
        run(c,
            "INSERT INTO send (tenant_id, public_id, operation, key_hash, fingerprint, session_id,"
            " agent_id, agent_version, user_seq, state, owner, epoch, hold_nano_usd, request_id,"
            " attempts, created_at, updated_at, open_at, open_provider, open_model, open_price,"
            " open_worst, batch)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10, 1, ?11, ?12, ?14, ?13, ?13, ?15,"
            " ?16, ?17, ?18, ?19, ?20)"
            " ON CONFLICT DO NOTHING",
            tenant, t1.send, t1.key.operation, t1.key.key_hash, t1.fingerprint,
            facts.session_number, t1.agent, t1.agent_version, facts.next_seq, t1.owner,
            t1.hold.nano_usd(), t1.request, t1.now, count_released(t1), open.at, open.provider,
            open.model, open.price, open.worst, c.number_for(t1.owner));
    if (inserted == 0) return std::nullopt;
    const auto send = static_cast<send_row>(c.last_row());
    c.number_borne_by(send, t1.owner);
    run(c,
        "INSERT INTO message (tenant_id, session_id, seq, message_id, role, status, send_id,"
        " created_at, metadata, content, parts)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10)",
        tenant, facts.session_number, facts.next_seq, t1.user_message, t1.role, send, t1.now,
        t1.metadata, t1.content, t1.parts);
    if (t1.council) begin_council(c, tenant, send, 1, *t1.council, t1.now);
    c.add_to_balance(tenant, t1.hold, money());
    return claim_send::claimed{t1.send, 1, facts.next_seq, 0, send, facts.session_number};
}

std::int64_t next_attempt(sql::connection& c, tenant_row tenant, const claim_send& t1,
                          send_row send) {
    sql::cursor row(c,
                    "SELECT max(attempt) FROM provider_call WHERE tenant_id = ?1 AND send_id = ?2"
                    " AND stage = ?3 AND seat = ?4",
                    tenant, send, t1.first.key.stage, t1.first.key.seat);
    return row.next() && !row.is_null(0) ? row.integer(0) + 1 : 0;
}

claim_send::claimed start_next_run(batch& c, tenant_row tenant, const claim_send& t1,
                                   const send_snapshot& known, session_row session) {
    const auto attempt = next_attempt(c, tenant, t1, known.row);
    run(c,
        "UPDATE send SET state = 1, owner = ?3, epoch = epoch + 1, hold_nano_usd = ?4,"
        " request_id = ?5, agent_version = ?6, attempts = attempts + ?8, error_document = '',"
        " updated_at = ?7, batch = ?9 WHERE tenant_id = ?1 AND send_id = ?2",
        tenant, known.row, t1.owner, t1.hold.nano_usd(), t1.request, t1.agent_version, t1.now,
        count_released(t1), c.number_for(t1.owner));
    c.number_borne_by(known.row, t1.owner);
    if (t1.council)
        begin_council(c, tenant, known.row, known.epoch + 1, *t1.council, t1.now);
    else if (t1.tools_first)
        write_round(c, tenant, known.row, *t1.tools_first);
    else
        insert_attempt(c, tenant, known.row, known.epoch + 1, t1.first, attempt);
    c.add_to_balance(tenant, t1.hold, money());
    return {known.id, known.epoch + 1, known.user_seq, attempt, known.row, session};
}

/// Takes part in the run only while it is the fence's own. Returns whether it is.
bool extend_run(sql::connection& c, tenant_row tenant, send_row send,
                const release_calls& command) {
    const auto& fence = command.fence;
    return run(c,
               "UPDATE send SET attempts = attempts + ?5, updated_at = ?6,"
               " hold_nano_usd = hold_nano_usd + ?8 WHERE tenant_id = ?1"
               " AND send_id = ?2 AND owner = ?3 AND epoch = ?4 AND state = 1 AND public_id = ?7",
               tenant, send, fence.owner, fence.epoch, command.released.size(), command.now,
               fence.send, command.more_held.nano_usd()) == 1;
}

}  // namespace

claim_send::outcome perform(batch& c, const claim_send& t1) {
    const auto tenant = c.row_of(t1.scope);
    const auto facts = read_claim_facts(c, tenant, t1);
    if (!facts.tenant || facts.tenant == tenant_status::deleted)
        return {verdict::tenant_missing, {}, {}};
    if (facts.tenant == tenant_status::suspended) return {verdict::tenant_suspended, {}, {}};

    const auto judged = judge_run(t1, facts);
    // The key is looked for only where the fast way is barred: its row tells why.
    if (judged == verdict::claimed && !planted(planted_bug::key_not_tenant_scoped))
        if (auto claim = start_first_run(c, tenant, t1, facts)) return {judged, *claim, {}};
    auto known = load_send(c, tenant, t1.key);
    if (known && !may_run_again(t1, *known))
        return {verdict::existing, {}, share(std::move(known))};
    if (judged == verdict::claimed || judged == verdict::changed)
        if (const auto turn = find_dispatching(c, tenant, facts.session_number); !turn.empty())
            return {verdict::session_busy, {}, share(load_send(c, tenant, turn))};
    if (judged != verdict::claimed) return {judged, {}, {}};
    // Another run may have left rounds behind which this one has to go on.
    if (known && known->epoch != t1.known_epoch) return {verdict::changed, {}, {}};
    if (known) return {judged, start_next_run(c, tenant, t1, *known, facts.session_number), {}};
    return {judged, start_first_run(c, tenant, t1, facts).value(), {}};
}

release_calls::outcome perform(batch& c, const release_calls& command) {
    const auto& fence = command.fence;
    const auto tenant = c.row_of(command.scope);
    const auto send = row_of(c, tenant, fence);
    if (!extend_run(c, tenant, send, command)) return {.fenced_off = true};
    write_open_call(c, tenant, send);
    if (command.more_held != money()) c.add_to_balance(tenant, command.more_held, money());
    for (const auto& attempt : command.finished)
        finish_attempt(c, tenant, send, fence.epoch, attempt, {.day = day_of(command.now)});
    if (command.round) write_round(c, tenant, send, *command.round);
    for (const auto& attempt : command.released)
        insert_attempt(c, tenant, send, fence.epoch, attempt, attempt.key.attempt);
    write_council_events(c, tenant, send, command.events, command.now);
    return {};
}

}  // namespace conclave::store
