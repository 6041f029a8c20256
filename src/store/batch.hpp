// One SQLite transaction of many business transactions, and the sums that it writes once.
#pragma once

#include <conclave/money.hpp>
#include <conclave/time.hpp>

#include "model/call.hpp"
#include "model/tenant_scope.hpp"
#include "store/row_numbers.hpp"
#include "store/sql/driver.hpp"
#include "store/tenant_rows.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace conclave::store {

/// What one event adds to its row of usage_rollup.
struct rollup_share {
    std::int64_t messages = 0;
    std::int64_t messages_of_provider = 0;
    std::int64_t messages_of_tenant = 0;
    token_usage tokens;
    money cost;
    std::int64_t unpriced_tokens = 0;
};

enum class session_scope : std::int8_t { tenant = 0, provider = 1, model = 2, agent = 3 };

/// The connection as the transactions of one batch see it. What many of them add to the same rows
/// (balances, roll-ups, counts of sessions) is summed up here and written once by `write_sums`,
/// before the batch commits. No transaction reads those rows.
class batch final : public sql::connection {
   public:
    /// tenant, day, provider, model, agent
    using rollup_key = std::tuple<tenant_row, date, std::string, std::string, std::string>;
    /// tenant, day, scope, subject, model, previous day
    using session_count_key =
        std::tuple<tenant_row, date, session_scope, std::string, std::string, date>;

    /// What the engine gives a batch; what it points to outlives the batch.
    struct terms {
        std::string_view owner = {};    ///< whose batch it is
        std::int64_t number = 0;        ///< by which its owner knows it again
        const tenant_rows* known = {};  ///< from what was committed earlier
    };

    explicit batch(sql::connection& inner) : inner_(inner) {}
    batch(sql::connection& inner, terms t) : inner_(inner), terms_(t) {}

    sql::statement& prepared(const char* sql) override { return inner_.prepared(sql); }
    void execute(const char* sql) override { inner_.execute(sql); }
    std::int64_t changes() const override { return inner_.changes(); }
    std::int64_t last_row() const override { return inner_.last_row(); }

    /// What `send.batch` of a send of `owner` becomes where the batch writes its row: the batch's
    /// number, by which its owner finds it again; 0 for a send of another owner.
    std::int64_t number_for(std::string_view owner) const {
        return owner == terms_.owner ? terms_.number : 0;
    }
    /// Tells that the row of a send of `owner` was written so.
    void number_borne_by(send_row send, std::string_view owner) {
        if (owner == terms_.owner) bearer_ = send;
    }
    /// A send whose row tells that this batch was committed, if there is one.
    std::optional<send_row> bearer() const { return bearer_; }

    /// The row of the scope's tenant, deleted or not; read once in a batch if it was not known.
    tenant_row row_of(const tenant_scope& scope);
    /// Those that it read: as true as the batch, once that is committed.
    tenant_rows take_tenants() { return std::exchange(tenants_, {}); }

    void add_to_balance(tenant_row tenant, money held, money spent);
    void add_to_rollup(rollup_key key, const rollup_share& share);
    void count_session(session_count_key key);

    void write_sums();
    /// Drops what the transactions since the last `write_sums` left: they are rolled back.
    void forget();

   private:
    struct balance_change {
        money held;
        money spent;
    };

    sql::connection& inner_;
    const terms terms_{};
    std::optional<send_row> bearer_;
    tenant_rows tenants_;
    std::map<tenant_row, balance_change> balances_;
    std::map<rollup_key, rollup_share> rollups_;
    std::map<session_count_key, std::int64_t> sessions_;
};

}  // namespace conclave::store
