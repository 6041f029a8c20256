// Joins fragments of thinking.
#include "providers/reasoning_details.hpp"

#include "json/parse.hpp"
#include "json/print.hpp"
#include "providers/fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace conclave::providers {
namespace {

/// What grows from fragment to fragment, by the type of a block.
struct growing {
    std::string_view type;
    std::string_view member;
};
constexpr std::array grows = {growing{"reasoning.text", "text"},
                              growing{"reasoning.summary", "summary"}};

const growing* growing_of(const json::value& block) {
    const auto type = word_at(block, "type");
    const auto found =
        std::find_if(grows.begin(), grows.end(), [&](const growing& g) { return g.type == type; });
    return found != grows.end() ? &*found : nullptr;
}

bool same_member(const json::value& a, const json::value& b, std::string_view key) {
    const auto* x = json::find(a, key);
    const auto* y = json::find(b, key);
    return x == nullptr || y == nullptr || x->is_null() || y->is_null() || *x == *y;
}

json::member* find_member(json::value& block, std::string_view key) {
    auto& members = *block.as_object();
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const json::member& m) { return m.key == key; });
    return found != members.end() ? &*found : nullptr;
}

}  // namespace

bool reasoning_details::continues(const block& b, const json::value& fragment) {
    return growing_of(fragment) != nullptr && growing_of(b.first) == growing_of(fragment) &&
           word_at(b.first, "signature").empty() && same_member(b.first, fragment, "index") &&
           same_member(b.first, fragment, "id");
}

/// The text grows; of all else the first that is told counts.
void reasoning_details::join(block& b, const json::value& fragment) {
    const auto member = growing_of(b.first)->member;
    b.more += word_at(fragment, member);
    for (const auto& m : *fragment.as_object()) {
        if (m.key == member) continue;
        auto* known = find_member(b.first, m.key);
        if (known == nullptr)
            b.first.as_object()->push_back(m);
        else if (known->value.is_null())
            known->value = m.value;
    }
}

void reasoning_details::add_blocks(const json::elements& blocks) {
    for (const auto& b : blocks) blocks_.push_back({json::to_value(b), {}});
}

void reasoning_details::add_fragments(const json::elements& fragments) {
    for (const auto& told : fragments) {
        auto fragment = json::to_value(told);
        if (!blocks_.empty() && continues(blocks_.back(), fragment))
            join(blocks_.back(), fragment);
        else
            blocks_.push_back({std::move(fragment), {}});
    }
}

std::string reasoning_details::print() const {
    json::array whole;
    for (const auto& b : blocks_) {
        auto value = b.first;
        if (!b.more.empty()) {
            const auto member = growing_of(b.first)->member;
            auto text = std::string(word_at(b.first, member)) + b.more;
            if (auto* known = find_member(value, member))
                known->value = std::move(text);
            else
                value.as_object()->push_back({std::string(member), std::move(text)});
        }
        whole.push_back(std::move(value));
    }
    return json::print(json::value(std::move(whole)));
}

}  // namespace conclave::providers
