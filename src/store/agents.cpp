// Agents and their versions.
#include "store/agents.hpp"

#include "store/agent_config.hpp"
#include "store/handlers.hpp"
#include "store/rows.hpp"

namespace conclave::store {

namespace {

using sql::run;

#define CONCLAVE_AGENT_COLUMNS "a.agent_id, a.version, a.created_at, v.created_at, v.config"
#define CONCLAVE_AGENT_TABLES                                         \
    " FROM agent a JOIN agent_version v ON v.tenant_id = a.tenant_id" \
    " AND v.agent_id = a.agent_id AND v.version = a.version"

agent read_agent(const sql::cursor& row) {
    agent a;
    a.id = row.text(0);
    a.version = row.integer(1);
    a.created_at = row.time(2);
    a.updated_at = row.time(3);
    read_agent_config(a, row.view(4));
    return a;
}

void insert_version(sql::connection& c, tenant_row tenant, const agent& a) {
    const auto config = print_agent_config(a);
    run(c,
        "INSERT INTO agent_version (tenant_id, agent_id, version, config, created_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        tenant, a.id, a.version, config, a.updated_at);
}

std::optional<std::int64_t> current_version(sql::connection& c, tenant_row tenant,
                                            const agent_id& agent) {
    sql::cursor row(c,
                    "SELECT version FROM agent WHERE tenant_id = ?1 AND agent_id = ?2"
                    " AND deleted_at IS NULL AND hidden = 0",
                    tenant, agent);
    if (!row.next()) return std::nullopt;
    return row.integer(0);
}

}  // namespace

create_agent::outcome perform(batch& c, const create_agent& command) {
    if (!tenant_exists(c, command.scope)) return {};
    const auto& a = command.record;
    const auto tenant = c.row_of(command.scope);
    run(c,
        "INSERT INTO agent (tenant_id, agent_id, name, version, created_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        tenant, a.id, a.name, a.version, a.created_at);
    insert_version(c, tenant, a);
    return {.tenant_found = true};
}

update_agent::outcome perform(batch& c, const update_agent& command) {
    const auto& a = command.record;
    const auto tenant = c.row_of(command.scope);
    const auto version = current_version(c, tenant, a.id);
    if (!version) return {};
    if (*version != a.version - 1) return {.found = true, .overtaken = true};
    insert_version(c, tenant, a);
    run(c, "UPDATE agent SET version = ?3, name = ?4 WHERE tenant_id = ?1 AND agent_id = ?2",
        tenant, a.id, a.version, a.name);
    return {.found = true};
}

delete_agent::outcome perform(batch& c, const delete_agent& command) {
    return {run(c,
                "UPDATE agent SET deleted_at = ?3 WHERE tenant_id = ?1 AND agent_id = ?2"
                " AND deleted_at IS NULL AND hidden = 0",
                c.row_of(command.scope), command.agent, command.now) == 1};
}

find_agent::answer find(sql::connection& c, const find_agent& query) {
    sql::cursor row(c,
                    "SELECT " CONCLAVE_AGENT_COLUMNS CONCLAVE_AGENT_TABLES
                    " WHERE a.tenant_id = ?1 AND a.agent_id = ?2 AND a.deleted_at IS NULL"
                    " AND a.hidden = 0",
                    row_of(c, query.scope), query.agent);
    if (!row.next()) return {};
    return {read_agent(row)};
}

list_agents::answer find(sql::connection& c, const list_agents& query) {
    if (!tenant_exists(c, query.scope)) return {};
    std::vector<agent> agents;
    const auto limit = page_limit(query.page);
    sql::cursor row(c,
                    "SELECT " CONCLAVE_AGENT_COLUMNS CONCLAVE_AGENT_TABLES
                    " WHERE a.tenant_id = ?1 AND a.agent_id < ?2 AND a.deleted_at IS NULL"
                    " AND a.hidden = 0"
                    " ORDER BY a.agent_id DESC LIMIT ?3",
                    row_of(c, query.scope), below(query.page), limit + 1);
    while (row.next()) agents.push_back(read_agent(row));
    return {true, make_page(std::move(agents), limit, [](const auto& a) { return a.id.str(); })};
}

}  // namespace conclave::store
