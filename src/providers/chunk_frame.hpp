// What stays the same around the text of a stream's chunks, which need no parser then.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::providers {

/// A chunk of JSON in which two strings, or one, may be others in the next one. Vendors print the
/// rest anew around each piece of text: what is equal to it byte by byte is the same JSON.
class chunk_frame {
   public:
    /// Where the strings of `chunk`, a valid JSON text, begin, behind their quotes. Nothing is kept
    /// if the rest exceeds limits::chunk_frame_bytes.
    void keep(std::string_view chunk, std::size_t text_at, std::optional<std::size_t> padding_at);
    void clear() { kept_.clear(); }

    /// The text of a chunk that is the kept one but for its text and padding. Nothing for any
    /// other, and where a parser has to tell: if the text is empty, or one of the two has an
    /// escape.
    std::optional<std::string_view> text_in(std::string_view chunk) const;

   private:
    struct gap {
        std::size_t at = 0;  ///< in what is kept
        bool is_text = false;
    };

    std::string kept_;  ///< the chunk without the strings in its gaps; empty: none
    std::array<gap, 2> gaps_;
    std::size_t first_gap_ = 0;  ///< 1 where there is one gap only
};

}  // namespace conclave::providers
