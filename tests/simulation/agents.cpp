// Makes up agents: single models and councils.
#include "simulation/world.hpp"

namespace conclave::simulation {

new_agent world::make_agent() {
    new_agent a;
    a.name = "agent";
    if (chance_.one_in(4)) {
        a.council = make_council();
        a.policy = make_policy();
        return a;
    }
    a.primary = chance_.pick(routes_);
    for (auto n = chance_.between(0, 3); n > 0; --n) a.fallbacks.push_back(chance_.pick(routes_));
    if (chance_.one_in(40)) a.fallbacks.emplace_back("nobody/model");
    if (chance_.one_in(2)) a.instructions = "Be brief.";
    if (chance_.one_in(2)) a.max_tokens = chance_.between(1, 500);
    if (chance_.one_in(2))
        a.tools = {{.name = "clock", .registered = true},
                   {.name = "broken", .registered = true},
                   {.name = "ask"}};
    a.policy = make_policy();
    return a;
}

council_options world::make_council() {
    council_options o;
    const auto maybe = [this] { return chance_.one_in(3); };
    for (auto n = chance_.between(2, 4); n > 0; --n)
        o.members.push_back({chance_.pick(routes_), "seat " + std::to_string(n)});
    if (maybe()) o.critics.extra = {chance_.pick(routes_)};
    if (maybe()) o.critics.sample = 1;
    o.min_chars = council_min_chars_;
    o.best_effort = maybe();
    if (chance_.one_in(6)) o.on_partial = council_partial::fail;
    o.straggler.mode = chance_.pick(
        {straggler_mode::own_quantile, straggler_mode::wait_all, straggler_mode::deadline});
    if (maybe()) o.deadline_ms = chance_.pick({1'000, 8'000, 60'000});
    o.rule = chance_.pick({"robust/1", "mean", "borda", "external"});
    if (o.rule == "external") o.ranker = chance_.pick({"ranker", "ranker", "broken", "clock"});
    o.mode = chance_.pick({council_mode::select, council_mode::improve, council_mode::improve_k,
                           council_mode::fuse, council_mode::automatic});
    if (maybe()) o.synthesizer = chance_.pick(routes_);
    if (maybe()) o.hedge = council_hedge::none;
    return o;
}

}  // namespace conclave::simulation
