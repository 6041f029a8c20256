// Strict reading: nlohmann's tokenizer feeds a builder of our own values.
#include "json/parse.hpp"

#include "base/field.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace conclave::json {
namespace {

// With more members than this, duplicates are found by sorting.
constexpr std::size_t few_members = 16;

// Room that is made at once, for what vendors send.
constexpr std::size_t usual_members = 4;
constexpr std::size_t usual_depth = 8;

bool has_duplicates(const object& members) {
    if (members.size() <= few_members) {
        for (auto a = members.begin(); a != members.end(); ++a)
            for (auto b = members.begin(); b != a; ++b)
                if (a->key == b->key) return true;
        return false;
    }
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& m : members) keys.emplace_back(m.key);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

std::string not_json(std::size_t position) {
    return "must be valid JSON, which ends at byte " + std::to_string(position);
}

// Receives the tokens (nlohmann's SAX interface; false stops the parse).
class builder {
   public:
    explicit builder(const parse_limits& limits) : limits_(limits) { open_.reserve(usual_depth); }

    bool null() { return add({}); }
    bool boolean(bool b) { return add(b); }
    bool number_integer(std::int64_t n) { return add(n); }
    bool number_unsigned(std::uint64_t n) {
        if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return add(big_integer{std::to_string(n)});
        return add(static_cast<std::int64_t>(n));
    }
    bool number_float(double n, const std::string& text) {
        const bool integer = text.find_first_not_of("-0123456789") == std::string::npos;
        if (integer) return add(big_integer{text});
        return limits_.exact_decimals ? add(decimal{text}) : add(n);
    }
    bool string(std::string& text) { return add(std::move(text)); }
    bool binary(std::vector<std::uint8_t>&) { return false; }

    bool start_object(std::size_t) { return open(object{}); }
    bool key(std::string& text) {
        auto& [container, key] = open_.back();
        if (auto& members = *container.as_object(); members.empty()) members.reserve(usual_members);
        key = std::move(text);
        return true;
    }
    bool end_object() {
        if (has_duplicates(*open_.back().container.as_object()))
            return stop("must not have a key twice in one object");
        return close();
    }
    bool start_array(std::size_t) { return open(array{}); }
    bool end_array() { return close(); }

    template <class Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        return stop(not_json(position));
    }

    const std::string& problem() const { return problem_; }
    value take() { return std::move(root_); }

   private:
    // An array or object that is still being read, and the key of the member to come.
    struct frame {
        value container;
        std::string key;
    };

    bool stop(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }
    bool open(value container) {
        if (open_.size() == limits_.depth)
            return stop("must not be nested deeper than " + std::to_string(limits_.depth));
        if (!count()) return false;
        open_.push_back({std::move(container), {}});
        return true;
    }
    bool close() {
        auto finished = std::move(open_.back().container);
        open_.pop_back();
        place(std::move(finished));
        return true;
    }
    bool add(value v) {
        if (!count()) return false;
        place(std::move(v));
        return true;
    }
    bool count() {
        if (++values_ <= limits_.values) return true;
        return stop("must have at most " + std::to_string(limits_.values) + " values");
    }
    void place(value v) {
        if (open_.empty()) {
            root_ = std::move(v);
            return;
        }
        auto& top = open_.back();
        if (auto* items = top.container.as_array())
            items->push_back(std::move(v));
        else
            top.container.as_object()->push_back({std::move(top.key), std::move(v)});
    }

    const parse_limits& limits_;
    std::vector<frame> open_;
    std::size_t values_ = 0;
    value root_;
    std::string problem_;
};

}  // namespace

result<value> parse(std::string_view text, std::string_view field, const parse_limits& limits) {
    if (text.size() > limits.bytes) return too_large(field, limits.bytes);
    // nlohmann takes a NUL for the end of the text and skips a byte order mark; JSON knows neither.
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return invalid(field, not_json(nul + 1));
    if (text.starts_with("\xEF\xBB\xBF")) return invalid(field, not_json(1));
    builder tree(limits);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &tree))
        return invalid(field, tree.problem());
    return tree.take();
}

}  // namespace conclave::json
