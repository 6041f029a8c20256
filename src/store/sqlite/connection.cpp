// One SQLite connection behind the SQL driver.
#include "store/sqlite/connection.hpp"

#include "base/planted_bug.hpp"
#include "store/sqlite/log_vfs.hpp"

#include <utility>

namespace conclave::store::sqlite {

namespace {

// The log keeps at most so much of the disk once its content has moved into the database.
constexpr const char* bound_log_file = "PRAGMA journal_size_limit = 67108864";

// SQLite takes a null pointer for NULL, also when the length is 0.
const char* never_null(const char* data) { return data ? data : ""; }

}  // namespace

sql::failure_kind kind_of(int code) {
    if (code == SQLITE_IOERR_CORRUPTFS) return sql::failure_kind::corrupt;
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:  // the race for the log's locks was lost too often
            return sql::failure_kind::busy;
        case SQLITE_CONSTRAINT: return sql::failure_kind::constraint;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return sql::failure_kind::corrupt;
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_NOMEM:
        case SQLITE_NOLFS:
        case SQLITE_INTERRUPT: return sql::failure_kind::unavailable;
        default: return sql::failure_kind::misuse;
    }
}

sql::failure failure_of(sqlite3* db, int code) {
    const char* text = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    return {kind_of(code), std::string(text) + " (code " + std::to_string(code) + ")"};
}

prepared_statement::prepared_statement(sqlite3* db, const char* sql) : db_(db) {
    const char* tail = nullptr;
    require(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, &tail));
    if (!handle_ || *tail != '\0') {
        sqlite3_finalize(handle_);
        throw sql::failure(sql::failure_kind::misuse, "Exactly one statement must be prepared.");
    }
}

prepared_statement::~prepared_statement() { sqlite3_finalize(handle_); }

void prepared_statement::require(int code) const {
    if (code != SQLITE_OK) throw failure_of(db_, code);
}

void prepared_statement::bind(int index, std::int64_t value) {
    require(sqlite3_bind_int64(handle_, index, value));
}

void prepared_statement::bind(int index, double value) {
    require(sqlite3_bind_double(handle_, index, value));
}

void prepared_statement::bind(int index, std::string_view value) {
    require(sqlite3_bind_text64(handle_, index, never_null(value.data()), value.size(),
                                SQLITE_STATIC, SQLITE_UTF8));
}

void prepared_statement::bind(int index, std::span<const std::byte> value) {
    const auto* data = reinterpret_cast<const char*>(value.data());
    require(sqlite3_bind_blob64(handle_, index, never_null(data), value.size(), SQLITE_STATIC));
}

void prepared_statement::bind_null(int index) { require(sqlite3_bind_null(handle_, index)); }

bool prepared_statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw failure_of(db_, code);
}

bool prepared_statement::is_null(int column) const {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t prepared_statement::integer(int column) const {
    return sqlite3_column_int64(handle_, column);
}

double prepared_statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view prepared_statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::span<const std::byte> prepared_statement::blob(int column) const {
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

void prepared_statement::reset() {
    sqlite3_reset(handle_);  // repeats the error of the last step, which was thrown already
    sqlite3_clear_bindings(handle_);
}

connection::connection(const connection_options& options) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (options.path == ":memory:") flags |= SQLITE_OPEN_MEMORY;
    sqlite3* db = nullptr;
    const auto vfs = options.mode == access::write ? gathering_vfs(options.vfs) : options.vfs;
    const int code =
        sqlite3_open_v2(options.path.c_str(), &db, flags, vfs.empty() ? nullptr : vfs.c_str());
    db_.reset(db);
    require(code);
    configure(options);
}

connection::~connection() = default;

void connection::configure(const connection_options& options) {
    sqlite3* db = db_.get();
    wait_at_most(options.busy_timeout);
    for (const auto& [setting, on] :
         {std::pair(SQLITE_DBCONFIG_DEFENSIVE, 1), std::pair(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
          std::pair(SQLITE_DBCONFIG_ENABLE_FKEY, 1), std::pair(SQLITE_DBCONFIG_DQS_DML, 0),
          std::pair(SQLITE_DBCONFIG_DQS_DDL, 0)})
        require(sqlite3_db_config(db, setting, on, nullptr));
    execute("PRAGMA cell_size_check = ON");
    execute("PRAGMA temp_store = MEMORY");
    if (options.mode == access::read) {
        // What is cached goes with the next commit of anybody.
        execute("PRAGMA cache_size = -500");
        execute("PRAGMA query_only = ON");
        return;
    }
    if (planted(planted_bug::settle_unsynced))
        execute("PRAGMA synchronous = OFF");
    else
        execute(options.sync_commits ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    execute("PRAGMA secure_delete = ON");  // what a tenant erases does not stay on free pages
    execute(bound_log_file);
    // Keys are hashes: each send writes a page that no other send is near to.
    execute("PRAGMA cache_size = -2500");
    // The hook takes the place of SQLite's automatic checkpoint.
    sqlite3_wal_hook(
        db,
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<std::int64_t*>(pages) = count;
            return SQLITE_OK;
        },
        &wal_pages_);
}

void connection::require(int code) const {
    if (code != SQLITE_OK) throw failure_of(db_.get(), code);
}

sql::statement& connection::prepared(const char* sql) {
    auto& slot = statements_[sql];
    if (!slot) slot = std::make_unique<prepared_statement>(db_.get(), sql);
    return *slot;
}

void connection::execute(const char* sql) {
    require(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr));
}

std::int64_t connection::changes() const { return sqlite3_changes64(db_.get()); }

std::int64_t connection::last_row() const { return sqlite3_last_insert_rowid(db_.get()); }

void connection::use_wal() {
    prepared_statement pragma(db_.get(), "PRAGMA journal_mode = WAL");
    const bool changed = pragma.step() && pragma.text(0) == "wal";
    pragma.step();  // writes what the first step has announced
    if (!changed)
        throw sql::failure(sql::failure_kind::unavailable,
                           "The file system does not support write-ahead logging.");
}

void connection::wait_at_most(std::chrono::milliseconds time) {
    require(sqlite3_busy_timeout(db_.get(), static_cast<int>(time.count())));
}

bool connection::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

bool connection::roll_back() noexcept {
    if (in_transaction()) {
        discard_gathered(db_.get());
        sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    return !in_transaction();
}

void connection::let_spill(bool may) {
    execute(may ? "PRAGMA cache_spill = ON" : "PRAGMA cache_spill = OFF");
}

void connection::checkpoint() {
    require(
        sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr));
}

void connection::leave_log_on_close() {
    sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

}  // namespace conclave::store::sqlite
