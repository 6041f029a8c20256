// Watches COMMIT from within SQLite.
#include "faults/commit_kill.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <string_view>

namespace conclave::faults {

namespace {

std::atomic<int> commits_left = 0;  // 0: nobody is killed
std::atomic<commit_side> killed_side = commit_side::before;

void end_here() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

bool is_commit(void* statement) {
    const char* sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
    return sql != nullptr && std::string_view(sql) == "COMMIT";
}

/// Told when a statement begins (SQLITE_TRACE_STMT) and when it has ended (SQLITE_TRACE_PROFILE).
int on_statement(unsigned what, void*, void* statement, void*) {
    thread_local bool kill_when_done = false;
    if (what == SQLITE_TRACE_PROFILE) {
        if (kill_when_done && is_commit(statement)) end_here();
        return 0;
    }
    if (!is_commit(statement)) return 0;
    auto* db = sqlite3_db_handle(static_cast<sqlite3_stmt*>(statement));
    if (sqlite3_txn_state(db, nullptr) != SQLITE_TXN_WRITE || commits_left == 0) return 0;
    if (--commits_left > 0) return 0;
    if (killed_side == commit_side::before) end_here();
    kill_when_done = true;
    return 0;
}

int watch(sqlite3* db, char**, const sqlite3_api_routines*) {
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, on_statement, nullptr);
}

}  // namespace

void watch_commits() {
    if (sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)) != SQLITE_OK)
        throw std::runtime_error("cannot watch commits");
}

void kill_at_commit(int number, commit_side side) {
    killed_side = side;
    commits_left = number;
}

}  // namespace conclave::faults
