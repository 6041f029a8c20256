// Documents of what was used and what it cost.
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/print_parts.hpp"

namespace conclave::capi {

namespace {

void print_range(json::writer& w, const date_range& r) {
    w.begin_object().key("from").string(to_iso8601(r.from));
    w.key("to").string(to_iso8601(r.to)).end_object();
}

/// The sums, as members of the object begun before.
void print_sums(json::writer& w, const usage_totals& t, bool sessions_known = true) {
    if (sessions_known) w.key("sessions").integer(t.sessions);
    w.key("messages").integer(t.messages);
    w.key("tokens_in").integer(t.tokens_in).key("tokens_out").integer(t.tokens_out);
    w.key("tokens_total").integer(t.tokens_total);
    print_money(w, "cost", t.cost);
    w.key("unpriced_tokens").integer(t.unpriced_tokens).end_object();
}

void print_group(json::writer& w, const usage_group& g) {
    w.begin_object();
    if (g.day) w.key("day").string(to_iso8601(*g.day));
    if (g.provider) w.key("provider").string(*g.provider);
    if (g.model) w.key("model").string(*g.model);
    if (g.agent_id) {
        w.key("agent_id");
        g.agent_id->empty() ? w.null() : w.string(g.agent_id->str());
        w.key("agent_name").string(g.agent_name);
    }
    print_sums(w, g, g.sessions_known);
}

std::string_view word_of(cost_basis b) {
    switch (b) {
        case cost_basis::known: return "known";
        case cost_basis::estimated: return "estimated";
        case cost_basis::exposure: return "exposure";
        case cost_basis::reported: return "reported";
    }
    return "";
}

void print_attempt(json::writer& w, const spend_attempt& a) {
    w.begin_object().key("send_id").string(a.send_id.str());
    w.key("session_id").string(a.session_id.str()).key("agent_id").string(a.agent_id.str());
    w.key("provider").string(a.provider).key("model").string(a.model);
    w.key("stage").string(a.stage).key("seat").integer(a.seat).key("round").integer(a.round);
    w.key("attempt").integer(a.attempt).key("class").string(a.attempt_class);
    w.key("http_status");
    print_integer(w, a.http_status);
    w.key("latency_ms").integer(a.latency_ms).key("tokens_in").integer(a.tokens.input);
    w.key("tokens_out").integer(a.tokens.output).key("tokens_total").integer(a.tokens.total());
    print_money(w, "cost", a.cost);
    w.key("basis").string(word_of(a.basis)).key("billable").boolean(a.billable);
    w.key("duplicate").boolean(a.duplicate);
    w.key("created_at").string(to_iso8601(a.created_at)).end_object();
}

}  // namespace

void print(json::writer& w, const usage_rollup& r) {
    w.begin_object().key("range");
    print_range(w, r.range);
    w.key("totals").begin_object();
    print_sums(w, r.totals);
    w.key("by_provider").begin_array();
    for (const auto& p : r.by_provider) {
        w.begin_object().key("provider").string(p.provider);
        print_sums(w, p);
    }
    w.end_array().key("by_model").begin_array();
    for (const auto& m : r.by_model) {
        w.begin_object().key("provider").string(m.provider).key("model").string(m.model);
        print_sums(w, m);
    }
    w.end_array().key("by_day").begin_array();
    for (const auto& d : r.by_day) {
        w.begin_object().key("day").string(to_iso8601(d.day));
        print_sums(w, d);
    }
    w.end_array().key("top_agents_by_cost").begin_array();
    for (const auto& a : r.top_agents_by_cost) {
        w.begin_object().key("agent_id").string(a.agent_id.str());
        w.key("agent_name").string(a.agent_name);
        print_sums(w, a);
    }
    w.end_array();
    if (r.groups) {
        w.key("groups").begin_array();
        for (const auto& g : *r.groups) print_group(w, g);
        w.end_array();
    }
    w.end_object();
}

void print(json::writer& w, const usage_event& e) {
    w.begin_object().key("id").string(e.id.str()).key("session_id").string(e.session_id.str());
    w.key("agent_id").string(e.agent_id.str()).key("message_id").string(e.message_id.str());
    w.key("provider").string(e.provider).key("model").string(e.model);
    w.key("tokens_in").integer(e.tokens.input).key("tokens_out").integer(e.tokens.output);
    w.key("tokens_total").integer(e.tokens.total());
    w.key("cached_tokens_in").integer(e.tokens.cached_input);
    w.key("cache_write_tokens_in").integer(e.tokens.cache_write);
    w.key("reasoning_tokens").integer(e.tokens.reasoning);
    print_money(w, "cost", e.cost);
    w.key("estimated").boolean(e.estimated).key("cost_reported").boolean(e.cost_reported);
    w.key("corrects");
    e.corrects ? w.string(e.corrects->str()) : w.null();
    w.key("created_at").string(to_iso8601(e.created_at)).end_object();
}

void print(json::writer& w, const spend_report& r) {
    w.begin_object().key("range");
    print_range(w, r.range);
    print_money(w, "bill", r.bill);
    print_money(w, "spend", r.spend);
    print_money(w, "exposure", r.exposure);
    w.key("attempts").begin_array();
    for (const auto& a : r.attempts) print_attempt(w, a);
    w.end_array().key("next_cursor");
    print_text(w, r.next_cursor);
    w.end_object();
}

}  // namespace conclave::capi
