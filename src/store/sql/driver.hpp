// The small SQL driver that all repositories are written against; dialects live behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace conclave::store::sql {

/// What the engine has to do about a failed statement.
enum class failure_kind {
    busy,         ///< somebody else holds the database: run again later
    constraint,   ///< a unique, foreign-key or check rule refused the row
    unavailable,  ///< I/O error, disk full, cannot open: nothing is known to be written
    corrupt,      ///< the file is not a sound database
    misuse,       ///< our own fault
};

/// Thrown by the driver and caught by the engine; never leaves src/store.
class failure : public std::exception {
   public:
    failure(failure_kind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
    failure_kind kind() const noexcept { return kind_; }
    const char* what() const noexcept override { return message_.c_str(); }

   private:
    failure_kind kind_;
    std::string message_;
};

/// A prepared statement, owned and reused by its connection. Indices start at 1 for parameters and
/// at 0 for columns. Text and blobs returned are valid until the next step or reset.
class statement {
   public:
    virtual ~statement() = default;
    virtual void bind(int index, std::int64_t value) = 0;
    virtual void bind(int index, double value) = 0;
    virtual void bind(int index, std::string_view value) = 0;  ///< must outlive the last step
    virtual void bind(int index, std::span<const std::byte> value) = 0;
    virtual void bind_null(int index) = 0;
    /// True if a row stands ready, false at the end.
    virtual bool step() = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual std::span<const std::byte> blob(int column) const = 0;
    /// Ends the statement and forgets its parameters.
    virtual void reset() = 0;
};

/// One connection, used by one thread at a time.
class connection {
   public:
    virtual ~connection() = default;
    /// The statement for this text, prepared once per connection. `sql` must be a string literal:
    /// its address is the key.
    virtual statement& prepared(const char* sql) = 0;
    /// Runs statements that need no parameters and return no rows.
    virtual void execute(const char* sql) = 0;
    /// Rows changed by the last INSERT, UPDATE or DELETE.
    virtual std::int64_t changes() const = 0;
    /// The number of the row that the last INSERT added to a table whose rows have numbers.
    virtual std::int64_t last_row() const = 0;
};

}  // namespace conclave::store::sql
