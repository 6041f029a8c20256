// Sessions and their messages.
#include "store/sessions.hpp"

#include "store/councils.hpp"
#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rounds.hpp"
#include "store/rows.hpp"
#include "store/sessions_erase.hpp"

namespace conclave::store {

namespace {

using sql::run;

std::optional<session> load_session(sql::connection& c, tenant_row tenant, const session_id& id) {
    sql::cursor row(c,
                    "SELECT " CONCLAVE_SESSION_COLUMNS
                    " FROM session s"
                    " WHERE s.tenant_id = ?1 AND s.public_id = ?2 AND s.status <> 2",
                    tenant, id);
    if (!row.next()) return std::nullopt;
    return read_session(row, 0);
}

session_row row_of(sql::connection& c, tenant_row tenant, const session_id& id) {
    sql::cursor row(c, "SELECT session_id FROM session WHERE tenant_id = ?1 AND public_id = ?2",
                    tenant, id);
    return row.next() ? read_enum<session_row>(row, 0) : session_row::none;
}

bool agent_exists(sql::connection& c, tenant_row tenant, const agent_id& agent) {
    sql::cursor row(c,
                    "SELECT 1 FROM agent WHERE tenant_id = ?1 AND agent_id = ?2"
                    " AND deleted_at IS NULL AND hidden = 0",
                    tenant, agent);
    return row.next();
}

#define CONCLAVE_ERASE_SESSION                                                   \
    "UPDATE session SET status = 2, customer_id = '', subject = '', title = ''," \
    " metadata = '{}' WHERE tenant_id = ?1"

/// The rest of each list: newest first below the cursor, without deleted sessions.
#define CONCLAVE_SESSION_LIST                                     \
    " AND s.public_id < ?2 AND s.status = coalesce(?3, s.status)" \
    " AND s.status <> 2 AND s.hidden = 0 ORDER BY s.public_id DESC LIMIT ?4"

constexpr const char* all_sessions = "SELECT " CONCLAVE_SESSION_COLUMNS
                                     " FROM session s WHERE s.tenant_id = ?1" CONCLAVE_SESSION_LIST;
constexpr const char* sessions_of_agent = "SELECT " CONCLAVE_SESSION_COLUMNS
                                          " FROM session s WHERE s.tenant_id = ?1"
                                          " AND s.agent_id = ?5" CONCLAVE_SESSION_LIST;
constexpr const char* sessions_of_customer = "SELECT " CONCLAVE_SESSION_COLUMNS
                                             " FROM session s WHERE s.tenant_id = ?1"
                                             " AND s.customer_id = ?5" CONCLAVE_SESSION_LIST;
constexpr const char* sessions_of_customer_and_agent =
    "SELECT " CONCLAVE_SESSION_COLUMNS
    " FROM session s WHERE s.tenant_id = ?1"
    " AND s.customer_id = ?5 AND s.agent_id = ?6" CONCLAVE_SESSION_LIST;

}  // namespace

void erase_sessions(batch& c, tenant_row tenant, const std::optional<session_row>& session,
                    timestamp now) {
    close_sends(c, tenant, session, now);
    erase_rounds(c, tenant, session);
    erase_councils(c, tenant, session);
    if (session) {
        run(c,
            "DELETE FROM call_text WHERE tenant_id = ?1 AND send_id IN"
            " (SELECT send_id FROM message WHERE tenant_id = ?1 AND session_id = ?2)",
            tenant, *session);
        run(c, "DELETE FROM message WHERE tenant_id = ?1 AND session_id = ?2", tenant, *session);
        run(c, CONCLAVE_ERASE_SESSION " AND session_id = ?2", tenant, *session);
    } else {
        run(c, "DELETE FROM call_text WHERE tenant_id = ?1", tenant);
        run(c, "DELETE FROM message WHERE tenant_id = ?1", tenant);
        run(c, CONCLAVE_ERASE_SESSION, tenant);
    }
    // Positions at the end of the table are given out again; the next purge has to see them.
    run(c,
        "UPDATE purge_mark SET position = (SELECT coalesce(max(position), 0) FROM message)"
        " WHERE position > (SELECT coalesce(max(position), 0) FROM message)");
}

create_session::outcome perform(batch& c, const create_session& command) {
    const auto& s = command.record;
    create_session::outcome outcome;
    outcome.tenant_found = tenant_exists(c, command.scope);
    const auto tenant = c.row_of(command.scope);
    outcome.agent_found = outcome.tenant_found && agent_exists(c, tenant, s.agent_id);
    if (!outcome.agent_found) return outcome;
    run(c,
        "INSERT INTO session (tenant_id, public_id, agent_id, status, pinned, created_at,"
        " customer_id, subject, title, metadata)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        tenant, s.id, s.agent_id, s.status, s.pinned, s.created_at, s.customer_id, s.subject,
        s.title, s.metadata);
    return outcome;
}

update_session::outcome perform(batch& c, const update_session& command) {
    const auto tenant = c.row_of(command.scope);
    auto record = load_session(c, tenant, command.session);
    if (!record) return {};
    if (command.status == session_status::deleted) {
        erase_sessions(c, tenant, row_of(c, tenant, command.session), command.now);
        record->status = session_status::deleted;
        return {std::move(record), false};
    }
    if (record->status == session_status::closed) return {std::move(record), true};
    if (command.change.title) record->title = *command.change.title;
    if (command.change.pinned) record->pinned = *command.change.pinned;
    if (command.change.metadata) record->metadata = *command.change.metadata;
    if (command.status) record->status = *command.status;
    run(c,
        "UPDATE session SET title = ?3, pinned = ?4, metadata = ?5, status = ?6"
        " WHERE tenant_id = ?1 AND public_id = ?2",
        tenant, command.session, record->title, record->pinned, record->metadata, record->status);
    return {std::move(record), false};
}

find_session::answer find(sql::connection& c, const find_session& query) {
    return {load_session(c, row_of(c, query.scope), query.session)};
}

list_sessions::answer find(sql::connection& c, const list_sessions& query) {
    if (!tenant_exists(c, query.scope)) return {};
    const auto& filter = query.filter;
    const auto limit = page_limit(filter.page);
    const auto tenant = row_of(c, query.scope);
    const auto cursor = below(filter.page);
    const auto fetch = [&](const char* list, const auto&... keys) {
        std::vector<session> sessions;
        sql::cursor row(c, list, tenant, cursor, filter.status, limit + 1, keys...);
        while (row.next()) sessions.push_back(read_session(row, 0));
        return sessions;
    };
    auto sessions =
        filter.customer_id && filter.agent_id
            ? fetch(sessions_of_customer_and_agent, *filter.customer_id, *filter.agent_id)
        : filter.customer_id ? fetch(sessions_of_customer, *filter.customer_id)
        : filter.agent_id    ? fetch(sessions_of_agent, *filter.agent_id)
                             : fetch(all_sessions);
    return {true, make_page(std::move(sessions), limit, [](const auto& s) { return s.id.str(); })};
}

read_transcript::answer find(sql::connection& c, const read_transcript& query) {
    read_transcript::answer a;
    const auto tenant = row_of(c, query.scope);
    a.session = load_session(c, tenant, query.session);
    if (!a.session) return a;
    sql::cursor row(c,
                    "SELECT " CONCLAVE_MESSAGE_COLUMNS
                    " FROM session s"
                    " JOIN message m ON m.tenant_id = s.tenant_id AND m.session_id = s.session_id"
                    " WHERE s.tenant_id = ?1 AND s.public_id = ?2 AND m.seq > ?3"
                    " ORDER BY m.seq LIMIT ?4",
                    tenant, query.session, query.after_seq, query.limit + 1);
    while (row.next()) {
        a.more = static_cast<std::int64_t>(a.messages.size()) == query.limit;
        if (a.more) break;
        a.messages.push_back(read_message(row, 0));
    }
    return a;
}

}  // namespace conclave::store
