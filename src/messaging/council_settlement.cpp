// Builds the bill and the reply of a council.
#include "messaging/council_settlement.hpp"

#include "base/planted_bug.hpp"
#include "council/report.hpp"
#include "messaging/reply_document.hpp"

#include <utility>

namespace conclave::messaging {

namespace {

constexpr std::string_view council_word = "council";

bool is_billable(const store::stored_council_call& call) {
    return !call.duplicate && (call.outcome == call_class::ok || call.cut);
}

void add_cost(std::vector<council::seat_cost>& costs, council::stage stage, std::size_t seat,
              const store::usage_line& line) {
    costs.push_back({stage, seat, line.tokens, line.cost, 1});
}

attempt_summary summarize(const store::stored_council_call& call, const council::table& table) {
    attempt_summary a;
    a.provider = call.line.provider;
    a.model = call.line.model;
    a.success = call.outcome == call_class::ok;
    a.attempt_class = to_string(call.outcome);
    a.latency_ms = call.latency_ms;
    if (call.error != attempt_error::none) a.error_code = to_string(call.error);
    a.stage = call.key.stage;
    a.seat = table.seats[static_cast<std::size_t>(call.key.seat)].name;
    return a;
}

std::vector<attempt_summary> list_attempts(const send_council& co) {
    const auto& table = co.plan.machine.terms.table;
    std::vector<attempt_summary> all;
    for (const auto& call : co.plan.earlier)
        if (static_cast<std::size_t>(call.key.seat) < table.seats.size())
            all.push_back(summarize(call, table));
    for (const auto& slot : co.slots)
        for (auto& a : calls::summarize(slot.call)) {
            a.stage = council::name_of(slot.stage);
            a.seat = table.seats[slot.seat].name;
            all.push_back(std::move(a));
        }
    return all;
}

struct bill_of_council {
    std::vector<store::usage_line> lines;
    std::vector<council::seat_cost> costs;
};

bill_of_council make_bill(const send_council& co, id_source& ids) {
    bill_of_council b;
    for (const auto& call : co.plan.earlier) {
        const auto stage = council::stage_of(call.key.stage);
        if (!stage || !is_billable(call)) continue;
        add_cost(b.costs, *stage, static_cast<std::size_t>(call.key.seat), call.line);
        bill(b.lines, call.line, ids);
        if (planted(planted_bug::seat_billed_twice)) bill(b.lines, call.line, ids);
    }
    for (const auto& slot : co.slots)
        for (const auto& answer : calls::list_billable(slot.call)) {
            auto line = line_of(slot.call.routes[answer.route], answer.finished);
            add_cost(b.costs, slot.stage, slot.seat, line);
            bill(b.lines, std::move(line), ids);
        }
    return b;
}

reply_metadata describe(const send_order& order, const send_council& co, const agent_id& agent,
                        const bill_of_council& b) {
    const auto& end = *co.concluded;
    reply_metadata m;
    m.agent_id = agent;
    m.provider_used = council_word;
    m.model_used = co.plan.machine.terms.table.seats[end.seat].target.model;
    m.primary_attempted = council_word;
    m.attempts = list_attempts(co);
    m.usage = sum_up(b.lines);
    m.finish_reason = end.truncated ? finish_reason::length : finish_reason::stop;
    m.council = council::report(co.plan.machine, end, b.costs);
    m.idempotency_key = order.key_text;
    m.request_id = order.request;
    return m;
}

}  // namespace

void stand(send_council& co, const std::string& event) {
    stream_step step{stream_event_type::council, co.bytes_shown, event};
    if (event.find(R"("event":"synthesis_reset")") != std::string::npos) {
        // Another generation: all of it is shown anew, before another text.
        co.bytes_shown = step.place = 0;
        co.speaker.reset();
        for (auto& shown : co.shown) shown.place = 0;
    }
    co.shown.push_back(std::move(step));
}

settlement settle_council(const send_order& order, send_council& co,
                          const store::claim_send::claimed& claim, const agent_id& agent,
                          message_status status, store::send_fence fence, id_source& ids,
                          timestamp now, std::vector<store::finished_attempt> finished) {
    auto notes = std::exchange(co.notes, {});
    for (const auto& note : notes) stand(co, note.document);
    auto b = make_bill(co, ids);
    auto metadata = describe(order, co, agent, b);
    auto printed = print_metadata(metadata);
    store::settle_send t2{order.scope,
                          std::move(fence),
                          order.session,
                          agent,
                          claim.user_seq,
                          co.held,
                          true,
                          std::move(finished),
                          ids.message(),
                          co.concluded->text,
                          status,
                          std::move(printed),
                          std::move(b.lines),
                          now,
                          {},
                          print_steps(co.shown),
                          std::move(notes)};
    message m;
    m.id = t2.reply_message;
    m.session_id = order.session;
    m.role = message_role::assistant;
    m.status = status;
    m.content = t2.content;
    m.created_at = now;
    auto reply = make_reply(std::move(m), std::move(metadata), t2.reply_metadata);
    return {store::share(std::move(t2)), std::move(reply)};
}

}  // namespace conclave::messaging
