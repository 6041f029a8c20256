// Puts tool calls together.
#include "providers/call_drafts.hpp"

#include "base/limits.hpp"
#include "json/tool_text.hpp"
#include "providers/tool_rule.hpp"

#include <algorithm>
#include <utility>

namespace conclave::providers {
namespace {

/// Vendors have been seen to give two calls one id; results must find theirs.
void tell_apart(std::vector<tool_call>& calls) {
    for (std::size_t i = 1; i < calls.size(); ++i) {
        const auto is_taken = [&](const std::string& id) {
            return !id.empty() && std::any_of(calls.begin(), calls.end(), [&](const auto& c) {
                return &c != &calls[i] && c.id == id;
            });
        };
        const auto base = calls[i].id;
        const auto end = calls.begin() + static_cast<std::ptrdiff_t>(i);
        const bool repeated = !base.empty() && std::any_of(calls.begin(), end, [&](const auto& c) {
            return c.id == base;
        });
        if (!repeated) continue;
        for (auto n = i; is_taken(calls[i].id); ++n) calls[i].id = base + '_' + std::to_string(n);
    }
}

}  // namespace

call_drafts::draft* call_drafts::find(const fragment& f) {
    for (auto d = drafts_.rbegin(); d != drafts_.rend(); ++d) {
        if (f.index) {
            if (d->index != f.index) continue;
            const bool other =
                f.id.empty() ? json::are_arguments(d->call.arguments) : f.id != d->call.id;
            return !f.name.empty() && other && !finished_ ? nullptr : &*d;
        }
        if (f.id.empty()) return f.name.empty() ? &*d : nullptr;
        if (d->call.id == f.id) return &*d;
    }
    return nullptr;
}

void call_drafts::add(const fragment& given) {
    auto f = given;
    if (f.index && *f.index < 0) f.index.reset();
    auto* d = find(f);
    if (d == nullptr) {
        if (too_many_ || drafts_.size() == limits::tool_calls) {
            too_many_ = true;
            return;
        }
        drafts_.push_back({f.index, {std::string(f.id), std::string(f.name), {}}});
        d = &drafts_.back();
    }
    if (!f.id.empty()) d->call.id = f.id;
    if (d->call.name.empty()) d->call.name = f.name;
    d->call.arguments += f.arguments;
}

void call_drafts::add_whole(std::string_view id, std::string_view name,
                            std::string_view arguments) {
    too_many_ = too_many_ || drafts_.size() == limits::tool_calls;
    if (too_many_) return;
    drafts_.push_back({std::nullopt, {std::string(id), std::string(name), std::string(arguments)}});
}

std::optional<std::vector<tool_call>> call_drafts::take(std::string_view id_prefix) {
    if (too_many_) return std::nullopt;
    if (std::all_of(drafts_.begin(), drafts_.end(), [](const auto& d) { return d.index; }))
        std::stable_sort(drafts_.begin(), drafts_.end(),
                         [](const auto& a, const auto& b) { return a.index < b.index; });
    std::vector<tool_call> calls;
    for (auto& d : std::exchange(drafts_, {})) calls.push_back(std::move(d.call));
    tell_apart(calls);
    return keep_tool_calls(std::move(calls), id_prefix);
}

}  // namespace conclave::providers
