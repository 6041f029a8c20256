// Reads a database with SQLite alone, so that the library under test is not its own witness.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace conclave::faults {

class sqlite_rows {
   public:
    /// Opens an existing file. Throws std::runtime_error, as all below does.
    explicit sqlite_rows(const std::string& path);
    ~sqlite_rows();
    sqlite_rows(const sqlite_rows&) = delete;
    sqlite_rows& operator=(const sqlite_rows&) = delete;

    class row {
       public:
        explicit row(sqlite3_stmt* s) : statement_(s) {}
        std::string text(int column) const;
        std::int64_t integer(int column) const;
        int columns() const;

       private:
        sqlite3_stmt* statement_;
    };

    void each(const std::string& sql, const std::function<void(const row&)>& visit) const;
    void run(const std::string& sql) const;

   private:
    sqlite3* db_ = nullptr;
};

}  // namespace conclave::faults
