// Reads a database with SQLite alone.
#include "faults/sqlite_rows.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace conclave::faults {

namespace {

constexpr int busy_timeout_ms = 5'000;

}  // namespace

sqlite_rows::sqlite_rows(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
        sqlite3_busy_timeout(db_, busy_timeout_ms) == SQLITE_OK)
        return;
    const std::string why = path + ": " + sqlite3_errmsg(db_);
    sqlite3_close_v2(db_);
    throw std::runtime_error(why);
}

sqlite_rows::~sqlite_rows() { sqlite3_close_v2(db_); }

std::string sqlite_rows::row::text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::int64_t sqlite_rows::row::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}
int sqlite_rows::row::columns() const { return sqlite3_column_count(statement_); }

void sqlite_rows::each(const std::string& sql, const std::function<void(const row&)>& visit) const {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> s(raw, sqlite3_finalize);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(raw);
        if (code == SQLITE_ROW) visit(row(raw));
    }
    if (code != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(db_));
}

void sqlite_rows::run(const std::string& sql) const {
    each(sql, [](const row&) {});
}

}  // namespace conclave::faults
