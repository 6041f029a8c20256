// How rows become values: the columns of each noun in one order, and their readers.
#pragma once

#include <conclave/page.hpp>
#include <conclave/session.hpp>
#include <conclave/tenant_record.hpp>

#include "base/limits.hpp"
#include "model/send.hpp"
#include "model/tenant_scope.hpp"
#include "store/row_numbers.hpp"
#include "store/sends.hpp"
#include "store/sql/query.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::store {

// The numbers of enumerators that stand in SQL texts and in the schema's partial indexes.
static_assert(static_cast<int>(tenant_status::deleted) == 2);
static_assert(static_cast<int>(session_status::closed) == 1);
static_assert(static_cast<int>(session_status::deleted) == 2);
static_assert(static_cast<int>(message_role::assistant) == 2);
static_assert(static_cast<int>(send_state::dispatching) == 1);
static_assert(static_cast<int>(send_state::succeeded) == 2);
static_assert(static_cast<int>(send_state::unknown) == 5);
static_assert(static_cast<int>(send_state::closed) == 6);
static_assert(static_cast<int>(call_class::ok) == 0);
static_assert(static_cast<int>(call_class::server_error) == 4);
static_assert(static_cast<int>(call_class::ambiguous) == 5);
static_assert(static_cast<int>(call_class::partial) == 6);
static_assert(static_cast<int>(cost_basis::known) == 1);
static_assert(static_cast<int>(cost_basis::exposure) == 3);
static_assert(static_cast<int>(cost_basis::unpriced) == 4);
static_assert(static_cast<int>(cost_basis::reported) == 5);

/// Table `session` as alias `s`, for read_session.
#define CONCLAVE_SESSION_COLUMNS                                          \
    "s.public_id, s.agent_id, s.status, s.pinned, s.created_at, "         \
    "(SELECT l.created_at FROM message l WHERE l.tenant_id = s.tenant_id" \
    " AND l.session_id = s.session_id ORDER BY l.seq DESC LIMIT 1), "     \
    "s.customer_id, s.subject, s.title, s.metadata"
inline constexpr int session_columns = 10;

/// The last seq of session `s` of tenant ?1; null before its first message.
#define CONCLAVE_LAST_SEQ \
    "(SELECT max(l.seq) FROM message l WHERE l.tenant_id = ?1 AND l.session_id = s.session_id)"

/// Tables `message` as alias `m` and its session as `s`, for read_message.
#define CONCLAVE_MESSAGE_COLUMNS                                                                \
    "m.message_id, s.public_id, m.seq, m.role, m.status, m.created_at, m.metadata, m.content, " \
    "m.tool_calls, m.parts"
inline constexpr int message_columns = 10;

/// Tables `send` as alias `x`, its session as `s`, its owner as `o` and its reply as `m`, for
/// read_send.
#define CONCLAVE_SEND_COLUMNS                                                                \
    "x.public_id, x.state, x.fingerprint, s.public_id, x.agent_id, x.owner, o.lock_offset, " \
    "o.pid, o.process_start, x.epoch, x.user_seq, x.attempts, x.request_id, "                \
    "x.error_document, x.send_id, m.reply_metadata, m.tool_steps, " CONCLAVE_MESSAGE_COLUMNS
#define CONCLAVE_SEND_JOINS                                                             \
    " LEFT JOIN session s ON s.tenant_id = x.tenant_id AND s.session_id = x.session_id" \
    " LEFT JOIN owner o ON o.owner_id = x.owner"                                        \
    " LEFT JOIN message m ON m.tenant_id = x.tenant_id AND m.session_id = x.session_id" \
    " AND m.seq = x.reply_seq"
inline constexpr int send_columns = 17 + message_columns;

template <class Enum>
Enum read_enum(const sql::cursor& row, int column) {
    return static_cast<Enum>(row.integer(column));
}

inline digest read_digest(const sql::cursor& row, int column) {
    digest d{};
    const auto bytes = row.blob(column);
    std::copy_n(bytes.begin(), std::min(bytes.size(), d.size()), d.begin());
    return d;
}

inline std::optional<money> read_money(const sql::cursor& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return money::from_nano_usd(row.integer(column));
}

inline date read_date(const sql::cursor& row, int column) {
    return date(std::chrono::days(row.integer(column)));
}

/// input, cached_input, cache_write, output, reasoning from `column` on.
inline token_usage read_tokens(const sql::cursor& row, int column) {
    return {row.integer(column), row.integer(column + 1), row.integer(column + 2),
            row.integer(column + 3), row.integer(column + 4)};
}

// The readers take the number of the first of their columns.
session read_session(const sql::cursor& row, int column);
message read_message(const sql::cursor& row, int column);
send_snapshot read_send(const sql::cursor& row, int column);

/// The row of the scope's tenant, deleted or not. All statements on its data begin with it.
tenant_row row_of(sql::connection& c, const tenant_scope& scope);

/// The send of a key or of an id, with its reply while that is stored.
std::optional<send_snapshot> load_send(sql::connection& c, tenant_row tenant, const send_key& key);
std::optional<send_snapshot> load_send(sql::connection& c, tenant_row tenant, const send_id& send);

bool tenant_exists(sql::connection& c, const tenant_scope& scope);

inline date day_of(timestamp t) { return std::chrono::floor<std::chrono::days>(t); }
inline std::int64_t nano_usd(const std::optional<money>& m) { return m ? m->nano_usd() : 0; }

inline std::int64_t page_limit(const page_request& page) {
    return page.limit.value_or(limits::page_items_default);
}

/// Lists run downwards from an id: the one of the cursor, or one above all ids.
inline std::string_view below(const page_request& page) {
    return page.cursor ? std::string_view(*page.cursor) : std::string_view("\x7f");
}

/// One page of a list that was read one item past its limit. `cursor_of` names an item's place.
template <class T, class F>
conclave::page<T> make_page(std::vector<T> items, std::int64_t limit, F cursor_of) {
    conclave::page<T> p{std::move(items), std::nullopt};
    if (static_cast<std::int64_t>(p.items.size()) > limit) {
        p.items.resize(static_cast<std::size_t>(limit));
        p.next_cursor = cursor_of(p.items.back());
    }
    return p;
}

}  // namespace conclave::store
