// Validates sessions.
#include "sessions/sessions.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "json/object_text.hpp"
#include "model/page_rule.hpp"

#include <utility>

namespace conclave::sessions {

namespace {

constexpr text_rule label_rule{.max_bytes = limits::label_bytes};

}  // namespace

result<store::create_session> plan_create(tenant_scope scope, new_session input, id_source& ids,
                                          timestamp now) {
    if (auto ok = check_text("agent_id", input.agent_id.str(),
                             {.min_bytes = 1, .max_bytes = limits::id_bytes});
        !ok)
        return ok.error();
    if (auto ok = check_text("customer_id", input.customer_id, label_rule); !ok) return ok.error();
    if (auto ok = check_text("subject", input.subject, label_rule); !ok) return ok.error();
    if (auto ok = check_text("title", input.title, label_rule); !ok) return ok.error();
    auto metadata = json::object_text(input.metadata, "metadata");
    if (!metadata) return std::move(metadata).error();
    session s;
    s.id = ids.session();
    s.agent_id = std::move(input.agent_id);
    s.customer_id = std::move(input.customer_id);
    s.subject = std::move(input.subject);
    s.title = std::move(input.title);
    s.metadata = *std::move(metadata);
    s.created_at = s.last_activity_at = now;
    return store::create_session{std::move(scope), std::move(s)};
}

result<void> check_update(const session_update& change) {
    if (change.title)
        if (auto ok = check_text("title", *change.title, label_rule); !ok) return ok;
    if (change.metadata)
        if (auto ok = json::object_text(change.metadata, "metadata"); !ok) return ok.error();
    return {};
}

result<session_filter> check_filter(session_filter filter) {
    if (filter.agent_id)
        if (auto ok = check_text("agent_id", filter.agent_id->str(),
                                 {.min_bytes = 1, .max_bytes = limits::id_bytes});
            !ok)
            return ok.error();
    if (filter.customer_id)
        if (auto ok = check_text("customer_id", *filter.customer_id, label_rule); !ok)
            return ok.error();
    if (filter.status == session_status::deleted)
        return invalid("status", "must be `active` or `closed`");
    auto page = check_page(std::move(filter.page));
    if (!page) return std::move(page).error();
    filter.page = *std::move(page);
    return filter;
}

}  // namespace conclave::sessions
