// Agents and their versions in the store.
#pragma once

#include <conclave/agent.hpp>
#include <conclave/page.hpp>

#include "model/tenant_scope.hpp"

#include <optional>

namespace conclave::store {

struct create_agent {
    tenant_scope scope;
    agent record;
    struct outcome {
        bool tenant_found = false;
    };
};

/// Stores `record` as the next version if the current one is `record.version - 1`.
struct update_agent {
    tenant_scope scope;
    agent record;
    struct outcome {
        bool found = false;
        bool overtaken = false;  ///< another update came first
    };
};

struct delete_agent {
    tenant_scope scope;
    agent_id agent;
    timestamp now{};
    struct outcome {
        bool found = false;
    };
};

struct find_agent {
    tenant_scope scope;
    agent_id agent;
    struct answer {
        std::optional<conclave::agent> record;
    };
};

struct list_agents {
    tenant_scope scope;
    page_request page;
    struct answer {
        bool tenant_found = false;
        conclave::page<agent> agents;
    };
};

}  // namespace conclave::store
