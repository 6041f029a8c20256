// Estimates turns and fits them into their budgets.
#include "council/budget.hpp"

#include "base/limits.hpp"
#include "metering/price.hpp"
#include "model/turn.hpp"

#include <algorithm>

namespace conclave::council {

namespace {

/// Of an answer whose tokens are known but not its words.
constexpr std::int64_t bytes_per_token = 4;

money worst_case(const seat& s, std::size_t prompt_bytes, std::optional<std::int64_t> max_tokens) {
    if (!s.price) return {};
    auto worst = metering::worst_case(*s.price, prompt_bytes, max_tokens);
    // A cost beyond the range of money fits no budget.
    return worst ? *worst : money::from_nano_usd(limits::price_nano_usd);
}

std::size_t answer_bytes(const terms& t) {
    const auto tokens = t.question->max_tokens.value_or(limits::hold_output_tokens);
    return static_cast<std::size_t>(
        std::min<std::int64_t>(tokens * bytes_per_token, limits::critic_answer_bytes));
}

std::vector<std::size_t> list_critics(const terms& t) {
    std::vector<std::size_t> critics;
    if (t.options.critics.members)
        for (std::size_t i = 0; i < t.table.asked; ++i) critics.push_back(i);
    for (auto i = t.table.members; i < t.table.critics_end; ++i) critics.push_back(i);
    return critics;
}

std::size_t critic_count(const terms& t) {
    const auto all = list_critics(t).size();
    const auto sample = t.options.critics.sample;
    return sample ? std::min(all, static_cast<std::size_t>(*sample)) : all;
}

money estimate_critique(const terms& t) {
    const auto answers = t.table.asked;
    const auto prompt = critic_prompt_bytes(*t.question) + answers * (answer_bytes(t) + 64);
    std::vector<money> each;
    for (const auto i : list_critics(t))
        each.push_back(worst_case(t.table.seats[i], prompt, critic_tokens(answers)));
    // Which ones a sample draws is not known yet: the dearest.
    std::sort(each.rbegin(), each.rend());
    money sum;
    for (std::size_t i = 0; i < std::min(each.size(), critic_count(t)); ++i) sum += each[i];
    return sum;
}

money estimate_synthesis(const terms& t) {
    if (t.options.mode == council_mode::select) return {};
    const auto answers = 1 + further_answers(t.options, t.table.asked - 1);
    const auto prompt = bytes_of(*ask_synthesizer(*t.question, {})) + answers * answer_bytes(t) +
                        list_critics(t).size() * limits::sheet_flaws;
    money dearest;
    for (const auto& s : t.table.seats)
        dearest = std::max(dearest, worst_case(s, prompt, t.question->max_tokens));
    return dearest;
}

money estimate_gate(const terms& t) {
    if (t.options.mode == council_mode::select || !t.has_gate()) return {};
    const auto prompt = critic_prompt_bytes(*t.question) + 2 * (answer_bytes(t) + 64);
    std::vector<money> each;
    for (const auto i : list_critics(t))
        each.push_back(worst_case(t.table.seats[i], prompt, limits::gate_tokens));
    std::sort(each.rbegin(), each.rend());
    money sum;
    for (std::size_t i = 0; i < std::min(each.size(), gate_critics); ++i) sum += each[i] + each[i];
    return sum;
}

error over_budget(const terms& t, money needed) {
    return fail(errc::budget_exceeded, "the worst case of the council does not fit max_usd")
        .with("field", "council.max_usd")
        .with("max_usd", t.options.max_usd->to_usd_string())
        .with("needed_usd", needed.to_usd_string());
}

/// Everybody has a price, or nothing can be promised.
result<void> check_prices(const terms& t) {
    for (const auto& s : t.table.seats)
        if (!s.price)
            return fail(errc::budget_exceeded, "a model without a price cannot keep to max_usd")
                .with("field", "council.max_usd")
                .with("provider", s.target.provider)
                .with("model", s.target.model);
    return {};
}

}  // namespace

money worst_case(const seat& s, const provider_request& prompt) {
    return worst_case(s, bytes_of(prompt), prompt.max_tokens);
}

bool is_affordable(const deliberation& d, money worst) {
    const auto& cap = d.terms.options.max_usd;
    return !cap || d.exposure() + worst <= *cap;
}

money estimate(const terms& t) {
    const auto prompt = bytes_of(*ask_member(*t.question));
    money sum;
    for (std::size_t i = 0; i < t.table.asked; ++i)
        sum += worst_case(t.table.seats[i], prompt, t.question->max_tokens);
    return sum + estimate_critique(t) + estimate_synthesis(t) + estimate_gate(t);
}

result<std::vector<degradation>> fit_budget(terms& t) {
    std::vector<degradation> steps;
    const auto& cap = t.options.max_usd;
    if (!cap) return steps;
    if (auto ok = check_prices(t); !ok) return std::move(ok).error();
    const auto whole = estimate(t);
    if (whole <= *cap) return steps;
    if (t.options.on_budget == council_budget::reject) return over_budget(t, whole);
    const auto note = [&](std::string_view what, std::string reason) {
        steps.push_back({std::string(what), std::move(reason)});
    };
    if (t.options.mode != council_mode::select) {
        t.options.mode = council_mode::select;
        note("synthesis", "budget");
    }
    const auto critics = critic_count(t);
    while (estimate(t) > *cap && critic_count(t) > 1)
        t.options.critics.sample = static_cast<std::int64_t>(critic_count(t) - 1);
    if (critic_count(t) < critics) note("critics", "budget");
    while (estimate(t) > *cap && t.table.asked > limits::council_members_degraded) --t.table.asked;
    if (t.table.asked < t.table.members) note("members", "budget");
    const auto least = estimate(t);
    if (least > *cap) return over_budget(t, least);
    return steps;
}

}  // namespace conclave::council
