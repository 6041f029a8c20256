// Sets the table of a council.
#include "council/seats.hpp"

#include "base/limits.hpp"

#include <algorithm>
#include <cmath>

namespace conclave::council {

namespace {

route route_of(const std::string& text) {
    auto r = parse_route(text, "route");
    return r ? *std::move(r) : route{};
}

std::string default_name(std::string_view kind, std::size_t i) {
    return std::string(kind) + "-" + std::to_string(i + 1);
}

}  // namespace

std::string_view name_of(stage s) noexcept {
    switch (s) {
        case stage::generate: return "generate";
        case stage::critique: return "critique";
        case stage::synthesis: return "synthesis";
        case stage::gate: return "gate";
        case stage::gate_swapped: return "gate_swapped";
    }
    return "";
}

std::optional<stage> stage_of(std::string_view name) noexcept {
    for (const auto s : all_stages)
        if (name_of(s) == name) return s;
    return std::nullopt;
}

std::optional<std::size_t> table::find(std::string_view name) const {
    for (std::size_t i = 0; i < seats.size(); ++i)
        if (seats[i].name == name) return i;
    return std::nullopt;
}

participant table::judge(std::size_t seat) const {
    const auto& target = seats[seat].target;
    return {static_cast<std::int64_t>(seat), target.provider + "/" + target.model};
}

std::string table::field_of(std::size_t seat) const {
    if (seat < members) return "council.members[" + std::to_string(seat) + "].route";
    if (seat < critics_end) return "council.critics.extra[" + std::to_string(seat - members) + "]";
    return "council.synthesizer";
}

table set_table(const council_options& o) {
    table t;
    for (std::size_t i = 0; i < o.members.size(); ++i) {
        const auto& m = o.members[i];
        t.seats.push_back({route_of(m.route), m.seat.empty() ? default_name("member", i) : m.seat});
    }
    t.members = t.asked = t.seats.size();
    for (std::size_t i = 0; i < o.critics.extra.size(); ++i)
        t.seats.push_back({route_of(o.critics.extra[i]), default_name("critic", i)});
    t.critics_end = t.seats.size();
    if (o.synthesizer == "auto") return t;
    const auto target = route_of(o.synthesizer);
    for (std::size_t i = 0; i < t.critics_end && !t.synthesizer; ++i)
        if (t.seats[i].target == target) t.synthesizer = i;
    if (!t.synthesizer) {
        t.synthesizer = t.seats.size();
        t.seats.push_back({target, "synthesizer"});
    }
    return t;
}

std::size_t further_answers(const council_options& o, std::size_t others) {
    if (o.mode == council_mode::fuse) return others;
    if (o.mode != council_mode::improve_k) return 0;
    return std::min(others, static_cast<std::size_t>(o.k));
}

std::int64_t terms::deadline_ms() const {
    return options.deadline_ms.value_or(limits::council_deadline_default_ms);
}

std::int64_t terms::stage_end_ms(stage s) const {
    const auto whole = static_cast<double>(deadline_ms());
    const auto& shares = options.shares;
    const bool waits = options.straggler.mode == straggler_mode::wait_all;
    switch (s) {
        case stage::generate:
            return std::llround(whole * (waits ? shares[0] + shares[1] : shares[0]));
        case stage::critique: return std::llround(whole * (shares[0] + shares[1]));
        case stage::synthesis: return deadline_ms() - (has_gate() ? share_ms(stage::gate) : 0);
        case stage::gate:
        case stage::gate_swapped: break;
    }
    return deadline_ms();
}

std::int64_t terms::share_ms(stage s) const {
    const auto whole = static_cast<double>(deadline_ms());
    const auto last = std::llround(whole * options.shares[2]);
    switch (s) {
        case stage::generate: return stage_end_ms(s);
        case stage::critique: return std::llround(whole * options.shares[1]);
        case stage::synthesis: return last - (has_gate() ? last / 3 : 0);
        case stage::gate:
        case stage::gate_swapped: break;
    }
    return last / 3;
}

std::size_t terms::answers_needed() const {
    const auto members = table.asked;
    if (options.on_partial == council_partial::fail) return members;
    const auto share = std::ceil(options.min_answer_ratio * static_cast<double>(members) - 1e-9);
    const auto least = options.best_effort ? std::size_t{1} : std::size_t{2};
    return std::clamp(static_cast<std::size_t>(share), least, members);
}

}  // namespace conclave::council
