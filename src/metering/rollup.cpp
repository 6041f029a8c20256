// Folds daily sums into a report.
#include "metering/rollup.hpp"

#include <algorithm>

namespace conclave::metering {
namespace {

// The counted sessions of a scope, 0 if there are none.
template <class Key>
std::int64_t count_of(const std::map<Key, std::int64_t>& counts, const Key& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
}

// The sums of a map in the order of its keys, with their sessions.
template <class Key, class Usage>
std::vector<Usage> in_order(std::map<Key, Usage> sums,
                            const std::map<Key, std::int64_t>& sessions) {
    std::vector<Usage> list;
    list.reserve(sums.size());
    for (auto& [key, sum] : sums) {
        sum.sessions = count_of(sessions, key);
        list.push_back(std::move(sum));
    }
    return list;
}

}  // namespace

void add(usage_totals& sum, const rollup_row& row, std::int64_t messages) {
    sum.messages += messages;
    sum.tokens_in += row.tokens.input;
    sum.tokens_out += row.tokens.output;
    sum.tokens_total += row.tokens.total();
    sum.cost += row.cost;
    sum.unpriced_tokens += row.unpriced_tokens;
}

usage_rollup fold(date_range range, std::span<const rollup_row> rows,
                  const session_counts& sessions, std::size_t top_agents) {
    usage_rollup report;
    report.range = range;
    report.totals.sessions = sessions.tenant;
    std::map<std::string, provider_usage> providers;
    std::map<std::pair<std::string, std::string>, model_usage> models;
    std::map<date, day_usage> days;
    std::map<conclave::agent_id, agent_usage> agents;
    for (const auto& row : rows) {
        add(report.totals, row, row.messages_of_tenant);
        auto& provider = providers[row.provider];
        provider.provider = row.provider;
        add(provider, row, row.messages_of_provider);
        auto& model = models[{row.provider, row.model}];
        model.provider = row.provider;
        model.model = row.model;
        add(model, row, row.messages);
        auto& day = days[row.day];
        day.day = row.day;
        add(day, row, row.messages_of_tenant);
        if (row.agent_id.empty()) continue;  // calls for vectors have none
        auto& agent = agents[row.agent_id];
        agent.agent_id = row.agent_id;
        agent.agent_name = row.agent_name;
        add(agent, row, row.messages_of_tenant);
    }

    report.by_provider = in_order(std::move(providers), sessions.by_provider);
    report.by_model = in_order(std::move(models), sessions.by_model);
    report.by_day = in_order(std::move(days), sessions.by_day);
    report.top_agents_by_cost = in_order(std::move(agents), sessions.by_agent);
    auto& top = report.top_agents_by_cost;
    std::stable_sort(top.begin(), top.end(),
                     [](const auto& a, const auto& b) { return a.cost > b.cost; });
    if (top.size() > top_agents) top.resize(top_agents);
    return report;
}

}  // namespace conclave::metering
