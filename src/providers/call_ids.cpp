// Makes ids of tool calls fit.
#include "providers/call_ids.hpp"

#include "base/ascii.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace conclave::providers {
namespace {

bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }
bool is_word(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_any(char) { return true; }

struct id_form {
    std::string_view name;
    bool (*takes)(char);
    std::size_t least;
    std::size_t most;
};

constexpr std::array forms = {
    id_form{"alphanumeric_9", is_alphanumeric, 9, 9},
    id_form{"word_64", is_word, 1, 64},
    id_form{"any_40", is_any, 1, 40},
    id_form{"any_64", is_any, 1, 64},
};

constexpr std::size_t digits_most = 32;  ///< of an id that stands for another

using turns_of_request = std::vector<provider_request::turn>;

bool repeats_an_id(const turns_of_request& turns) {
    std::set<std::string_view> taken;
    for (const auto& t : turns)
        for (const auto& call : t.tool_calls)
            if (!taken.insert(call.id).second) return true;
    return false;
}

}  // namespace

std::string call_id_in(std::string_view form, const std::string& id) {
    const auto* f = std::find_if(forms.begin(), forms.end(),
                                 [&](const id_form& known) { return known.name == form; });
    if (f == forms.end()) return id;
    const bool fits = id.size() >= f->least && id.size() <= f->most &&
                      std::all_of(id.begin(), id.end(), f->takes);
    if (fits) return id;
    // The first digits of a number hardly differ, the last ones do.
    const auto digits = crypto::base62_encode(crypto::sha256(id));
    return digits.substr(digits.size() - std::min(f->most, digits_most));
}

std::optional<turns_of_request> with_own_call_ids(const turns_of_request& given) {
    if (!repeats_an_id(given)) return std::nullopt;
    auto turns = given;
    std::set<std::string> taken;
    std::map<std::string, std::string> renamed;  // of the last turn that made calls
    for (auto& t : turns) {
        if (!t.tool_calls.empty()) renamed.clear();
        for (auto& call : t.tool_calls) {
            if (taken.insert(call.id).second || !t.keepsake.empty()) continue;
            auto own = call.id;
            for (int n = 2; !taken.insert(own).second; ++n) own = call.id + '_' + std::to_string(n);
            renamed.emplace(std::exchange(call.id, own), own);
        }
        const auto known = renamed.find(t.tool_call_id);
        if (t.role == message_role::tool && known != renamed.end()) t.tool_call_id = known->second;
    }
    return turns;
}

json::value with_call_id_in(std::string_view form, json::value item, std::string_view key) {
    for (auto& m : *item.as_object())
        if (m.key == key && m.value.as_string() != nullptr)
            m.value = call_id_in(form, *m.value.as_string());
    return item;
}

}  // namespace conclave::providers
