// Tenants and API keys.
#include "store/tenants.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"
#include "store/handlers.hpp"
#include "store/ledger.hpp"
#include "store/rows.hpp"
#include "store/sessions_erase.hpp"

namespace conclave::store {

namespace {

using sql::run;

#define CONCLAVE_TENANT_COLUMNS "public_id, name, status, metadata, settings, created_at"
#define CONCLAVE_API_KEY_COLUMNS                                        \
    "k.key_id, k.name, k.last4, k.scopes, k.created_at, k.expires_at, " \
    "k.last_used_at, k.revoked_at, k.revoke_reason"

tenant_record read_tenant(const sql::cursor& row) {
    return {row.text(0), row.text(1), read_enum<tenant_status>(row, 2),
            row.text(3), row.text(4), row.time(5)};
}

std::string print_scopes(const std::vector<std::string>& scopes) {
    return json::print(json::array(scopes.begin(), scopes.end()));
}

std::vector<std::string> read_scopes(std::string_view text) {
    std::vector<std::string> scopes;
    if (text == "[]") return scopes;
    const auto document = json::parse(text, "scopes");
    const auto* items = document ? document->as_array() : nullptr;
    if (items == nullptr)
        throw sql::failure(sql::failure_kind::corrupt, "an API key's scopes are unreadable");
    for (const auto& item : *items)
        if (const auto* scope = item.as_string()) scopes.push_back(*scope);
    return scopes;
}

api_key read_api_key(const sql::cursor& row) {
    return {row.text(0),      row.text(1),       row.text(2),       read_scopes(row.view(3)),
            row.time(4),      row.maybe_time(5), row.maybe_time(6), row.maybe_time(7),
            row.maybe_text(8)};
}

std::optional<tenant_record> load_tenant(sql::connection& c, const tenant_scope& scope) {
    sql::cursor row(c,
                    "SELECT " CONCLAVE_TENANT_COLUMNS
                    " FROM tenant"
                    " WHERE public_id = ?1 AND status <> 2",
                    scope.id());
    if (!row.next()) return std::nullopt;
    return read_tenant(row);
}

void erase_tenant(batch& c, tenant_row tenant, timestamp now) {
    erase_sessions(c, tenant, std::nullopt, now);
    run(c, "UPDATE agent_version SET config = '{}' WHERE tenant_id = ?1", tenant);
    run(c, "UPDATE agent SET name = '', deleted_at = coalesce(deleted_at, ?2) WHERE tenant_id = ?1",
        tenant, now);
    run(c, "DELETE FROM api_key_directory WHERE tenant_id = ?1", tenant);
    run(c, "DELETE FROM api_key WHERE tenant_id = ?1", tenant);
    run(c,
        "UPDATE tenant SET name = '', metadata = '{}', settings = '{}', status = 2"
        " WHERE tenant_id = ?1",
        tenant);
}

}  // namespace

create_tenant::outcome perform(batch& c, const create_tenant& command) {
    const auto& t = command.record;
    run(c,
        "INSERT INTO tenant (public_id, name, status, metadata, settings, fingerprint_key,"
        " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        t.id, t.name, t.status, t.metadata, t.settings, command.fingerprint_key, t.created_at);
    run(c,
        "INSERT INTO tenant_balance (tenant_id, held_nano_usd, spent_nano_usd) VALUES (?1, 0, 0)",
        c.last_row());
    return {};
}

update_tenant::outcome perform(batch& c, const update_tenant& command) {
    auto record = load_tenant(c, command.scope);
    if (!record) return {};
    if (command.change.name) record->name = *command.change.name;
    if (command.change.metadata) record->metadata = *command.change.metadata;
    if (command.change.settings) record->settings = *command.change.settings;
    if (command.status) record->status = *command.status;
    if (record->status == tenant_status::deleted)
        erase_tenant(c, c.row_of(command.scope), command.now);
    else
        run(c,
            "UPDATE tenant SET name = ?2, metadata = ?3, settings = ?4, status = ?5"
            " WHERE tenant_id = ?1",
            c.row_of(command.scope), record->name, record->metadata, record->settings,
            record->status);
    return {std::move(record)};
}

find_tenant::answer find(sql::connection& c, const find_tenant& query) {
    return {load_tenant(c, query.scope)};
}

list_tenants::answer find(sql::connection& c, const list_tenants& query) {
    std::vector<tenant_record> tenants;
    const auto limit = page_limit(query.page);
    sql::cursor row(c,
                    "SELECT " CONCLAVE_TENANT_COLUMNS
                    " FROM tenant"
                    " WHERE public_id < ?1 AND status <> 2 ORDER BY public_id DESC LIMIT ?2",
                    below(query.page), limit + 1);
    while (row.next()) tenants.push_back(read_tenant(row));
    return {make_page(std::move(tenants), limit, [](const auto& t) { return t.id.str(); })};
}

create_api_key::outcome perform(batch& c, const create_api_key& command) {
    if (!tenant_exists(c, command.scope)) return {};
    const auto& k = command.key;
    const auto tenant = c.row_of(command.scope);
    const auto scopes = print_scopes(k.scopes);
    run(c,
        "INSERT INTO api_key (tenant_id, key_id, name, last4, scopes, text_digest, created_at,"
        " expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        tenant, k.id, k.name, k.last4, scopes, command.text_digest, k.created_at, k.expires_at);
    run(c, "INSERT INTO api_key_directory (key_id, tenant_id) VALUES (?1, ?2)", k.id, tenant);
    return {.tenant_found = true};
}

revoke_api_key::outcome perform(batch& c, const revoke_api_key& command) {
    const auto tenant = c.row_of(command.scope);
    run(c,
        "UPDATE api_key SET revoked_at = ?3, revoke_reason = ?4"
        " WHERE tenant_id = ?1 AND key_id = ?2 AND revoked_at IS NULL",
        tenant, command.key, command.now, command.reason);
    sql::cursor row(c,
                    "SELECT " CONCLAVE_API_KEY_COLUMNS
                    " FROM api_key k"
                    " WHERE k.tenant_id = ?1 AND k.key_id = ?2",
                    tenant, command.key);
    if (!row.next()) return {};
    return {read_api_key(row)};
}

touch_api_key::outcome perform(batch& c, const touch_api_key& command) {
    run(c,
        "UPDATE api_key SET last_used_at = ?3 WHERE tenant_id = ?1 AND key_id = ?2"
        " AND coalesce(last_used_at < ?3, TRUE)",
        c.row_of(command.scope), command.key, command.now);
    return {};
}

list_api_keys::answer find(sql::connection& c, const list_api_keys& query) {
    if (!tenant_exists(c, query.scope)) return {};
    std::vector<api_key> keys;
    const auto limit = page_limit(query.page);
    sql::cursor row(c,
                    "SELECT " CONCLAVE_API_KEY_COLUMNS
                    " FROM api_key k"
                    " WHERE k.tenant_id = ?1 AND k.key_id < ?2 ORDER BY k.key_id DESC LIMIT ?3",
                    row_of(c, query.scope), below(query.page), limit + 1);
    while (row.next()) keys.push_back(read_api_key(row));
    return {true, make_page(std::move(keys), limit, [](const auto& k) { return k.id.str(); })};
}

find_api_key::answer find(sql::connection& c, const find_api_key& query) {
    sql::cursor row(c,
                    "SELECT " CONCLAVE_API_KEY_COLUMNS
                    ", t.public_id, k.text_digest, t.status"
                    " FROM api_key_directory d"
                    " JOIN api_key k ON k.tenant_id = d.tenant_id AND k.key_id = d.key_id"
                    " JOIN tenant t ON t.tenant_id = d.tenant_id"
                    " WHERE d.key_id = ?1",
                    query.key);
    if (!row.next()) return {};
    return {find_api_key::answer::found{tenant_scope(tenant_id(row.text(9))), read_api_key(row),
                                        read_digest(row, 10), read_enum<tenant_status>(row, 11)}};
}

}  // namespace conclave::store
