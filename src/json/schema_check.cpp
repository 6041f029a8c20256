// Checks a document against a schema.
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "json/number.hpp"
#include "json/print.hpp"
#include "json/schema.hpp"
#include "json/schema_table.hpp"

#include <algorithm>
#include <utility>

namespace conclave::json {

namespace schema_detail {
namespace {

constexpr std::size_t shown_bytes = 200;  // of a name or value in a message

unsigned bit_of(const value& v) {
    switch (v.kind()) {
        case kind::null: return null_bit;
        case kind::boolean: return boolean_bit;
        case kind::integer:
        case kind::big_integer: return number_bit | integer_bit;
        case kind::number:
        case kind::decimal: return is_integer(v) ? number_bit | integer_bit : number_bit;
        case kind::string: return string_bit;
        case kind::array: return array_bit;
        case kind::object: return object_bit;
    }
    return 0;
}

std::string list_types(unsigned types) {
    std::string text;
    for (const auto& t : type_words)
        if ((types & t.bit) != 0) text.append(text.empty() ? "" : " or ").append(t.name);
    return text;
}

std::string shown(std::string_view text) {
    const auto head = utf8::truncate(text, shown_bytes);
    return std::string(head) + (head.size() < text.size() ? "..." : "");
}

std::string list_allowed(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) list.append(list.empty() ? "" : ", ").append(text);
    return texts.size() == 1 ? shown(list) : "one of " + shown(list);
}

/// Walks document and schema together and keeps the first thing that does not fit.
class checker {
   public:
    checker(const table& t, std::string_view name) : table_(t), path_(name) {}

    result<void> check(const value& document) {
        if (fits(0, document) && !gave_up_) return {};
        if (gave_up_) return invalid(path_, "takes too much work to check");
        return invalid(shown(wrong_path_), wrong_);
    }

   private:
    /// Whether `v`, which lies at path_, fits; notes why not.
    bool fits(node_number n, const value& v) {
        if (!spend(1)) return false;
        if (depth_ == limits::schema_depth) return give_up();
        ++depth_;
        const auto& rule = table_.nodes[n];
        const bool all = fits_itself(rule, v) && fits_in_place(rule, v) && fits_inside(rule, v);
        --depth_;
        return all && !gave_up_;
    }

    bool spend(std::size_t steps) {
        steps_ += steps;
        return steps_ <= limits::schema_steps || give_up();
    }

    bool give_up() {
        gave_up_ = true;
        return false;
    }

    bool refuse(std::string problem) {
        wrong_path_ = path_;
        wrong_ = std::move(problem);
        return false;
    }

    bool refuse_member(std::string_view key, std::string problem) {
        (void)refuse(std::move(problem));
        wrong_path_.append(1, '.').append(key);
        return false;
    }

    // --- The value itself -----------------------------------------------------------------------

    bool fits_itself(const node& rule, const value& v) {
        if (rule.refuses_all) return refuse("is not allowed");
        if (rule.types != 0 && (bit_of(v) & rule.types) == 0)
            return refuse("must be " + list_types(rule.types));
        if (rule.allowed && !is_among(*rule.allowed, v))
            return refuse("must be " + list_allowed(*rule.allowed));
        if (const auto* text = v.as_string()) {
            return spend(text->size() / 64) &&
                   fits_size(rule.characters, utf8::count_code_points(*text), "characters");
        }
        if (const auto* items = v.as_array())
            return fits_size(rule.items_count, items->size(), "items") &&
                   (!rule.unique_items || are_unique(*items));
        if (const auto* members = v.as_object())
            return fits_size(rule.members_count, members->size(), "properties");
        return !is_number(v) || fits_number(rule, v);
    }

    std::string text_of(const value& v) {
        auto text = canonical(v);
        (void)spend(text.size() / 16);
        return text;
    }

    bool is_among(const std::vector<std::string>& allowed, const value& v) {
        const auto text = text_of(v);
        return spend(allowed.size() / 16) &&
               std::find(allowed.begin(), allowed.end(), text) != allowed.end();
    }

    bool fits_size(const size_rule& rule, std::size_t count, std::string_view what) {
        const auto size = static_cast<std::int64_t>(count);
        const auto must = [&](const char* words, std::int64_t n) {
            return refuse(words + std::to_string(n) + ' ' + std::string(what));
        };
        if (rule.min && size < *rule.min) return must("must have at least ", *rule.min);
        if (rule.max && size > *rule.max) return must("must have at most ", *rule.max);
        return true;
    }

