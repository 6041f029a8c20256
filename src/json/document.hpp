// A JSON text that is read and not kept: its values lie in one list, in the order of the text.
#pragma once

#include <conclave/result.hpp>

#include "base/limits.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::json {

class elements;

/// Which keys an object may have, a bit for several: most of those that readers ask for it has not,
/// which takes no look at its members (Bloom, "Space/time trade-offs in hash coding", 1970).
class key_marks {
   public:
    /// False for a key that is not there for certain.
    bool may_have(std::string_view key) const noexcept { return (bits_ & bit_of(key)) != 0; }
    void add(std::string_view key) noexcept { bits_ |= bit_of(key); }

   private:
    /// Length and ends tell the keys of vendors' objects apart.
    static std::uint64_t bit_of(std::string_view key) noexcept {
        if (key.empty()) return 1;
        const auto first = static_cast<unsigned char>(key.front());
        const auto last = static_cast<unsigned char>(key.back());
        return std::uint64_t{1} << (7 * key.size() + 3U * first + last) % 64;
    }

    std::uint64_t bits_ = 0;
};

/// A value of a document, which must outlive it. The as_ functions give nullptr for another kind.
/// A number that is no integer is of kind `decimal`, as it was written.
class element {
   public:
    /// Null, and a text that outlives it: those stand in no document.
    element() = default;
    explicit element(std::string_view text) : text_(text), kind_(kind::string) {}
    // What is inside it lies behind it in the document, where a copy would not find it.
    element(const element&) = delete;
    element& operator=(const element&) = delete;
    element(element&&) = default;

    json::kind kind() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == kind::null; }
    bool is_array() const noexcept { return kind_ == kind::array; }
    bool is_object() const noexcept { return kind_ == kind::object; }

    const bool* as_boolean() const noexcept { return kind_ == kind::boolean ? &boolean_ : nullptr; }
    const std::int64_t* as_integer() const noexcept {
        return kind_ == kind::integer ? &integer_ : nullptr;
    }
    const std::string_view* as_big_integer() const noexcept { return text_of(kind::big_integer); }
    const std::string_view* as_decimal() const noexcept { return text_of(kind::decimal); }
    /// Any number as a double, rounded if it must be; nothing for other kinds.
    std::optional<double> as_number() const noexcept;
    const std::string_view* as_string() const noexcept { return text_of(kind::string); }

    /// The items of an array, the members of an object; none for other kinds.
    elements children() const noexcept;
    /// Of a member of an object; else empty.
    std::string_view key() const noexcept { return key_; }

   private:
    friend class document;
    friend class elements;
    friend const element* find(const element& e, std::string_view key) noexcept;

    element(json::kind k, std::string_view key) : key_(key), kind_(k) {}
    const std::string_view* text_of(json::kind k) const noexcept {
        return kind_ == k ? &text_ : nullptr;
    }

    std::string_view key_;
    std::string_view text_;
    std::int64_t integer_ = 0;
    key_marks marks_;           ///< of an object's keys
    std::uint32_t extent_ = 1;  ///< elements from this one to the end of what is inside it
    json::kind kind_ = kind::null;
    bool boolean_ = false;
    bool has_like_keys_ = false;  ///< two at least that its marks do not tell apart
};

/// The values in an array or object.
class elements {
   public:
    class iterator {
       public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = element;
        using difference_type = std::ptrdiff_t;
        using pointer = const element*;
        using reference = const element&;

        iterator() = default;
        explicit iterator(const element* at) : at_(at) {}
        reference operator*() const { return *at_; }
        pointer operator->() const { return at_; }
        iterator& operator++() {
            at_ += at_->extent_;
            return *this;
        }
        iterator operator++(int) {
            auto before = *this;
            ++*this;
            return before;
        }
        bool operator==(const iterator&) const = default;

       private:
        const element* at_ = nullptr;
    };

    elements() = default;
    elements(const element* first, const element* end) : first_(first), end_(end) {}

    iterator begin() const { return iterator(first_); }
    iterator end() const { return iterator(end_); }
    bool empty() const { return first_ == end_; }
    /// Counts them.
    std::size_t size() const { return static_cast<std::size_t>(std::distance(begin(), end())); }
    const element& front() const { return *first_; }

   private:
    const element* first_ = nullptr;
    const element* end_ = nullptr;
};

inline elements element::children() const noexcept {
    return is_array() || is_object() ? elements(this + 1, this + extent_) : elements();
}

struct parse_limits {
    std::size_t bytes = limits::json_bytes;
    std::size_t depth = limits::json_depth;    ///< arrays and objects inside one another
    std::size_t values = limits::json_values;  ///< values in all, keys not counted
};

/// Cheaper to read than a value: two allocations for a text of usual size, none for the next.
class document {
   public:
    document() = default;
    document(const document&) = delete;
    document& operator=(const document&) = delete;

    /// Reads one RFC 8259 text in place of what was read before. Refused with VALIDATION_ERROR
    /// naming `field`: anything that is not JSON, duplicate keys, lone surrogates, invalid UTF-8,
    /// numbers beyond a double, too much depth or too many values. So are numbers whose digits
    /// before the point are beyond a double without their exponent, and zeros with an exponent
    /// above 308. PAYLOAD_TOO_LARGE beyond the byte limit. Messages never repeat the text.
    result<void> read(std::string_view text, std::string_view field, const parse_limits& = {});

    /// Null before a text was read, and after an error.
    const element& root() const noexcept;

    /// Where in the text that was read a string of it begins, behind its quote.
    std::size_t place_of(const element& string) const noexcept {
        return static_cast<std::size_t>(string.text_.data() - text_.data());
    }

   private:
    class builder;

    std::string text_;  ///< with its strings in place, without their escapes
    std::vector<element> elements_;
};

/// The same as `find`, for a key that may be there.
const element* look_for(const element& e, std::string_view key) noexcept;

/// The member of an object, or nullptr: also when `e` is not an object.
inline const element* find(const element& e, std::string_view key) noexcept {
    return e.marks_.may_have(key) ? look_for(e, key) : nullptr;
}

}  // namespace conclave::json
