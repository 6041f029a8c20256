// Fuzzes the accumulator of tool calls.
#include "base/limits.hpp"
#include "fuzz.hpp"
#include "providers/call_drafts.hpp"

#include <set>
#include <string>

namespace {

using conclave::providers::call_drafts;

/// Up to the next zero byte.
std::string_view take_text(std::string_view& rest) {
    const auto end = rest.find('\0');
    const auto text = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of(data, size);
    call_drafts drafts;
    while (!rest.empty()) {
        const auto how = fuzz::take_byte(rest);
        call_drafts::fragment f;
        if ((how & 1) != 0) f.index = static_cast<std::int64_t>(how >> 4) - 1;
        if ((how & 2) != 0) f.id = take_text(rest);
        if ((how & 4) != 0) f.name = take_text(rest);
        f.arguments = take_text(rest);
        if ((how & 8) != 0)
            drafts.add_whole(f.id, f.name, f.arguments);
        else
            drafts.add(f);
    }
    const auto calls = drafts.take("call_");
    if (!calls) return 0;
    fuzz::require(calls->size() <= conclave::limits::tool_calls);
    std::set<std::string> ids;
    for (const auto& call : *calls) {
        fuzz::require(!call.name.empty() && ids.insert(call.id).second);
        fuzz::require(!call.arguments.empty());
    }
    return 0;
}
