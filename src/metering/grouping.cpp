// Groups daily sums.
#include "metering/grouping.hpp"

#include "base/field.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace conclave::metering {

namespace {

using group_key = std::vector<std::string>;

bool holds(std::span<const usage_dimension> group_by, usage_dimension d) {
    return std::find(group_by.begin(), group_by.end(), d) != group_by.end();
}

/// Orders as its dimensions do, the first before the next.
group_key key_of(std::span<const usage_dimension> group_by, date day, std::string_view provider,
                 std::string_view model, std::string_view agent) {
    group_key key;
    for (const auto d : group_by) {
        switch (d) {
            case usage_dimension::day: key.push_back(to_iso8601(day)); break;
            case usage_dimension::provider: key.emplace_back(provider); break;
            case usage_dimension::model:
                key.emplace_back(provider);
                key.emplace_back(model);
                break;
            case usage_dimension::agent: key.emplace_back(agent); break;
        }
    }
    return key;
}

/// Whose counts tell the distinct sessions of a group, if they are kept.
std::optional<session_day::of> scope_of(std::span<const usage_dimension> group_by) {
    const bool agents = holds(group_by, usage_dimension::agent);
    const bool models = holds(group_by, usage_dimension::model);
    const bool providers = holds(group_by, usage_dimension::provider);
    if (agents && (models || providers)) return std::nullopt;
    if (agents) return session_day::of::agent;
    if (models) return session_day::of::model;
    return providers ? session_day::of::provider : session_day::of::tenant;
}

/// A message counts once in each group it belongs to.
std::int64_t messages_of(const rollup_row& row, std::span<const usage_dimension> group_by) {
    if (holds(group_by, usage_dimension::model)) return row.messages;
    if (holds(group_by, usage_dimension::provider)) return row.messages_of_provider;
    return row.messages_of_tenant;
}

void name(usage_group& g, const rollup_row& row, std::span<const usage_dimension> group_by) {
    const bool models = holds(group_by, usage_dimension::model);
    if (holds(group_by, usage_dimension::day)) g.day = row.day;
    if (models || holds(group_by, usage_dimension::provider)) g.provider = row.provider;
    if (models) g.model = row.model;
    if (!holds(group_by, usage_dimension::agent)) return;
    g.agent_id = row.agent_id;
    g.agent_name = row.agent_name;
}

}  // namespace

result<void> check_grouping(std::span<const usage_dimension> group_by) {
    for (auto d = group_by.begin(); d != group_by.end(); ++d)
        if (std::find(group_by.begin(), d, *d) != d)
            return invalid("group_by", "names a dimension twice");
    return {};
}

result<std::vector<usage_group>> group(std::span<const rollup_row> rows,
                                       std::span<const session_day> sessions,
                                       std::span<const usage_dimension> group_by,
                                       std::size_t groups_max) {
    const auto scope = scope_of(group_by);
    std::map<group_key, usage_group> groups;
    for (const auto& row : rows) {
        auto& g = groups[key_of(group_by, row.day, row.provider, row.model, row.agent_id.str())];
        name(g, row, group_by);
        g.sessions_known = scope.has_value();
        add(g, row, messages_of(row, group_by));
        if (groups.size() > groups_max)
            return invalid("group_by", "gives more than " + std::to_string(groups_max) +
                                           " groups: ask for fewer days");
    }
    const bool each_day = holds(group_by, usage_dimension::day);
    for (const auto& s : sessions) {
        if (s.scope != scope || (!each_day && !s.first_in_range)) continue;
        const auto found = groups.find(key_of(group_by, s.day, s.name, s.model, s.name));
        if (found != groups.end()) found->second.sessions += s.sessions;
    }
    std::vector<usage_group> list;
    list.reserve(groups.size());
    for (auto& [key, g] : groups) list.push_back(std::move(g));
    return list;
}

}  // namespace conclave::metering
