// Checks and fills request templates.
#include "providers/request_template.hpp"

#include "json/parse.hpp"
#include "json/writer.hpp"
#include "providers/turns.hpp"

#include <array>
#include <optional>

namespace conclave::providers {
namespace {

enum class placeholder { model, instructions, prompt, messages, temperature, max_tokens };

struct named_placeholder {
    std::string_view text;
    placeholder what;
    bool is_text;  ///< may stand inside a longer string
};

constexpr std::array placeholders = {
    named_placeholder{"{{model}}", placeholder::model, true},
    named_placeholder{"{{instructions}}", placeholder::instructions, true},
    named_placeholder{"{{prompt}}", placeholder::prompt, true},
    named_placeholder{"{{messages}}", placeholder::messages, false},
    named_placeholder{"{{temperature}}", placeholder::temperature, false},
    named_placeholder{"{{max_tokens}}", placeholder::max_tokens, false},
};

/// The placeholder that `text` begins with.
const named_placeholder* leading(std::string_view text) {
    for (const auto& p : placeholders) {
        if (text.starts_with(p.text)) return &p;
    }
    return nullptr;
}

const named_placeholder* whole(std::string_view text) {
    const auto* p = leading(text);
    return p != nullptr && p->text.size() == text.size() ? p : nullptr;
}

/// Walks a template and keeps the first thing wrong with it.
class checker {
   public:
    void check(const json::value& v) {
        if (const auto* text = v.as_string()) check_text(*text);
        if (const auto* items = v.as_array())
            for (const auto& item : *items) check(item);
        if (const auto* members = v.as_object())
            for (const auto& [key, member] : *members) {
                if (key.find("{{") != std::string::npos) problem_ = "has a placeholder in a key";
                check(member);
            }
    }

    std::string_view problem() const { return problem_; }
    bool places_instructions() const { return places_instructions_; }

   private:
    void check_text(std::string_view text) {
        const bool is_whole = whole(text) != nullptr;
        for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{")) {
            text.remove_prefix(at);
            const auto* p = leading(text);
            if (p == nullptr) {
                problem_ = "has an unknown placeholder";
                return;
            }
            if (!p->is_text && !is_whole) problem_ = "has a placeholder that needs its own string";
            places_instructions_ = places_instructions_ || p->what == placeholder::instructions;
            text.remove_prefix(p->text.size());
        }
    }

    std::string_view problem_;
    bool places_instructions_ = false;
};

/// Writes a template with the values of one request.
class filler {
   public:
    filler(const provider_request& request, bool lead_with_instructions, std::size_t reserve_bytes)
        : request_(request),
          lead_with_instructions_(lead_with_instructions && !request.instructions.empty()),
          w_(reserve_bytes) {}

    void write(const json::value& v) {
        if (const auto* text = v.as_string()) {
            write_text(*text);
        } else if (const auto* items = v.as_array()) {
            w_.begin_array();
            for (const auto& item : *items) {
                if (!is_absent(item)) write(item);
            }
            w_.end_array();
        } else if (const auto* members = v.as_object()) {
            w_.begin_object();
            for (const auto& [key, member] : *members) {
                if (is_absent(member)) continue;
                w_.key(key);
                write(member);
            }
            w_.end_object();
        } else {
            w_.value(v);
        }
    }

    std::string take() { return std::move(w_).text(); }

   private:
    std::string_view text_of(placeholder what) const {
        if (what == placeholder::model) return request_.model;
        if (what == placeholder::instructions) return request_.instructions;
        return last_user_text(request_);
    }

    bool is_absent(const json::value& v) const {
        const auto* text = v.as_string();
        const auto* p = text != nullptr ? whole(*text) : nullptr;
        if (p == nullptr) return false;
        switch (p->what) {
            case placeholder::temperature: return !request_.temperature;
            case placeholder::max_tokens: return !request_.max_tokens;
            case placeholder::messages: return false;
            default: return text_of(p->what).empty();
        }
    }

    void write_text(std::string_view text) {
        const auto* p = whole(text);
        if (p == nullptr) {
            w_.string(filled(text));
        } else if (p->is_text) {
            w_.string(text_of(p->what));
        } else if (p->what == placeholder::messages) {
            write_messages();
        } else if (p->what == placeholder::temperature) {
            w_.number(request_.temperature.value_or(0));
        } else {
            w_.integer(request_.max_tokens.value_or(0));
        }
    }

    std::string filled(std::string_view text) const {
        std::string out;
        for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{")) {
            out += text.substr(0, at);
            text.remove_prefix(at);
            const auto* p = leading(text);
            out += text_of(p->what);
            text.remove_prefix(p->text.size());
        }
        return out += text;
    }

    void write_messages() {
        w_.begin_array();
        if (lead_with_instructions_)
            write_message(role_word(message_role::system), request_.instructions);
        for (const auto& turn : request_.turns) write_message(role_word(turn.role), turn.content);
        w_.end_array();
    }

    void write_message(std::string_view role, std::string_view content) {
        w_.begin_object().key("role").string(role).key("content").string(content).end_object();
    }

    const provider_request& request_;
    bool lead_with_instructions_;
    json::writer w_;
};

}  // namespace

result<request_template> request_template::parse(std::string_view text, std::string_view field) {
    auto document = json::parse(text, field);
    if (!document) return std::move(document).error();
    if (document->as_object() == nullptr && document->as_array() == nullptr)
        return invalid(field, "must be a JSON object or array");
    checker c;
    c.check(*document);
    if (!c.problem().empty()) return invalid(field, c.problem());
    return request_template(*std::move(document), c.places_instructions());
}

std::string request_template::fill(const provider_request& request) const {
    std::size_t bytes = request.instructions.size() + 512;
    for (const auto& turn : request.turns) bytes += turn.content.size() + 32;
    filler f(request, !places_instructions_, bytes);
    f.write(document_);
    return f.take();
}

}  // namespace conclave::providers
