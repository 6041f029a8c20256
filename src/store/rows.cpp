// Reads the rows that several repositories need.
#include "store/rows.hpp"

#include "base/planted_bug.hpp"
#include "json/part_text.hpp"
#include "json/tool_text.hpp"

namespace conclave::store {

session read_session(const sql::cursor& row, int column) {
    session s;
    s.id = row.text(column);
    s.agent_id = row.text(column + 1);
    s.status = read_enum<session_status>(row, column + 2);
    s.pinned = row.integer(column + 3) != 0;
    s.created_at = row.time(column + 4);
    s.last_activity_at = row.maybe_time(column + 5).value_or(s.created_at);
    s.customer_id = row.text(column + 6);
    s.subject = row.text(column + 7);
    s.title = row.text(column + 8);
    s.metadata = row.text(column + 9);
    return s;
}

message read_message(const sql::cursor& row, int column) {
    message m;
    m.id = row.text(column);
    m.session_id = row.text(column + 1);
    m.seq = row.integer(column + 2);
    m.role = read_enum<message_role>(row, column + 3);
    m.status = read_enum<message_status>(row, column + 4);
    m.created_at = row.time(column + 5);
    m.metadata = row.text(column + 6);
    m.content = row.text(column + 7);
    if (!row.is_null(column + 8)) m.tool_calls = json::read_tool_calls(row.view(column + 8));
    if (!row.is_null(column + 9)) m.parts = json::read_parts(row.view(column + 9));
    return m;
}

send_snapshot read_send(const sql::cursor& row, int column) {
    send_snapshot s;
    s.id = row.text(column);
    s.state = read_enum<send_state>(row, column + 1);
    s.fingerprint = read_digest(row, column + 2);
    s.session = row.text(column + 3);
    s.agent = row.text(column + 4);
    s.owner = {row.text(column + 5), row.integer(column + 6), row.integer(column + 7),
               row.integer(column + 8)};
    s.epoch = row.integer(column + 9);
    s.user_seq = row.integer(column + 10);
    s.attempts = row.integer(column + 11);
    s.request = row.text(column + 12);
    s.error_document = row.text(column + 13);
    s.row = read_enum<send_row>(row, column + 14);
    if (!row.is_null(column + 15)) {
        s.reply_metadata = row.text(column + 15);
        if (!row.is_null(column + 16)) s.reply_steps = row.text(column + 16);
        s.reply_message = read_message(row, column + 17);
    }
    return s;
}

tenant_row row_of(sql::connection& c, const tenant_scope& scope) {
    sql::cursor row(c, "SELECT tenant_id FROM tenant WHERE public_id = ?1", scope.id());
    return row.next() ? read_enum<tenant_row>(row, 0) : tenant_row::none;
}

std::optional<send_snapshot> load_send(sql::connection& c, tenant_row tenant, const send_key& key) {
    if (planted(planted_bug::key_not_tenant_scoped)) {
        sql::cursor row(c,
                        "SELECT " CONCLAVE_SEND_COLUMNS " FROM send x" CONCLAVE_SEND_JOINS
                        " WHERE x.operation = ?1 AND x.key_hash = ?2 LIMIT 1",
                        key.operation, key.key_hash);
        if (!row.next()) return std::nullopt;
        return read_send(row, 0);
    }
    sql::cursor row(c,
                    "SELECT " CONCLAVE_SEND_COLUMNS " FROM send x" CONCLAVE_SEND_JOINS
                    " WHERE x.tenant_id = ?1 AND x.operation = ?2 AND x.key_hash = ?3",
                    tenant, key.operation, key.key_hash);
    if (!row.next()) return std::nullopt;
    return read_send(row, 0);
}

std::optional<send_snapshot> load_send(sql::connection& c, tenant_row tenant, const send_id& send) {
    sql::cursor row(c,
                    "SELECT " CONCLAVE_SEND_COLUMNS " FROM send x" CONCLAVE_SEND_JOINS
                    " WHERE x.tenant_id = ?1 AND x.public_id = ?2",
                    tenant, send);
    if (!row.next()) return std::nullopt;
    return read_send(row, 0);
}

bool tenant_exists(sql::connection& c, const tenant_scope& scope) {
    sql::cursor row(c, "SELECT 1 FROM tenant WHERE public_id = ?1 AND status <> 2", scope.id());
    return row.next();
}

}  // namespace conclave::store