    bool are_unique(const array& items) {
        std::vector<std::string> texts;
        texts.reserve(items.size());
        for (const auto& item : items) {
            texts.push_back(text_of(item));
            if (gave_up_) return false;
        }
        std::sort(texts.begin(), texts.end());
        if (std::adjacent_find(texts.begin(), texts.end()) == texts.end()) return true;
        return refuse("must not have an item twice");
    }

    bool fits_number(const node& rule, const value& v) {
        const auto must = [&](const char* words, const value& n) {
            return refuse(words + print(n));
        };
        if (rule.minimum && compare_numbers(v, *rule.minimum) < 0)
            return must("must be at least ", *rule.minimum);
        if (rule.maximum && compare_numbers(v, *rule.maximum) > 0)
            return must("must be at most ", *rule.maximum);
        if (rule.exclusive_minimum && compare_numbers(v, *rule.exclusive_minimum) <= 0)
            return must("must be above ", *rule.exclusive_minimum);
        if (rule.exclusive_maximum && compare_numbers(v, *rule.exclusive_maximum) >= 0)
            return must("must be below ", *rule.exclusive_maximum);
        if (rule.multiple_of && !is_multiple(v, *rule.multiple_of))
            return must("must be a multiple of ", *rule.multiple_of);
        return true;
    }

    // --- Other schemas for the same value -------------------------------------------------------

    bool fits_in_place(const node& rule, const value& v) {
        if (rule.ref && !fits(*rule.ref, v)) return false;
        for (const auto n : rule.all_of)
            if (!fits(n, v)) return false;
        if (!rule.any_of.empty() && count_fitting(rule.any_of, v, 1) == 0) return false;
        if (!rule.one_of.empty()) {
            const auto fitting = count_fitting(rule.one_of, v, 2);
            if (fitting > 1) return refuse("must fit only one of its alternatives");
            if (fitting == 0) return false;
        }
        if (!rule.not_this) return true;
        const bool fits_not = fits(*rule.not_this, v);
        if (gave_up_) return false;
        return !fits_not || refuse("must not fit what its schema excludes");
    }

    /// How many fit, up to `enough`. If none does, the one that came furthest tells why.
    std::size_t count_fitting(const std::vector<node_number>& list, const value& v,
                              std::size_t enough) {
        std::size_t fitting = 0;
        std::string furthest_path = path_;
        std::string furthest = "must fit one of its alternatives";
        for (const auto n : list) {
            if (fits(n, v) && ++fitting == enough) return fitting;
            if (gave_up_) return 0;
            if (fitting == 0 && wrong_path_.size() > furthest_path.size()) {
                furthest_path = wrong_path_;
                furthest = wrong_;
            }
        }
        if (fitting > 0) return fitting;
        wrong_path_ = std::move(furthest_path);
        wrong_ = std::move(furthest);
        return 0;
    }

    // --- What the value holds -------------------------------------------------------------------

    bool fits_inside(const node& rule, const value& v) {
        if (const auto* members = v.as_object()) return members_fit(rule, v, *members);
        if (const auto* items = v.as_array()) return items_fit(rule, *items);
        return true;
    }

    bool members_fit(const node& rule, const value& v, const object& members) {
        for (const auto& name : rule.required) {
            if (!spend(1 + members.size() / 16)) return false;
            if (find(v, name) == nullptr) return refuse_member(name, "is required");
        }
        if (rule.properties.empty() && !rule.additional_properties) return true;
        for (const auto& m : members) {
            if (!spend(1)) return false;
            const auto known = rule.properties.find(m.key);
            if (known == rule.properties.end() && !rule.additional_properties) continue;
            const auto n =
                known != rule.properties.end() ? known->second : *rule.additional_properties;
            if (!fits_at('.' + m.key, n, m.value)) return false;
        }
        return true;
    }

    bool items_fit(const node& rule, const array& items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const bool in_prefix = i < rule.prefix_items.size();
            if (!in_prefix && !rule.items) break;
            const auto n = in_prefix ? rule.prefix_items[i] : *rule.items;
            if (!fits_at('[' + std::to_string(i) + ']', n, items[i])) return false;
        }
        return true;
    }

    bool fits_at(const std::string& step, node_number n, const value& v) {
        const auto size = path_.size();
        path_ += step;
        const bool fit = fits(n, v);
        path_.resize(size);
        return fit;
    }

    const table& table_;
    std::string path_;
    std::string wrong_path_;
    std::string wrong_;
    std::size_t steps_ = 0;
    std::size_t depth_ = 0;
    bool gave_up_ = false;
};

}  // namespace
}  // namespace schema_detail

result<void> schema::check(const value& document, std::string_view name) const {
    return schema_detail::checker(*table_, name).check(document);
}

}  // namespace conclave::json
