// Sessions and their messages in the store.
#pragma once

#include <conclave/session.hpp>

#include "model/tenant_scope.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace conclave::store {

struct create_session {
    tenant_scope scope;
    session record;
    struct outcome {
        bool tenant_found = false;
        bool agent_found = false;
    };
};

/// Changes what is present. `status` closed refuses later sends; deleted erases messages and texts,
/// keeps usage events and key hashes, and answers as if the session never existed.
struct update_session {
    tenant_scope scope;
    session_id session;
    session_update change;
    std::optional<session_status> status;
    timestamp now{};
    struct outcome {
        std::optional<conclave::session> record;  ///< absent: not found
        bool closed_before = false;               ///< a change of a closed session is refused
    };
};

struct find_session {
    tenant_scope scope;
    session_id session;
    struct answer {
        std::optional<conclave::session> record;
    };
};

struct list_sessions {
    tenant_scope scope;
    session_filter filter;
    struct answer {
        bool tenant_found = false;
        conclave::page<session> sessions;
    };
};

struct read_transcript {
    tenant_scope scope;
    session_id session;
    std::int64_t after_seq = 0;
    std::int64_t limit = 100;
    struct answer {
        std::optional<conclave::session> session;  ///< absent: not found
        std::vector<message> messages;             ///< oldest first
        bool more = false;
    };
};

}  // namespace conclave::store
