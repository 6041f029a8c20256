// The rows of the ledger as T1, T2 and recovery write them: attempts, bill, balance.
#pragma once

#include "store/batch.hpp"
#include "store/row_numbers.hpp"
#include "store/sends.hpp"
#include "store/sql/driver.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace conclave::store {

/// A send as its row tells it, with what T2 needs of its session.
struct ledger_send {
    send_row row = send_row::none;
    send_id id;
    send_key key;
    send_state state = send_state::dispatching;
    std::string owner;
    std::int64_t epoch = 0;
    money hold;
    conclave::agent_id agent;
    std::int64_t user_seq = 0;
    std::int64_t attempts = 0;
    session_row session = session_row::none;
    std::int64_t next_seq = 0;  ///< of the session
    std::vector<active_day> active_days;
};

send_row row_of(sql::connection& c, tenant_row tenant, const send_id& send);
/// The row that T1 told the owner of the fence, else the one of its send.
send_row row_of(sql::connection& c, tenant_row tenant, const send_fence& fence);

std::optional<ledger_send> read_ledger_send(sql::connection& c, tenant_row tenant, send_row send);
/// Reads what T2 needs of the session of `send.row`: its row, next_seq and active_days.
void read_session_of(sql::connection& c, tenant_row tenant, ledger_send& send);

/// What a send is answered with.
struct ledger_reply {
    const message_id& message;
    const std::string& content;
    message_status status = message_status::complete;
    const std::string& metadata;
    std::span<const usage_line> lines;
    timestamp now{};
    std::optional<std::string> tool_calls = {};  ///< with tool_steps as the columns of a message
    std::optional<std::string> tool_steps = {};
};

/// The day on which the session's next events are booked: never before its last one, so that a
/// clock that steps back does not break the count of distinct sessions.
date booking_day(const ledger_send& send, timestamp now);

/// What a transaction is told of a send's first call.
enum class first_call {
    not_told,  ///< it has a row of its own, as all others do, or is given one
    is_open,   ///< it lies in the send's row, as T1 wrote it
};

/// Makes the send succeeded; a call that `is_open` leaves its row. False, nothing written, if its
/// state, owner or epoch is another, or no call is open that should be: the fence.
bool mark_succeeded(batch& c, tenant_row tenant, const ledger_send& send, first_call first,
                    timestamp now);

/// Writes the assistant message, the events, the roll-ups and the balance of a send that was just
/// marked. Returns the reply's seq.
std::int64_t write_reply(batch& c, tenant_row tenant, const ledger_send& send,
                         const ledger_reply& reply);

/// How the result of an attempt enters the ledger.
struct attempt_booking {
    date day{};
    bool billable = false;
    bool duplicate = false;
};

/// Sets the columns of a send that has no open call.
#define CONCLAVE_NO_OPEN_CALL                                                                   \
    "open_at = NULL, open_provider = NULL, open_model = NULL, open_price = NULL, open_worst = " \
    "NULL"

void insert_attempt(sql::connection& c, tenant_row tenant, send_row send, std::int64_t epoch,
                    const released_attempt& attempt, std::int64_t number);
/// Gives the open call of a send, if it has one, a row of its own, as all others have.
void write_open_call(sql::connection& c, tenant_row tenant, send_row send);
/// Writes the row of a call that was open until now, as its owner released it.
void insert_finished(sql::connection& c, tenant_row tenant, const ledger_send& send,
                     const released_attempt& released, const finished_attempt& attempt,
                     const attempt_booking& booking);
/// Leaves alone what is billed already. The epoch keeps an overtaken run, whose attempt was never
/// released, from writing into the row of the run that took its number.
void finish_attempt(sql::connection& c, tenant_row tenant, send_row send, std::int64_t epoch,
                    const finished_attempt& attempt, const attempt_booking& booking);
/// Ends what an owner left running when it was lost: it may have been executed, and is recorded as
/// exposure: its own worst case, or the hold.
void lose_attempts(sql::connection& c, tenant_row tenant, send_row send, money hold, timestamp now);

/// Closes the sends of one session or, without one, of the whole tenant, whose content is erased:
/// their keys stay known and nothing more can come of them.
void close_sends(batch& c, tenant_row tenant, const std::optional<session_row>& session,
                 timestamp now);

/// One event and its share of the roll-up.
struct usage_entry {
    const ledger_send& send;
    const message_id& message;
    const usage_line& line;
    std::int64_t number = 0;  ///< of the line within the key
    date day{};
    bool first_of_provider = true;
    timestamp now{};
};
void insert_usage_event(sql::connection& c, tenant_row tenant, const usage_entry& entry);
void add_to_rollup(batch& c, tenant_row tenant, const usage_entry& entry);

}  // namespace conclave::store
