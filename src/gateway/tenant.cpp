// The operations of one tenant.
#include <conclave/tenant.hpp>

#include "agents/agents.hpp"
#include "base/field.hpp"
#include "base/limits.hpp"
#include "gateway/handle.hpp"
#include "json/parse.hpp"
#include "json/print.hpp"
#include "messaging/order.hpp"
#include "metering/grouping.hpp"
#include "model/page_rule.hpp"
#include "runtime/apart.hpp"
#include "sessions/sessions.hpp"
#include "sessions/transcript_text.hpp"
#include "tenancy/tenants.hpp"

#include <utility>

namespace conclave {

using gateway_detail::handle;
using gateway_detail::read;
using gateway_detail::run;
using gateway_detail::tenant_not_found;

namespace {

error agent_not_found(const agent_id& id) {
    return fail(errc::agent_not_found, "the agent was not found").with("agent_id", id.str());
}

error session_not_found(const session_id& id) {
    return fail(errc::resource_not_found, "the session was not found").with("session_id", id.str());
}

error key_not_found(const api_key_id& id) {
    return fail(errc::resource_not_found, "the API key was not found").with("api_key_id", id.str());
}

/// The agent with what speaks against its council.
result<agent> with_warnings(handle& h, agent a) {
    if (auto ok = h.engine().set_warnings({&a, 1}); !ok) return ok.error();
    return a;
}

}  // namespace

result<tenant_record> tenant::get() const {
    auto answer = read(*handle_, store::find_tenant{tenant_scope(id_)});
    if (!answer) return std::move(answer).error();
    if (!answer->record) return tenant_not_found(id_);
    return *std::move(answer->record);
}

// --- API keys -----------------------------------------------------------------------------------

result<created_api_key> api_key_operations::create(new_api_key input) {
    auto& engine = handle_->engine();
    auto planned = tenancy::plan_key(tenant_scope(tenant_), std::move(input),
                                     handle_->options().api_key_prefix, engine.ids(),
                                     engine.random(), handle_->now());
    if (!planned) return std::move(planned).error();
    auto outcome = run(*handle_, std::move(planned->command));
    if (!outcome) return std::move(outcome).error();
    if (!outcome->tenant_found) return tenant_not_found(tenant_);
    return std::move(planned->created);
}

result<page<api_key>> api_key_operations::list(page_request page) {
    auto checked = check_page(std::move(page));
    if (!checked) return std::move(checked).error();
    auto answer = read(*handle_, store::list_api_keys{tenant_scope(tenant_), *std::move(checked)});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    return std::move(answer->keys);
}

result<api_key> api_key_operations::revoke(const api_key_id& id, std::string_view reason) {
    if (auto ok = check_text("reason", reason, {.max_bytes = limits::label_bytes}); !ok)
        return ok.error();
    auto outcome = run(*handle_, store::revoke_api_key{tenant_scope(tenant_), id,
                                                       std::string(reason), handle_->now()});
    if (!outcome) return std::move(outcome).error();
    if (!outcome->key) return key_not_found(id);
    return *std::move(outcome->key);
}

// --- Agents -------------------------------------------------------------------------------------

result<agent> agent_operations::create(new_agent input) {
    auto command = agents::plan_create(tenant_scope(tenant_), std::move(input),
                                       handle_->engine().ids(), handle_->now());
    if (!command) return std::move(command).error();
    auto record = command->record;
    auto outcome = run(*handle_, *std::move(command));
    if (!outcome) return std::move(outcome).error();
    if (!outcome->tenant_found) return tenant_not_found(tenant_);
    return with_warnings(*handle_, std::move(record));
}

result<agent> agent_operations::get(const agent_id& id) {
    auto answer = read(*handle_, store::find_agent{tenant_scope(tenant_), id});
    if (!answer) return std::move(answer).error();
    if (!answer->record) return agent_not_found(id);
    return with_warnings(*handle_, *std::move(answer->record));
}

result<page<agent>> agent_operations::list(page_request page) {
    auto checked = check_page(std::move(page));
    if (!checked) return std::move(checked).error();
    auto answer = read(*handle_, store::list_agents{tenant_scope(tenant_), *std::move(checked)});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    if (auto ok = handle_->engine().set_warnings(answer->agents.items); !ok) return ok.error();
    return std::move(answer->agents);
}

result<agent> agent_operations::update(const agent_id& id, agent_update change) {
    auto current = get(id);
    if (!current) return current;
    auto command =
        agents::plan_update(tenant_scope(tenant_), *current, std::move(change), handle_->now());
    if (!command) return std::move(command).error();
    auto record = command->record;
    auto outcome = run(*handle_, *std::move(command));
    if (!outcome) return std::move(outcome).error();
    if (!outcome->found) return agent_not_found(id);
    if (outcome->overtaken)
        return fail(errc::conflict, "another update of the agent came first")
            .with("agent_id", id.str());
    return with_warnings(*handle_, std::move(record));
}

result<void> agent_operations::delete_agent(const agent_id& id) {
    auto outcome = run(*handle_, store::delete_agent{tenant_scope(tenant_), id, handle_->now()});
    if (!outcome) return std::move(outcome).error();
    if (!outcome->found) return agent_not_found(id);
    return {};
}

// --- Sessions -----------------------------------------------------------------------------------

namespace {

result<session> change_session(handle& h, const tenant_id& tenant, const session_id& id,
                               session_update change, std::optional<session_status> status) {
    if (auto ok = sessions::check_update(change); !ok) return ok.error();
    auto outcome =
        run(h, store::update_session{tenant_scope(tenant), id, std::move(change), status, h.now()});
    if (!outcome) return std::move(outcome).error();
    if (!outcome->record) return session_not_found(id);
    if (outcome->closed_before && !status)
        return fail(errc::session_closed, "the session is closed").with("session_id", id.str());
    return *std::move(outcome->record);
}

/// What councils did in a session.
result<sessions::council_reports> read_councils(handle& h, const tenant_id& tenant,
                                                const session_id& id) {
    auto answer = read(h, store::list_council_reports{tenant_scope(tenant), id});
    if (!answer) return std::move(answer).error();
    sessions::council_reports reports;
    for (const auto& [message, metadata] : answer->metadata)
        if (const auto parsed = json::parse(metadata, "metadata"))
            if (const auto* council = json::find(*parsed, "council");
                council && !council->is_null())
                reports.emplace(message, json::print(*council));
    return reports;
}

}  // namespace

result<session> session_operations::create(new_session input) {
    const auto agent = input.agent_id;
    auto command = sessions::plan_create(tenant_scope(tenant_), std::move(input),
                                         handle_->engine().ids(), handle_->now());
    if (!command) return std::move(command).error();
    auto record = command->record;
    auto outcome = run(*handle_, *std::move(command));
    if (!outcome) return std::move(outcome).error();
    if (!outcome->tenant_found) return tenant_not_found(tenant_);
    if (!outcome->agent_found) return agent_not_found(agent);
    return record;
}

result<session> session_operations::get(const session_id& id) {
    auto answer = read(*handle_, store::find_session{tenant_scope(tenant_), id});
    if (!answer) return std::move(answer).error();
    if (!answer->record) return session_not_found(id);
    return *std::move(answer->record);
}

result<page<session>> session_operations::list(session_filter filter) {
    auto checked = sessions::check_filter(std::move(filter));
    if (!checked) return std::move(checked).error();
    auto answer = read(*handle_, store::list_sessions{tenant_scope(tenant_), *std::move(checked)});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    return std::move(answer->sessions);
}

result<session> session_operations::update(const session_id& id, session_update change) {
    return change_session(*handle_, tenant_, id, std::move(change), std::nullopt);
}

result<session> session_operations::close(const session_id& id) {
    return change_session(*handle_, tenant_, id, {}, session_status::closed);
}

result<void> session_operations::delete_session(const session_id& id) {
    auto deleted = change_session(*handle_, tenant_, id, {}, session_status::deleted);
    if (!deleted) return std::move(deleted).error();
    return {};
}

result<transcript> session_operations::transcript(const session_id& id, page_request page) {
    auto checked = check_page(std::move(page), cursor_form::sequence);
    if (!checked) return std::move(checked).error();
    auto after = check_transcript_cursor(*checked);
    if (!after) return std::move(after).error();
    auto answer =
        read(*handle_, store::read_transcript{tenant_scope(tenant_), id, *after, *checked->limit});
    if (!answer) return std::move(answer).error();
    if (!answer->session) return session_not_found(id);
    conclave::transcript t{*std::move(answer->session), std::move(answer->messages), {}};
    if (answer->more) t.next_cursor = std::to_string(t.messages.back().seq);
    return t;
}

result<std::string> session_operations::export_text(const session_id& id, export_format format) {
    std::vector<message> messages;
    page_request page{limits::page_items, std::nullopt};
    for (;;) {
        auto part = transcript(id, page);
        if (!part) return std::move(part).error();
        std::move(part->messages.begin(), part->messages.end(), std::back_inserter(messages));
        page.cursor = part->next_cursor;
        if (page.cursor) continue;
        auto councils = read_councils(*handle_, tenant_, id);
        if (!councils) return std::move(councils).error();
        return format == export_format::markdown
                   ? sessions::to_markdown(part->session, messages, *councils)
                   : sessions::to_json(part->session, messages, *councils);
    }
}

// --- Usage --------------------------------------------------------------------------------------

namespace {

result<date_range> check_range_of(date from, date to) {
    if (auto ok = check_days(from, to, limits::range_days); !ok) return ok.error();
    return date_range{from, to};
}

result<date_range> parse_range(std::string_view from, std::string_view to) {
    auto first = parse_date(from, "from");
    if (!first) return std::move(first).error();
    auto last = parse_date(to, "to");
    if (!last) return std::move(last).error();
    return check_range_of(*first, *last);
}

}  // namespace

result<usage_rollup> usage_operations::rollup(date from, date to,
                                              std::vector<usage_dimension> group_by) {
    auto range = check_range_of(from, to);
    if (!range) return std::move(range).error();
    if (auto ok = metering::check_grouping(group_by); !ok) return ok.error();
    const bool grouped = !group_by.empty();
    auto answer = read(*handle_, store::read_rollup{tenant_scope(tenant_), from, to, grouped});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    auto report = metering::fold(*range, answer->rows, answer->sessions);
    if (!grouped) return report;
    auto groups = metering::group(answer->rows, answer->session_days, group_by);
    if (!groups) return std::move(groups).error();
    report.groups = *std::move(groups);
    return report;
}

result<page<usage_event>> usage_operations::events(date from, date to, page_request page) {
    if (auto ok = check_range_of(from, to); !ok) return std::move(ok).error();
    auto checked = check_page(std::move(page), cursor_form::day_and_id);
    if (!checked) return std::move(checked).error();
    auto answer = read(
        *handle_, store::list_usage_events{tenant_scope(tenant_), from, to, *std::move(checked)});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    return std::move(answer->events);
}

result<spend_report> usage_operations::spend(date from, date to, page_request page) {
    if (auto ok = check_range_of(from, to); !ok) return std::move(ok).error();
    auto checked = check_page(std::move(page), cursor_form::day_and_id);
    if (!checked) return std::move(checked).error();
    auto answer =
        read(*handle_, store::read_spend{tenant_scope(tenant_), from, to, *std::move(checked)});
    if (!answer) return std::move(answer).error();
    if (!answer->tenant_found) return tenant_not_found(tenant_);
    return std::move(answer->report);
}

result<usage_rollup> usage_operations::rollup(std::string_view from, std::string_view to,
                                              std::vector<usage_dimension> group_by) {
    auto range = parse_range(from, to);
    if (!range) return std::move(range).error();
    return rollup(range->from, range->to, std::move(group_by));
}

result<page<usage_event>> usage_operations::events(std::string_view from, std::string_view to,
                                                   page_request page) {
    auto range = parse_range(from, to);
    if (!range) return std::move(range).error();
    return events(range->from, range->to, std::move(page));
}

result<spend_report> usage_operations::spend(std::string_view from, std::string_view to,
                                             page_request page) {
    auto range = parse_range(from, to);
    if (!range) return std::move(range).error();
    return spend(range->from, range->to, std::move(page));
}

}  // namespace conclave
