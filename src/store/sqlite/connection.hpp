// One SQLite connection behind the SQL driver.
#pragma once

#include "store/sql/driver.hpp"

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace conclave::store::sqlite {

class prepared_statement final : public sql::statement {
   public:
    /// Compiles `sql`, which must hold exactly one statement. Throws sql::failure.
    prepared_statement(sqlite3* db, const char* sql);
    ~prepared_statement() override;
    prepared_statement(const prepared_statement&) = delete;
    prepared_statement& operator=(const prepared_statement&) = delete;

    void bind(int index, std::int64_t value) override;
    void bind(int index, double value) override;
    void bind(int index, std::string_view value) override;
    void bind(int index, std::span<const std::byte> value) override;
    void bind_null(int index) override;
    bool step() override;
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::span<const std::byte> blob(int column) const override;
    void reset() override;

   private:
    void require(int code) const;

    sqlite3* db_;
    sqlite3_stmt* handle_ = nullptr;
};

enum class access { read, write };

struct connection_options {
    std::string path;      ///< absolute, or ":memory:"
    std::string vfs = {};  ///< empty: the default one
    access mode = access::write;
    bool sync_commits = true;  ///< synchronous FULL; false: NORMAL
    std::chrono::milliseconds busy_timeout{0};
};

/// Used by one thread at a time. Every connection trusts nothing that the file says about itself
/// and enforces foreign keys; one opened to read cannot write. None checkpoints by itself.
class connection final : public sql::connection {
   public:
    /// Opens an existing file. Throws sql::failure.
    explicit connection(const connection_options& options);
    /// Rolls back what is open.
    ~connection() override;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    sql::statement& prepared(const char* sql) override;
    void execute(const char* sql) override;
    std::int64_t changes() const override;
    std::int64_t last_row() const override;

    /// Turns write-ahead logging on, which the file then remembers. Throws sql::failure.
    void use_wal();
    /// How long a statement waits for others who write; at first, as the options say.
    void wait_at_most(std::chrono::milliseconds time);
    /// Whether a transaction is open: SQLite ends one by itself after some errors.
    bool in_transaction() const;
    /// Ends an open transaction without effect. False if that failed: the connection is of no use.
    bool roll_back() noexcept;

    /// Whether changed pages may leave for the log before their transaction commits, to save
    /// memory; at first they may.
    void let_spill(bool may);
    /// Pages in the write-ahead log after the last commit of this connection.
    std::int64_t wal_pages() const { return wal_pages_; }
    /// Moves what no reader needs from the log into the database; never waits for anybody.
    void checkpoint();
    /// Closing this connection, even as the last one, will leave the log as it is.
    void leave_log_on_close();
    sqlite3* handle() const { return db_.get(); }

   private:
    struct closer {
        void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
    };

    void configure(const connection_options& options);
    void require(int code) const;

    std::unique_ptr<sqlite3, closer> db_;
    std::unordered_map<const char*, std::unique_ptr<prepared_statement>> statements_;
    std::int64_t wal_pages_ = 0;
};

/// What an extended result code means for the engine.
sql::failure_kind kind_of(int code);
/// The failure that `db` just reported.
sql::failure failure_of(sqlite3* db, int code);

}  // namespace conclave::store::sqlite
