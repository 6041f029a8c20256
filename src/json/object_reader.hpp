// Reads a document field by field and refuses what it does not know.
#pragma once

#include <conclave/result.hpp>

#include "base/field.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::json {

/// Takes the members of one object and keeps the first thing wrong with them, as VALIDATION_ERROR
/// naming the path of the field ("fallbacks[2]", "policy.retries"), so that a document is read
/// straight through and judged once, by `finish`; until then values may be empty stand-ins. For
/// optional fields null counts as absent.
///
///     object_reader in(document);
///     auto name = in.required_string("name", {.min_bytes = 1});
///     auto limit = in.optional_integer("limit", 1, 1'000);
///     if (auto read = in.finish(); !read) return read.error();
///
/// The document outlives the reader.
class object_reader {
   public:
    /// `path` is the field that holds the document, empty at the top.
    explicit object_reader(const value& document, std::string path = {});

    std::string required_string(std::string_view key, const text_rule& rule = {});
    std::optional<std::string> optional_string(std::string_view key, const text_rule& rule = {});

    std::int64_t required_integer(std::string_view key, std::int64_t min = lowest,
                                  std::int64_t max = highest);
    std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t min = lowest,
                                                 std::int64_t max = highest);

    double required_number(std::string_view key, double min, double max);
    std::optional<double> optional_number(std::string_view key, double min, double max);

    bool required_boolean(std::string_view key);
    std::optional<bool> optional_boolean(std::string_view key);

    /// Any value; nullptr when absent (or, if optional, null).
    const value* required_value(std::string_view key);
    const value* optional_value(std::string_view key);
    const value* required_object(std::string_view key);
    const value* optional_object(std::string_view key);
    const array* required_array(std::string_view key, std::size_t max_items);
    const array* optional_array(std::string_view key, std::size_t max_items);

    /// An array of strings, each after `rule`.
    std::optional<std::vector<std::string>> optional_strings(std::string_view key,
                                                             std::size_t max_items,
                                                             const text_rule& rule = {});

    /// One of a few words: `optional_choice<jitter_mode>("jitter", {{"none", jitter_mode::none}})`.
    template <class Choice>
    std::optional<Choice> optional_choice(
        std::string_view key, std::initializer_list<std::pair<std::string_view, Choice>> choices) {
        return choose(key, optional_value(key), choices);
    }
    template <class Choice>
    Choice required_choice(std::string_view key,
                           std::initializer_list<std::pair<std::string_view, Choice>> choices) {
        return choose(key, required_value(key), choices).value_or(choices.begin()->second);
    }

    /// Whether the document has the member, null or not; does not count as reading it.
    bool has(std::string_view key) const { return find(document_, key) != nullptr; }

    /// The path of a member, for the reader of a document inside: "policy", "members[2].policy".
    std::string path(std::string_view key) const;
    std::string path(std::string_view key, std::size_t index) const;

    /// Records something wrong with a member, unless something was wrong before.
    void refuse(std::string_view key, std::string_view problem);
    /// Records the error of a check made elsewhere, unless something was wrong before.
    void take(result<void> checked);
    bool ok() const { return !error_; }

    /// The first error; without one, every member that was never read is unknown and refused.
    result<void> finish();

   private:
    static constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    static constexpr auto highest = std::numeric_limits<std::int64_t>::max();

    std::optional<std::string> string_of(std::string_view key, const value* v,
                                         const text_rule& rule);
    std::optional<std::int64_t> integer_of(std::string_view key, const value* v, std::int64_t min,
                                           std::int64_t max);
    std::optional<double> number_of(std::string_view key, const value* v, double min, double max);
    std::optional<bool> boolean_of(std::string_view key, const value* v);
    const value* object_of(std::string_view key, const value* v);
    const array* array_of(std::string_view key, const value* v, std::size_t max_items);
    void refuse_choice(std::string_view key, const std::vector<std::string_view>& words);

    template <class Choice>
    std::optional<Choice> choose(
        std::string_view key, const value* v,
        std::initializer_list<std::pair<std::string_view, Choice>> choices) {
        if (v == nullptr) return std::nullopt;
        std::vector<std::string_view> words;
        for (const auto& [word, choice] : choices) {
            if (const auto* text = v->as_string(); text != nullptr && *text == word) return choice;
            words.push_back(word);
        }
        refuse_choice(key, words);
        return std::nullopt;
    }

    const value& document_;
    std::string path_;
    std::vector<bool> read_;
    std::optional<error> error_;
};

}  // namespace conclave::json
