// Checks the options of councils.
#include "agents/council_rule.hpp"

#include "base/field.hpp"
#include "base/limits.hpp"
#include "model/route.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace conclave::agents {

namespace {

constexpr std::array<std::string_view, 8> rules{"robust/1", "robust", "mean/1",     "mean",
                                                "borda/1",  "borda",  "external/1", "external"};

std::string at(const std::string& field, std::string_view list, std::size_t i) {
    return field + "." + std::string(list) + "[" + std::to_string(i) + "]";
}

result<void> check_members(const council_options& o, const std::string& field) {
    const auto& members = o.members;
    if (members.size() < limits::council_members_min)
        return invalid(field + ".members", "must have at least 2 items");
    if (members.size() > limits::council_members)
        return invalid(field + ".members", "must have at most 16 items");
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto path = at(field, "members", i);
        const auto& m = members[i];
        if (auto ok = parse_route(m.route, path + ".route"); !ok) return ok.error();
        if (auto ok = check_text(path + ".seat", m.seat, {.max_bytes = limits::seat_bytes}); !ok)
            return ok;
        for (const std::string_view taken : {"member-", "critic-", "synthesizer"})
            if (m.seat.starts_with(taken))
                return invalid(path + ".seat", "must not begin like the names of unnamed seats");
        for (std::size_t j = 0; j < i; ++j) {
            const auto& other = members[j];
            if (!m.seat.empty() && m.seat == other.seat)
                return invalid(path + ".seat", "must not be given twice");
            if (m.route == other.route && (m.seat.empty() || other.seat.empty()))
                return invalid(path + ".seat", "must be given where a route has two seats");
        }
    }
    return {};
}

result<void> check_critics(const council_options& o, const std::string& field) {
    const auto& c = o.critics;
    if (c.extra.size() > limits::council_members)
        return invalid(field + ".critics.extra", "must be at most 16");
    for (std::size_t i = 0; i < c.extra.size(); ++i) {
        const auto path = at(field + ".critics", "extra", i);
        if (auto ok = parse_route(c.extra[i], path); !ok) return ok.error();
        if (std::find(c.extra.begin(), c.extra.begin() + static_cast<std::ptrdiff_t>(i),
                      c.extra[i]) != c.extra.begin() + static_cast<std::ptrdiff_t>(i))
            return invalid(path, "must not be given twice");
    }
    const auto critics = c.extra.size() + (c.members ? o.members.size() : 0);
    if (critics == 0) return invalid(field + ".critics", "leave nobody to score the answers");
    if (c.sample && (*c.sample < 1 || *c.sample > static_cast<std::int64_t>(critics)))
        return invalid(field + ".critics.sample", "must lie between 1 and the number of critics");
    return {};
}

result<void> check_times(const council_options& o, const std::string& field) {
    if (o.deadline_ms)
        if (auto ok = check_range(field + ".deadline_ms", *o.deadline_ms,
                                  limits::council_deadline_min_ms, limits::council_deadline_ms);
            !ok)
            return ok;
    double sum = 0;
    for (const auto share : o.shares) {
        if (!(share > 0.0 && share <= 1.0))
            return invalid(field + ".shares", "must each be above 0 and at most 1");
        sum += share;
    }
    // The default ones do not add up to 1 exactly.
    constexpr double rounding = 1e-9;
    if (sum > 1.0 + rounding) return invalid(field + ".shares", "must together be at most 1");
    if (!(o.straggler.q >= 0.5 && o.straggler.q <= 1.0))
        return invalid(field + ".straggler.q", "must lie between 0.5 and 1");
    return {};
}

result<void> check_rule(const council_options& o, const std::string& field) {
    if (std::find(rules.begin(), rules.end(), o.rule) == rules.end())
        return invalid(field + ".rule", "must be `robust/1`, `mean`, `borda` or `external`");
    const bool external = o.rule.starts_with("external");
    if (external && o.ranker.empty())
        return invalid(field + ".ranker", "must name a registered tool under the rule `external`");
    if (!external && !o.ranker.empty())
        return invalid(field + ".ranker", "has a meaning under the rule `external` alone");
    return check_text(field + ".ranker", o.ranker, {.max_bytes = limits::name_bytes});
}

result<void> check_gate(const council_options& o, const std::string& field) {
    if (o.gate == council_gate::sanity) return {};
    if (o.mode == council_mode::select)
        return invalid(field + ".gate", "has no meaning where nothing is synthesised");
    constexpr std::size_t needed = 2;
    const auto authors = o.critics.members ? o.members.size() - 1 : 0;
    if (authors + o.critics.extra.size() < needed)
        return invalid(field + ".gate", "needs two critics besides the best answer's author");
    return {};
}

}  // namespace

result<void> check_council(const council_options& o, const std::string& field) {
    if (auto ok = check_members(o, field); !ok) return ok;
    if (auto ok = check_critics(o, field); !ok) return ok;
    if (auto ok = check_times(o, field); !ok) return ok;
    if (!(o.min_answer_ratio > 0.0 && o.min_answer_ratio <= 1.0))
        return invalid(field + ".min_answer_ratio", "must be above 0 and at most 1");
    if (auto ok = check_range(field + ".min_chars", o.min_chars, 1, limits::council_min_chars); !ok)
        return ok;
    if (auto ok = check_rule(o, field); !ok) return ok;
    if (auto ok = check_range(field + ".k", o.k, 1, limits::council_members - 1); !ok) return ok;
    if (o.synthesizer != "auto")
        if (auto ok = parse_route(o.synthesizer, field + ".synthesizer"); !ok) return ok.error();
    if (auto ok = check_gate(o, field); !ok) return ok;
    if (o.max_usd && *o.max_usd <= money()) return invalid(field + ".max_usd", "must be above 0");
    return {};
}

}  // namespace conclave::agents
