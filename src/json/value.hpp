// A JSON value: a tree that keeps the order of members and the exactness of integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace conclave::json {

class value;
struct member;
using array = std::vector<value>;
/// Members in the order of the document, without duplicate keys when parsed.
using object = std::vector<member>;

/// An integer beyond int64, kept as its text so that it can be passed on unchanged.
struct big_integer {
    std::string digits;

    bool operator==(const big_integer&) const = default;
};

/// A number with a point or an exponent, kept as its text where `decimals::exact` asks for it.
struct decimal {
    std::string text;

    bool operator==(const decimal&) const = default;
};

/// What a value is; in the order of the variant inside.
enum class kind { null, boolean, integer, big_integer, number, decimal, string, array, object };

/// Null, or one of the kinds. The as_ functions give nullptr for another kind.
class value {
   public:
    value() noexcept;
    value(const value&);
    value(value&&) noexcept;
    value& operator=(const value&);
    value& operator=(value&&) noexcept;
    ~value();

    value(std::nullptr_t) noexcept;
    value(bool b);
    value(int n);
    value(std::int64_t n);
    value(big_integer n);
    value(double n);
    value(decimal n);
    value(const char* s);
    value(std::string_view s);
    value(std::string s);
    value(array items);
    value(object members);

    json::kind kind() const noexcept { return static_cast<json::kind>(data_.index()); }
    bool is_null() const noexcept { return kind() == kind::null; }

    const bool* as_boolean() const noexcept { return std::get_if<bool>(&data_); }
    const std::int64_t* as_integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
    const big_integer* as_big_integer() const noexcept { return std::get_if<big_integer>(&data_); }
    const decimal* as_decimal() const noexcept { return std::get_if<decimal>(&data_); }
    /// Any number as a double, rounded if it must be; nothing for other kinds.
    std::optional<double> as_number() const noexcept;
    const std::string* as_string() const noexcept { return std::get_if<std::string>(&data_); }
    const array* as_array() const noexcept { return std::get_if<array>(&data_); }
    const object* as_object() const noexcept { return std::get_if<object>(&data_); }
    array* as_array() noexcept { return std::get_if<array>(&data_); }
    object* as_object() noexcept { return std::get_if<object>(&data_); }

    bool operator==(const value& other) const;

   private:
    std::variant<std::monostate, bool, std::int64_t, big_integer, double, decimal, std::string,
                 array, object>
        data_;
};

struct member {
    std::string key;
    json::value value;

    bool operator==(const member&) const = default;
};

// Defined here because they need `member` to be complete.
inline value::value() noexcept = default;
inline value::value(const value&) = default;
inline value::value(value&&) noexcept = default;
inline value& value::operator=(const value&) = default;
inline value& value::operator=(value&&) noexcept = default;
inline value::~value() = default;
inline value::value(std::nullptr_t) noexcept {}
inline value::value(bool b) : data_(b) {}
inline value::value(int n) : data_(std::int64_t{n}) {}
inline value::value(std::int64_t n) : data_(n) {}
inline value::value(big_integer n) : data_(std::move(n)) {}
inline value::value(double n) : data_(n) {}
inline value::value(decimal n) : data_(std::move(n)) {}
inline value::value(const char* s) : data_(std::string(s)) {}
inline value::value(std::string_view s) : data_(std::string(s)) {}
inline value::value(std::string s) : data_(std::move(s)) {}
inline value::value(array items) : data_(std::move(items)) {}
inline value::value(object members) : data_(std::move(members)) {}
inline bool value::operator==(const value& other) const { return data_ == other.data_; }

/// "an object", "a string" ...: for messages.
std::string_view describe(kind k) noexcept;

/// The member of an object, or nullptr: also when `v` is not an object.
const value* find(const value& v, std::string_view key) noexcept;

}  // namespace conclave::json
