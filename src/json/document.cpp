// Strict reading: RapidJSON's tokenizer feeds a list of our own elements.
#include "json/document.hpp"

#include "base/field.hpp"
#include "base/utf8.hpp"
#include "json/number.hpp"

// By a name of our own: a program that links us may have another RapidJSON.
#define RAPIDJSON_NAMESPACE conclave_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace conclave_rapidjson {
#define RAPIDJSON_NAMESPACE_END }
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace conclave::json {
namespace {

// With more members than this, duplicates are found by sorting.
constexpr std::size_t few_members = 16;

// Room that is made at once, for what vendors send in a stream.
constexpr std::size_t usual_values = 16;

constexpr unsigned tokenizer_flags =
    conclave_rapidjson::kParseInsituFlag | conclave_rapidjson::kParseNumbersAsStringsFlag;

bool has_duplicates(const elements& members) {
    if (members.size() <= few_members) {
        for (auto a = members.begin(); a != members.end(); ++a)
            for (auto b = members.begin(); b != a; ++b)
                if (a->key() == b->key()) return true;
        return false;
    }
    std::vector<std::string_view> keys;
    for (const auto& m : members) keys.emplace_back(m.key());
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

/// Half a pair that was written as an escape; a raw one is no UTF-8.
bool has_surrogate(std::string_view text) {
    for (auto at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1))
        if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
    return false;
}

std::string not_json(std::size_t position) {
    return "must be valid JSON, which it is not at byte " + std::to_string(position);
}

}  // namespace

/// Receives the tokens; the names are RapidJSON's, and false stops it.
class document::builder {
   public:
    builder(std::vector<element>& to, std::string_view text, const parse_limits& limits)
        : to_(to),
          text_(text),
          limits_(limits),
          has_escapes_(text.find('\\') != std::string_view::npos) {}

    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return add(kind::null) != nullptr; }
    bool Bool(bool truth) {
        auto* added = add(kind::boolean);
        if (added != nullptr) added->boolean_ = truth;
        return added != nullptr;
    }
    bool RawNumber(const char* digits, unsigned length, bool) { return number({digits, length}); }
    bool String(const char* text, unsigned length, bool) {
        auto* added = is_sound({text, length}) ? add(kind::string) : nullptr;
        if (added != nullptr) added->text_ = {text, length};
        return added != nullptr;
    }
    bool Key(const char* text, unsigned length, bool) {
        key_ = {text, length};
        auto& owner = to_[open_];
        owner.has_like_keys_ = owner.has_like_keys_ || owner.marks_.may_have(key_);
        owner.marks_.add(key_);
        return is_sound(key_);
    }
    bool StartObject() { return open(kind::object); }
    bool EndObject(unsigned) {
        const auto& ended = to_[open_];
        if (ended.has_like_keys_ && has_duplicates({&ended + 1, to_.data() + to_.size()}))
            return stop("must not have a key twice in one object");
        return close();
    }
    bool StartArray() { return open(kind::array); }
    bool EndArray(unsigned) { return close(); }
    // With numbers as texts none of these comes.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }
    // NOLINTEND(readability-identifier-naming)

    /// Why it stopped; empty when the tokenizer has the reason.
    const std::string& problem() const { return problem_; }

   private:
    bool stop(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }

    element* add(json::kind k) {
        if (to_.size() == limits_.values) {
            stop("must have at most " + std::to_string(limits_.values) + " values");
            return nullptr;
        }
        to_.push_back(element(k, std::exchange(key_, {})));
        return &to_.back();
    }

    bool number(std::string_view digits) {
        auto* added = add(kind::integer);
        if (added == nullptr) return false;
        const auto* end = digits.data() + digits.size();
        const auto [stopped, problem] = std::from_chars(digits.data(), end, added->integer_);
        if (problem == std::errc() && stopped == end) return true;
        const bool integer = digits.find_first_not_of("-0123456789") == std::string_view::npos;
        added->kind_ = integer ? kind::big_integer : kind::decimal;
        added->text_ = digits;
        const auto ends = static_cast<std::size_t>(end - text_.data());
        return read_number(digits) ? true : stop(not_json(ends));
    }

    bool is_sound(std::string_view text) {
        if (!has_escapes_ || !has_surrogate(text)) return true;
        return stop(not_json(static_cast<std::size_t>(text.data() - text_.data())));
    }

    /// While one is open, its extent is the place of the one around it.
    bool open(json::kind k) {
        if (depth_ == limits_.depth)
            return stop("must not be nested deeper than " + std::to_string(limits_.depth));
        auto* added = add(k);
        if (added == nullptr) return false;
        ++depth_;
        added->extent_ = static_cast<std::uint32_t>(open_);
        open_ = to_.size() - 1;
        return true;
    }

    bool close() {
        --depth_;
        const auto extent = to_.size() - open_;
        open_ = std::exchange(to_[open_].extent_, static_cast<std::uint32_t>(extent));
        return true;
    }

    std::vector<element>& to_;
    std::string_view text_;
    const parse_limits& limits_;
    bool has_escapes_;
    std::size_t depth_ = 0;
    std::size_t open_ = 0;  ///< the innermost array or object that has not ended
    std::string_view key_;  ///< of the member to come
    std::string problem_;
};

result<void> document::read(std::string_view text, std::string_view field,
                            const parse_limits& limits) {
    elements_.clear();
    if (text.size() > limits.bytes) return too_large(field, limits.bytes);
    // The tokenizer takes a NUL for the end of the text, and its own check of UTF-8 reads beyond.
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return invalid(field, not_json(nul + 1));
    if (const auto sound = utf8::valid_prefix(text); sound < text.size())
        return invalid(field, not_json(sound + 1));
    text_.assign(text);
    elements_.reserve(usual_values);
    builder list(elements_, text_, limits);
    conclave_rapidjson::InsituStringStream in(text_.data());
    conclave_rapidjson::Reader tokenizer;
    const auto parsed = tokenizer.Parse<tokenizer_flags>(in, list);
    if (!parsed.IsError()) return {};
    elements_.clear();
    return invalid(field, list.problem().empty() ? not_json(parsed.Offset() + 1) : list.problem());
}

const element& document::root() const noexcept {
    static const element null;
    return elements_.empty() ? null : elements_.front();
}

std::optional<double> element::as_number() const noexcept {
    if (kind_ == kind::integer) return static_cast<double>(integer_);
    if (kind_ == kind::big_integer || kind_ == kind::decimal) return read_number(text_);
    return std::nullopt;
}

const element* look_for(const element& e, std::string_view key) noexcept {
    for (const auto& m : e.children())
        if (m.key() == key) return &m;
    return nullptr;
}

}  // namespace conclave::json
