// The words of loose JSON: space, comments, texts, names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::council {

/// What a text in quotes is: that tells what may follow its end.
enum class text_role { key, member, item };

class loose_text {
   public:
    /// `text` is valid UTF-8 and outlives this.
    explicit loose_text(std::string_view text) : text_(text) {}

    std::size_t at() const { return at_; }
    /// The furthest place that was looked at.
    std::size_t reached() const { return std::max(at_, reached_); }
    bool ended() const { return at_ >= text_.size(); }
    bool next(char c) const { return !ended() && text_[at_] == c; }
    void take(std::size_t bytes) { at_ += bytes; }
    /// Whether something was read that is no JSON.
    bool mended() const { return mended_; }
    void mend() { mended_ = true; }

    /// White space, comments and "...". Nothing with braces in it is a comment.
    void skip_space();
    /// A comma, also a full-width one or a semicolon.
    bool take_comma();
    /// A colon with the space around it, also a full-width one, '=' or "=>".
    bool take_colon();
    /// A text in quotes of any kind, nothing without quotes or without an end. A quote ends a text
    /// where what follows it can follow a text of that role; any other is part of it, unless the
    /// next key begins there: then the end was forgotten. A text with such faults that holds braces
    /// has swallowed more than itself, and is none.
    std::optional<std::string> quoted(text_role role);
    /// A name without quotes; nothing if none is here.
    std::optional<std::string> bare_key();
    /// A number, word or phrase without quotes, up to what ends it.
    std::string bare_value();

   private:
    /// A quotation mark.
    struct mark {
        std::size_t bytes = 0;  ///< 0: none
        bool single = false;
    };

    mark mark_at(std::size_t at) const;
    std::size_t skip_blank(std::size_t at) const;
    bool starts(std::size_t at, std::string_view word) const {
        return text_.substr(at, word.size()) == word;
    }
    bool member_at(std::size_t at) const;
    bool value_at(std::size_t at) const;
    bool bracket_at(std::size_t at) const;
    bool ends_text(std::size_t after, text_role role) const;
    std::size_t append_escape(std::string& out, std::size_t at) const;

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t reached_ = 0;
    bool mended_ = false;
};

}  // namespace conclave::council
