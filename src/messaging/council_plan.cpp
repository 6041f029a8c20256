// Plans deliberations.
#include "messaging/council_plan.hpp"

#include "council/slow_seats.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"
#include "json/council_text.hpp"
#include "json/parse.hpp"

#include <algorithm>
#include <string>

namespace conclave::messaging {

namespace {

struct options_and_seed {
    council_options options;
    store::council_basis basis;
};

/// As earlier runs began it, or as it is wanted now.
result<options_and_seed> choose_options(const send_order& order,
                                        const store::prepare_send::answer& state, const agent& a,
                                        const send_id& send) {
    if (state.council) {
        const auto& basis = state.council->basis;
        auto parsed = json::parse(basis.options, "council");
        auto options = parsed ? json::read_council(*parsed, "council") : parsed.error();
        if (!options) return fail(errc::store_corrupt, "the stored options are unreadable");
        return options_and_seed{*std::move(options), basis};
    }
    options_and_seed chosen{order.overrides.council ? *order.overrides.council : *a.council, {}};
    chosen.basis.options = json::print_council(chosen.options);
    const auto config = crypto::hex(crypto::sha256(chosen.basis.options));
    const auto turn = chosen.options.seed ? std::to_string(*chosen.options.seed) : send.str();
    chosen.basis.seed = council::make_turn_seed(turn, config);
    return chosen;
}

/// Fills the table with what routes leave open.
result<std::vector<calls::planned_route>> plan_routes(council::table& table, const policy& agent,
                                                      const configuration& config, timestamp now) {
    std::vector<calls::planned_route> routes;
    for (std::size_t i = 0; i < table.seats.size(); ++i) {
        auto& seat = table.seats[i];
        auto text = seat.target.provider;
        if (!seat.target.model.empty()) text += "/" + seat.target.model;
        auto planned = plan_route(text, table.field_of(i), agent, config, now);
        if (!planned) return std::move(planned).error();
        // Whether a call that may have run is made again is for the council to say.
        planned->policy.on_ambiguous = ambiguous_policy::stop;
        seat.target = planned->target;
        seat.streams = config.providers.find(seat.target.provider)->second.streams;
        if (planned->price) seat.price = planned->price->price;
        routes.push_back(*std::move(planned));
    }
    return routes;
}

std::vector<council::past_call> past_calls(const store::stored_council& stored) {
    std::vector<council::past_call> calls;
    for (const auto& call : stored.calls) {
        const auto s = council::stage_of(call.key.stage);
        if (!s) continue;
        council::past_call past;
        past.stage = *s;
        past.seat = static_cast<std::size_t>(call.key.seat);
        // A result that came after its run was overtaken is held to be lost.
        past.outcome =
            call.duplicate && call.outcome == call_class::ok ? call_class::ambiguous : call.outcome;
        past.text = call.text;
        past.truncated = call.finish == finish_reason::length;
        past.cut = call.cut;
        past.latency_ms = call.latency_ms;
        past.error_code = to_string(call.error);
        past.cost = call.line.cost.value_or(money());
        calls.push_back(std::move(past));
    }
    return calls;
}

constexpr std::string_view member_exceeds_stage_budget = "MEMBER_EXCEEDS_STAGE_BUDGET";

std::string slowness(const std::string& stage, std::int64_t p95_ms, std::int64_t share_ms) {
    return ": 1 of 20 calls takes longer than " + std::to_string(p95_ms) + " ms in the stage " +
           stage + ", which has " + std::to_string(share_ms) + " ms, so that it is often cut";
}

bool has_doubts(const council::deliberation& d) {
    return std::any_of(council::all_stages.begin(), council::all_stages.end(), [&](auto s) {
        const auto& work = d.work(s);
        return std::any_of(work.begin(), work.end(),
                           [](const auto& w) { return w.state == council::seat_state::doubtful; });
    });
}

}  // namespace

bool is_council(const send_order& order, const store::prepare_send::answer& state) {
    // What a single model began with tools it goes on with, whatever became of the agent.
    return state.council || order.overrides.council ||
           (state.rounds.empty() && state.turn.agent && state.turn.agent->council);
}

result<send_plan> plan_question(const send_order& order, store::turn_basis& basis,
                                const configuration& config, instant elapsed) {
    if (auto ok = check_session(order, basis); !ok) return ok.error();
    if (order.overrides.model)
        return invalid("overrides.model", "has no meaning where a council answers");
    if (order.schema) return invalid("output_schema", "is not offered where a council answers");
    send_plan plan;
    auto policy = resilience::resolve(config.policy, {}, basis.agent->policy);
    if (!policy) return std::move(policy).error();
    plan.policy = *policy;
    plan.call.deadline = elapsed + std::chrono::milliseconds(plan.policy.total_timeout_ms);
    auto request = build_request(order, basis, config);
    if (!request) return std::move(request).error();
    plan.request = *std::move(request);
    return plan;
}

result<council_plan> plan_council(const send_order& order, const send_plan& plan, const agent& a,
                                  store::prepare_send::answer& state, const send_id& send,
                                  const configuration& config, timestamp now) {
    auto chosen = choose_options(order, state, a, send);
    if (!chosen) return std::move(chosen).error();
    council::terms terms;
    terms.options = std::move(chosen->options);
    const auto& ranker = terms.options.ranker;
    if (!ranker.empty() && !config.tools.contains(ranker))
        return invalid("council.ranker", "names no registered tool");
    terms.table = council::set_table(terms.options);
    terms.seed = chosen->basis.seed;
    terms.question = plan.request;
    terms.may_repeat = plan.policy.on_ambiguous == ambiguous_policy::retry;
    auto routes = plan_routes(terms.table, a.policy, config, now);
    if (!routes) return std::move(routes).error();
    auto machine = council::open(std::move(terms));
    if (!machine) return std::move(machine).error();
    council_plan p{
        *std::move(machine), std::move(chosen->basis), *std::move(routes), {}, {}, false};
    if (!state.council) return p;
    const bool after_failure = state.known.send->state == send_state::failed_retryable;
    council::take_up(p.machine, past_calls(*state.council), state.council->events, after_failure);
    p.earlier = std::move(state.council->calls);
    p.has_earlier_doubts = has_doubts(p.machine);
    for (const auto& call : p.earlier)
        if (const auto s = council::stage_of(call.key.stage))
            p.next_attempt[{*s, static_cast<std::size_t>(call.key.seat)}] = call.key.attempt + 1;
    return p;
}

std::vector<council_warning> warn_of_slow_seats(const council_options& options,
                                                const configuration& config,
                                                const council::latency_book& latencies) {
    council::terms terms;
    terms.options = options;
    terms.table = council::set_table(options);
    for (auto& seat : terms.table.seats) {
        const auto provider = config.providers.find(seat.target.provider);
        if (seat.target.model.empty() && provider != config.providers.end())
            seat.target.model = provider->second.default_model;
    }
    std::vector<council_warning> warnings;
    for (const auto& slow : council::find_slow_seats(terms, latencies)) {
        const auto& name = terms.table.seats[slow.seat].name;
        const std::string stage(council::name_of(slow.stage));
        warnings.push_back({std::string(member_exceeds_stage_budget),
                            terms.table.field_of(slow.seat),
                            name + slowness(stage, slow.p95_ms, slow.share_ms), name, stage,
                            slow.p95_ms, slow.share_ms});
    }
    return warnings;
}

std::vector<std::string> tell_slow_routes(const council::latency_book& latencies) {
    std::vector<std::string> told;
    for (const auto& slow : latencies.slow_routes())
        told.push_back(std::string(member_exceeds_stage_budget) + ": " + slow.target.provider +
                       "/" + slow.target.model + slowness(slow.stage, slow.p95_ms, slow.share_ms));
    return told;
}

}  // namespace conclave::messaging
