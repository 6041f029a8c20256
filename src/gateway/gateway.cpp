// Opens gateways and does what concerns the whole of one.
#include <conclave/gateway.hpp>
#include <conclave/version.hpp>

#include "base/field.hpp"
#include "base/limits.hpp"
#include "gateway/handle.hpp"
#include "gateway/metrics_text.hpp"
#include "gateway/price_document.hpp"
#include "json/writer.hpp"
#include "metering/price_version.hpp"
#include "model/page_rule.hpp"
#include "resilience/resolved_policy.hpp"
#include "runtime/apart.hpp"
#include "runtime/text_file.hpp"
#include "tenancy/api_key_text.hpp"
#include "tenancy/tenants.hpp"

#include <utility>

namespace conclave {

using gateway_detail::handle;
using gateway_detail::read;
using gateway_detail::run;
using gateway_detail::tenant_not_found;

namespace {

constexpr std::size_t reader_threads_max = 64;
constexpr std::size_t handler_threads_max = 256;
constexpr std::string_view sqlite_scheme = "sqlite:";

/// URLs of other libraries, and what is nearly ":memory:", would quietly become odd files.
bool names_a_file(std::string_view path) {
    return path.find("://") == std::string_view::npos && !path.starts_with("file:") &&
           (!path.starts_with(":") || path == ":memory:");
}

result<std::string> sqlite_path(std::string_view store) {
    if (store.starts_with("postgresql:") || store.starts_with("postgres:"))
        return fail(errc::unsupported, "this build has no PostgreSQL engine")
            .with("field", "store");
    const bool has_scheme = store.starts_with(sqlite_scheme);
    if (has_scheme) store.remove_prefix(sqlite_scheme.size());
    if (!names_a_file(store) || (has_scheme && store.starts_with("//")))
        return invalid("store", "must be a path, sqlite:PATH or :memory:");
    if (auto ok = check_text("store", store, {.min_bytes = 1, .max_bytes = limits::url_bytes}); !ok)
        return ok.error();
    return std::string(store);
}

result<void> check_options(const open_options& o) {
    if (auto ok = resilience::validate(o.policy); !ok) return ok;
    if (auto ok = check_range("drain_ms", o.drain_ms, 0, limits::policy_time_ms); !ok) return ok;
    if (auto ok = check_range("busy_timeout_ms", o.busy_timeout_ms, 1, limits::policy_time_ms); !ok)
        return ok;
    if (o.reader_threads < 1 || o.reader_threads > reader_threads_max)
        return invalid("reader_threads", "must lie between 1 and 64");
    if (o.handler_threads < 1 || o.handler_threads > handler_threads_max)
        return invalid("handler_threads", "must lie between 1 and 256");
    for (std::size_t i = 0; i < o.prices.size(); ++i)
        if (auto ok = metering::make_price_version(o.prices[i], {}, {}); !ok)
            return inside("prices[" + std::to_string(i) + "]", ok.error());
    return tenancy::check_key_prefix(o.api_key_prefix);
}

runtime::engine_options engine_options_of(std::string path, const open_options& o) {
    runtime::engine_options e;
    e.path = std::move(path);
    e.full_durability = o.durability == durability::full;
    e.virtual_time = o.clock == clock_kind::virtual_time;
    e.policy = o.policy;
    e.trust = {o.ca_file, o.ca_dir, o.extra_ca_file};
    e.proxy = o.proxy;
    e.readers = o.reader_threads;
    e.handler_threads = o.handler_threads;
    e.allow_network_filesystem = o.allow_network_filesystem;
    e.busy_timeout_ms = o.busy_timeout_ms;
    return e;
}

}  // namespace

result<gateway> gateway::open(std::string_view store, open_options options) {
    auto path = sqlite_path(store);
    if (!path) return std::move(path).error();
    if (auto ok = check_options(options); !ok) return ok.error();
    auto engine = runtime::share_engine(engine_options_of(*std::move(path), options));
    if (!engine) return std::move(engine).error();
    auto providers = std::exchange(options.providers, {});
    gateway gw(std::make_shared<handle>(*std::move(engine), std::move(options)));
    for (std::size_t i = 0; i < providers.size(); ++i)
        if (auto ok = gw.providers().register_provider(std::move(providers[i])); !ok)
            return inside("providers[" + std::to_string(i) + "]", ok.error());
    return gw;
}

result<conclave::tenant> gateway::authenticate(std::string_view api_key) const {
    const auto id = tenancy::read_key_text(api_key);
    store::find_api_key::answer stored;
    if (id) {
        auto found = read(*handle_, store::find_api_key{*id});
        if (!found) return std::move(found).error();
        stored = *std::move(found);
    } else if (auto ok = handle_->ready(); !ok) {
        return ok.error();
    }
    auto scope = tenancy::judge_key(api_key, stored, handle_->now());
    if (!scope) return std::move(scope).error();
    if (tenancy::should_touch(stored.match->key, handle_->now()))
        (void)run(*handle_, store::touch_api_key{*scope, *id, handle_->now()});
    return conclave::tenant(handle_, scope->id());
}

result<check_report> gateway::check() const {
    auto answer = read(*handle_, store::check_invariants{});
    if (!answer) return std::move(answer).error();
    return std::move(answer->report);
}

result<void> gateway::backup(const std::string& path) const {
    if (auto ok = check_text("path", path, {.min_bytes = 1, .max_bytes = limits::url_bytes}); !ok)
        return ok;
    if (auto ok = handle_->ready(); !ok) return ok;
    return handle_->engine().backup(path);
}

result<std::string> gateway::health() const {
    if (auto ok = handle_->ready(); !ok) return ok.error();
    auto state = handle_->engine().state();
    if (!state) return std::move(state).error();
    json::writer w;
    w.begin_object().key("status").string("ok").key("version").string(version());
    w.key("store").string("sqlite").key("durability");
    w.string(handle_->options().durability == durability::full ? "full" : "process");
    w.key("sends_in_flight").integer(state->sends_in_flight).key("warnings").begin_array();
    for (const auto& warning : state->warnings) w.string(warning);
    w.end_array().end_object();
    return std::move(w).text();
}

result<std::string> gateway::new_idempotency_key() const {
    if (auto ok = handle_->usable(); !ok) return std::move(ok).error();
    return handle_->engine().ids().idempotency_key();
}

request_id gateway::new_request_id() const { return handle_->engine().ids().request(); }

result<std::string> gateway::metrics() const {
    if (auto ok = handle_->ready(); !ok) return ok.error();
    const auto state = handle_->engine().state();
    if (!state) return state.error();
    return gateway_detail::metrics_text(*state);
}

result<void> gateway::advance(std::int64_t ms) const {
    if (auto ok = check_range("ms", ms, 0, 366LL * limits::policy_time_ms); !ok) return ok;
    if (auto ok = handle_->ready(); !ok) return ok;
    return handle_->engine().advance(ms);
}

void gateway::run_blocking(completion<void> task) const {
    // A call that cannot even start completes with the reason it finds itself.
    if (!handle_->ready() || !handle_->engine().run_blocking(task))
        runtime::run_apart(std::move(task));
}

void gateway::complete(completion<void> task) const {
    if (!handle_->engine().complete(task)) runtime::run_apart(std::move(task));
}

void gateway::close(std::optional<std::int64_t> drain_ms) const {
    handle_->close(drain_ms.value_or(handle_->options().drain_ms));
}

// --- Providers, tools and prices ----------------------------------------------------------------

result<void> provider_operations::register_provider(new_provider provider) {
    if (auto ok = handle_->usable(); !ok) return ok;
    return handle_->engine().add_provider(std::move(provider));
}

result<std::vector<provider_info>> provider_operations::list() {
    if (auto ok = handle_->usable(); !ok) return ok.error();
    return handle_->engine().providers();
}

result<void> tool_operations::register_tool(new_tool tool) {
    if (auto ok = handle_->usable(); !ok) return ok;
    return handle_->engine().add_tool(std::move(tool));
}

result<std::vector<tool_info>> tool_operations::list() {
    if (auto ok = handle_->usable(); !ok) return ok.error();
    return handle_->engine().tools();
}

result<price_version> price_operations::set(new_price price) {
    auto version = metering::make_price_version(std::move(price), handle_->engine().ids().price(),
                                                handle_->now());
    if (!version) return std::move(version).error();
    auto stored = run(*handle_, store::set_price{*std::move(version)});
    if (!stored) return std::move(stored).error();
    return std::move(stored->version);
}

result<std::vector<price_version>> price_operations::load(price_source source) {
    if (source.path.empty() == source.document.empty())
        return invalid("path", "or document is required, not both");
    if (!source.path.empty()) {
        if (auto ok = check_text("path", source.path, {.max_bytes = limits::url_bytes}); !ok)
            return ok.error();
        auto text = runtime::read_text_file(source.path, "path", limits::price_document_bytes);
        if (!text) return std::move(text).error();
        source.document = *std::move(text);
    }
    auto prices = gateway_detail::read_price_document(source.document, source.provider_names);
    if (!prices) return std::move(prices).error();
    if (auto ok = handle_->ready(); !ok) return ok.error();
    store::load_prices command;
    for (auto& price : *prices) {
        auto version = metering::make_price_version(
            std::move(price), handle_->engine().ids().price(), handle_->now());
        if (!version) return std::move(version).error();
        command.versions.push_back(*std::move(version));
    }
    auto stored = run(*handle_, std::move(command));
    if (!stored) return std::move(stored).error();
    return std::move(stored->versions);
}

result<std::vector<price_version>> price_operations::list(std::optional<std::string> provider) {
    auto answer = read(*handle_, store::list_prices{std::move(provider)});
    if (!answer) return std::move(answer).error();
    return std::move(answer->versions);
}

// --- Tenants ------------------------------------------------------------------------------------

namespace {

result<tenant_record> change_tenant(handle& h, const tenant_id& id, tenant_update change,
                                    std::optional<tenant_status> status) {
    if (auto ok = tenancy::check_update(change); !ok) return ok.error();
    auto outcome =
        run(h, store::update_tenant{tenant_scope(id), std::move(change), status, h.now()});
    if (!outcome) return std::move(outcome).error();
    if (!outcome->record) return tenant_not_found(id);
    return *std::move(outcome->record);
}

}  // namespace

result<tenant_record> tenant_operations::create(new_tenant input) {
    auto& engine = handle_->engine();
    auto command =
        tenancy::plan_create(std::move(input), engine.ids(), engine.random(), handle_->now());
    if (!command) return std::move(command).error();
    auto record = command->record;
    if (auto ok = run(*handle_, *std::move(command)); !ok) return std::move(ok).error();
    return record;
}

result<tenant_record> tenant_operations::get(const tenant_id& id) {
    auto answer = read(*handle_, store::find_tenant{tenant_scope(id)});
    if (!answer) return std::move(answer).error();
    if (!answer->record) return tenant_not_found(id);
    return *std::move(answer->record);
}

result<page<tenant_record>> tenant_operations::list(page_request page) {
    auto checked = check_page(std::move(page));
    if (!checked) return std::move(checked).error();
    auto answer = read(*handle_, store::list_tenants{*std::move(checked)});
    if (!answer) return std::move(answer).error();
    return std::move(answer->tenants);
}

result<tenant_record> tenant_operations::update(const tenant_id& id, tenant_update change) {
    return change_tenant(*handle_, id, std::move(change), std::nullopt);
}

result<tenant_record> tenant_operations::suspend(const tenant_id& id) {
    return change_tenant(*handle_, id, {}, tenant_status::suspended);
}

result<tenant_record> tenant_operations::activate(const tenant_id& id) {
    return change_tenant(*handle_, id, {}, tenant_status::active);
}

result<void> tenant_operations::delete_tenant(const tenant_id& id) {
    auto deleted = change_tenant(*handle_, id, {}, tenant_status::deleted);
    if (!deleted) return std::move(deleted).error();
    return {};
}

}  // namespace conclave
