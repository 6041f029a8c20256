// Runs one statement: binds typed arguments, walks rows, resets in the end.
#pragma once

#include <conclave/id.hpp>
#include <conclave/time.hpp>

#include "store/sql/driver.hpp"

#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace conclave::store::sql {

inline void bind_one(statement& s, int i, std::string_view v) { s.bind(i, v); }
inline void bind_one(statement& s, int i, const std::string& v) { s.bind(i, std::string_view(v)); }
inline void bind_one(statement& s, int i, const char* v) { s.bind(i, std::string_view(v)); }
inline void bind_one(statement& s, int i, bool v) { s.bind(i, std::int64_t{v}); }
inline void bind_one(statement& s, int i, double v) { s.bind(i, v); }
inline void bind_one(statement& s, int i, timestamp v) {
    s.bind(i, std::int64_t{v.time_since_epoch().count()});
}
inline void bind_one(statement& s, int i, date v) {
    s.bind(i, std::int64_t{v.time_since_epoch().count()});
}
inline void bind_one(statement& s, int i, std::nullptr_t) { s.bind_null(i); }
template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
void bind_one(statement& s, int i, T v) { s.bind(i, static_cast<std::int64_t>(v)); }
template <class Tag>
void bind_one(statement& s, int i, const id<Tag>& v) {
    s.bind(i, std::string_view(v.str()));
}
template <std::size_t N>
void bind_one(statement& s, int i, const std::array<std::byte, N>& v) {
    s.bind(i, std::span<const std::byte>(v));
}
template <class T>
void bind_one(statement& s, int i, const std::optional<T>& v) {
    if (v)
        bind_one(s, i, *v);
    else
        s.bind_null(i);
}

/// A running statement. Arguments are bound by reference where they are text: they must live until
/// the cursor ends.
class cursor {
   public:
    template <class... Args>
    cursor(connection& c, const char* sql, const Args&... args) : statement_(c.prepared(sql)) {
        int index = 0;
        (bind_one(statement_, ++index, args), ...);
    }
    ~cursor() { statement_.reset(); }
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    bool next() { return statement_.step(); }
    bool is_null(int column) const { return statement_.is_null(column); }
    std::int64_t integer(int column) const { return statement_.integer(column); }
    double real(int column) const { return statement_.real(column); }
    std::string text(int column) const { return std::string(statement_.text(column)); }
    std::string_view view(int column) const { return statement_.text(column); }
    std::span<const std::byte> blob(int column) const { return statement_.blob(column); }
    timestamp time(int column) const {
        return timestamp(std::chrono::milliseconds(statement_.integer(column)));
    }
    std::optional<std::int64_t> maybe_integer(int column) const {
        if (is_null(column)) return std::nullopt;
        return integer(column);
    }
    std::optional<timestamp> maybe_time(int column) const {
        if (is_null(column)) return std::nullopt;
        return time(column);
    }
    std::optional<std::string> maybe_text(int column) const {
        if (is_null(column)) return std::nullopt;
        return text(column);
    }

   private:
    statement& statement_;
};

/// Runs a statement that returns no rows; gives the number of rows changed.
template <class... Args>
std::int64_t run(connection& c, const char* sql, const Args&... args) {
    {
        cursor statement(c, sql, args...);
        while (statement.next()) {
        }
    }
    return c.changes();
}

}  // namespace conclave::store::sql
