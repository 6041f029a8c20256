// What this process knows of sessions between two of their turns.
#pragma once

#include <conclave/session.hpp>

#include "messaging/plan.hpp"
#include "model/tenant_scope.hpp"
#include "store/sends.hpp"

#include <cstddef>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace conclave::messaging {

/// What the turn after this settled one is made from. Nothing if messages came in between, or the
/// prompt is not made of whole turns: then it has to be read. Takes the prompt out of `plan` unless
/// an attempt still uses it.
std::optional<store::turn_basis> next_turn(send_plan& plan, store::turn_basis basis,
                                           const store::claim_send::claimed& claim,
                                           const message& reply);

/// The least recently used sessions go first once limits::turn_cache_bytes is reached. Never the
/// truth: T1 refuses a claim made from anything that has moved on. Executor only.
class turn_cache {
   public:
    /// Takes the basis out: a session has one turn at a time.
    std::optional<store::turn_basis> take(const tenant_scope& scope, const session_id& session);
    void keep(const tenant_scope& scope, const session_id& session, store::turn_basis basis);

    std::size_t bytes() const { return bytes_; }

   private:
    struct entry {
        tenant_id tenant;
        session_id session;
        store::turn_basis basis;
        std::size_t bytes = 0;
    };
    using entries = std::list<entry>;

    void drop(entries::iterator e);

    entries entries_;                                                 ///< least recently used first
    std::unordered_map<std::string_view, entries::iterator> places_;  ///< by the entry's session
    std::size_t bytes_ = 0;
};

}  // namespace conclave::messaging
