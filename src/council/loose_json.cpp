// Reads JSON with its usual faults.
#include "council/loose_json.hpp"

#include "base/ascii.hpp"
#include "council/loose_text.hpp"
#include "json/parse.hpp"

#include <string>
#include <utility>

namespace conclave::council {

namespace {

constexpr int depth_max = 24;

class loose_reader {
   public:
    explicit loose_reader(std::string_view text) : in_(text) {}

    std::optional<loose_document> run() {
        auto v = value(0, text_role::item);
        if (!v || !(v->as_object() || v->as_array())) return std::nullopt;
        return loose_document{*std::move(v), in_.at(), in_.mended(), cut_};
    }
    std::size_t reached() const { return in_.reached(); }

   private:
    using maybe = std::optional<json::value>;

    maybe value(int depth, text_role role) {
        in_.skip_space();
        if (depth > depth_max) return std::nullopt;
        if (in_.next('{')) return object(depth);
        if (in_.next('[')) return array(depth);
        if (auto text = in_.quoted(role)) return json::value(*std::move(text));
        if (in_.ended()) return fail();
        return bare();
    }

    maybe object(int depth) {
        in_.take(1);
        json::object members;
        while (true) {
            skip_commas(members.empty());
            if (in_.ended()) return stop(std::move(members));
            if (in_.next('}')) return in_.take(1), json::value(std::move(members));
            // Another bracket here means that the end of this object was forgotten.
            if (in_.next(']') || (!members.empty() && (in_.next('{') || in_.next('['))))
                return in_.mend(), json::value(std::move(members));
            auto key = read_key();
            if (!key) return in_.ended() ? stop(std::move(members)) : std::nullopt;
            auto v = value(depth + 1, text_role::member);
            if (cut_ && (!v || !worth_keeping(*v))) return stop(std::move(members));
            if (!v) return std::nullopt;
            members.push_back({*std::move(key), *std::move(v)});
            if (cut_) return json::value(std::move(members));
        }
    }

    maybe array(int depth) {
        in_.take(1);
        json::array items;
        while (true) {
            skip_commas(items.empty());
            if (in_.ended()) return stop(std::move(items));
            if (in_.next(']')) return in_.take(1), json::value(std::move(items));
            if (in_.next('}')) return in_.mend(), json::value(std::move(items));
            auto v = value(depth + 1, text_role::item);
            if (cut_ && (!v || !worth_keeping(*v))) return stop(std::move(items));
            if (!v) return std::nullopt;
            items.push_back(*std::move(v));
            if (cut_) return json::value(std::move(items));
        }
    }

    std::optional<std::string> read_key() {
        auto key = in_.quoted(text_role::key);
        if (!key) key = in_.bare_key();
        if (!key) return std::nullopt;
        if (!in_.take_colon()) return std::nullopt;
        return key;
    }

    maybe bare() {
        const auto text = in_.bare_value();
        if (in_.ended()) return fail();  // "1" may have become "10"
        if (text.empty() && !in_.next(',') && !in_.next('}')) return std::nullopt;
        if (text.empty()) return in_.mend(), json::value(nullptr);
        if (text == "null" || text == "true" || text == "false" || is_digit(text.front()) ||
            text.front() == '-') {
            if (auto v = json::parse(text, "value")) return *std::move(v);
        }
        in_.mend();
        if (text == "True" || text == "False") return json::value(text == "True");
        if (text == "None") return json::value(nullptr);
        return json::value(text);
    }

    // Exactly one stands between two parts, none in front of the first or behind the last.
    void skip_commas(bool first) {
        in_.skip_space();
        int commas = 0;
        for (; in_.take_comma(); ++commas) in_.skip_space();
        const bool last = in_.next('}') || in_.next(']');
        if (commas != (first || last ? 0 : 1)) in_.mend();
    }

    // Of a value that was cut only what holds finished items is of use.
    static bool worth_keeping(const json::value& v) {
        if (const auto* items = v.as_array()) return !items->empty();
        const auto* members = v.as_object();
        if (!members) return false;
        for (const auto& m : *members)
            if (m.value.as_array() || m.value.as_object()) return true;
        return false;
    }

    template <class T>
    maybe stop(T parts) {
        cut_ = true;
        in_.mend();
        return json::value(std::move(parts));
    }

    maybe fail() {
        cut_ = true;
        in_.mend();
        return std::nullopt;
    }

    loose_text in_;
    bool cut_ = false;
};

}  // namespace

loose_reading read_loose_json(std::string_view text) {
    loose_reader reader(text);
    auto document = reader.run();
    return {std::move(document), reader.reached()};
}

}  // namespace conclave::council
