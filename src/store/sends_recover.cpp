// What becomes of sends without their owner's doing: abandoned, purged, closed, replayed.
#include "base/planted_bug.hpp"
#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rounds.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;

struct open_send {
    tenant_row tenant = tenant_row::none;
    send_row row = send_row::none;
    money hold;
};

/// Across tenants, as an owner is.
std::vector<open_send> open_sends_of(sql::connection& c, const std::string& owner,
                                     std::int64_t limit) {
    std::vector<open_send> sends;
    sql::cursor row(c,
                    "SELECT tenant_id, send_id, hold_nano_usd FROM send"
                    " WHERE state = 1 AND owner = ?1 LIMIT ?2",
                    owner, limit);
    while (row.next())
        sends.push_back({read_enum<tenant_row>(row, 0), read_enum<send_row>(row, 1),
                         money::from_nano_usd(row.integer(2))});
    return sends;
}

std::vector<open_send> open_sends_of(sql::connection& c, tenant_row tenant,
                                     const std::optional<session_row>& session) {
    std::vector<open_send> sends;
    const auto take = [&](sql::cursor row) {
        while (row.next())
            sends.push_back(
                {tenant, read_enum<send_row>(row, 0), money::from_nano_usd(row.integer(1))});
    };
    if (session)
        take({c,
              "SELECT send_id, hold_nano_usd FROM send"
              " WHERE tenant_id = ?1 AND session_id = ?2 AND state = 1",
              tenant, *session});
    else
        take({c, "SELECT send_id, hold_nano_usd FROM send WHERE tenant_id = ?1 AND state = 1",
              tenant});
    return sends;
}

struct stored_reply {
    std::int64_t position = 0;
    tenant_row tenant = tenant_row::none;
    send_row send = send_row::none;
};

/// The stored replies after the mark, and how far the walk came. Across tenants.
struct purge_walk {
    std::vector<stored_reply> replies;
    std::int64_t position = 0;
    bool more = false;
};

purge_walk walk_old_replies(sql::connection& c, const purge_replies& command) {
    purge_walk walk;
    sql::cursor row(c,
                    "SELECT m.position, m.created_at, m.tenant_id, m.send_id,"
                    " m.reply_metadata IS NULL FROM message m"
                    " WHERE m.position > (SELECT position FROM purge_mark) ORDER BY m.position");
    while (row.next()) {
        if (row.time(1) >= command.before) break;
        const bool stored = row.integer(4) == 0;
        if (stored && static_cast<std::int64_t>(walk.replies.size()) == command.limit) {
            walk.more = true;
            break;
        }
        walk.position = row.integer(0);
        if (stored)
            walk.replies.push_back(
                {walk.position, read_enum<tenant_row>(row, 2), read_enum<send_row>(row, 3)});
    }
    return walk;
}

void bill_again(sql::connection& c, tenant_row tenant, const send_key& key) {
    run(c,
        "INSERT INTO usage_event (tenant_id, day, event_id, send_id, line, epoch,"
        " session_id, agent_id, message_id, provider, model, price_id, input, cached_input,"
        " cache_write, output, reasoning, cost_nano_usd, estimated, created_at)"
        " SELECT tenant_id, day, event_id || '_again', send_id, line + 1, epoch,"
        " session_id, agent_id, message_id, provider, model, price_id, input, cached_input,"
        " cache_write, output, reasoning, cost_nano_usd, estimated, created_at FROM usage_event"
        " WHERE tenant_id = ?1 AND corrects IS NULL AND send_id = (SELECT send_id FROM send"
        " WHERE tenant_id = ?1 AND operation = ?2 AND key_hash = ?3)"
        " ORDER BY line DESC LIMIT 1",
        tenant, key.operation, key.key_hash);
}

}  // namespace

count_replays::outcome perform(batch& c, const count_replays& command) {
    for (const auto& e : command.entries) {
        const auto tenant = c.row_of(e.scope);
        run(c,
            "UPDATE send SET replays = replays + ?4"
            " WHERE tenant_id = ?1 AND operation = ?2 AND key_hash = ?3",
            tenant, e.key.operation, e.key.key_hash, e.replays);
        if (planted(planted_bug::replay_bills_again)) bill_again(c, tenant, e.key);
    }
    return {};
}

abandon_sends::outcome perform(batch& c, const abandon_sends& command) {
    auto sends = open_sends_of(c, command.owner, command.limit + 1);
    abandon_sends::outcome outcome;
    outcome.more = static_cast<std::int64_t>(sends.size()) > command.limit;
    if (outcome.more) sends.pop_back();
    outcome.abandoned = static_cast<std::int64_t>(sends.size());
    for (const auto& s : sends) {
        lose_attempts(c, s.tenant, s.row, s.hold, command.now);
        run(c,
            // Nobody can ask for lost vectors again: there is no doubt to be settled.
            "UPDATE send SET state = CASE WHEN session_id < 0 THEN 4 ELSE 5 END,"
            " hold_nano_usd = 0, error_document = ?3, updated_at = ?4"
            " WHERE tenant_id = ?1 AND send_id = ?2",
            s.tenant, s.row, command.error_document, command.now);
        c.add_to_balance(s.tenant, money() - s.hold, money());
    }
    return outcome;
}

purge_replies::outcome perform(batch& c, const purge_replies& command) {
    const auto walk = walk_old_replies(c, command);
    for (const auto& reply : walk.replies) {
        run(c,
            "UPDATE message SET reply_metadata = NULL, tool_steps = NULL"
            " WHERE tenant_id = ?1 AND position = ?2",
            reply.tenant, reply.position);
        forget_rounds(c, reply.tenant, reply.send);
        run(c, "UPDATE send SET state = 6 WHERE tenant_id = ?1 AND send_id = ?2 AND state = 2",
            reply.tenant, reply.send);
    }
    if (walk.position > 0) run(c, "UPDATE purge_mark SET position = ?1", walk.position);
    return {static_cast<std::int64_t>(walk.replies.size()), walk.more};
}

void close_sends(batch& c, tenant_row tenant, const std::optional<session_row>& session,
                 timestamp now) {
    for (const auto& s : open_sends_of(c, tenant, session)) {
        lose_attempts(c, tenant, s.row, s.hold, now);
        c.add_to_balance(tenant, money() - s.hold, money());
    }
    if (session)
        run(c,
            "UPDATE send SET state = 6, hold_nano_usd = 0, error_document = '', updated_at = ?3"
            " WHERE tenant_id = ?1 AND send_id IN"
            " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
            tenant, *session, now);
    else
        run(c,
            "UPDATE send SET state = 6, hold_nano_usd = 0, error_document = '', updated_at = ?2"
            " WHERE tenant_id = ?1",
            tenant, now);
}

}  // namespace conclave::store
