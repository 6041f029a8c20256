// Enters SQLite's static mutexes around a fork.
#include "store/sqlite/forks.hpp"

#include <pthread.h>
#include <sqlite3.h>

#include <array>

namespace conclave::store::sqlite {

namespace {

// Outermost first: who holds one of these may want a later one, never an earlier.
constexpr std::array order{SQLITE_MUTEX_STATIC_APP1,  // of log_vfs
                           SQLITE_MUTEX_STATIC_OPEN,   SQLITE_MUTEX_STATIC_VFS1,
                           SQLITE_MUTEX_STATIC_VFS2,   SQLITE_MUTEX_STATIC_VFS3,
                           SQLITE_MUTEX_STATIC_PRNG,  // which asks for the VFS when it is new
                           SQLITE_MUTEX_STATIC_MASTER, SQLITE_MUTEX_STATIC_LRU,
                           SQLITE_MUTEX_STATIC_PMEM,   SQLITE_MUTEX_STATIC_MEM};

void enter() {
    for (const int id : order) sqlite3_mutex_enter(sqlite3_mutex_alloc(id));
}

void leave() {
    for (auto id = order.rbegin(); id != order.rend(); ++id)
        sqlite3_mutex_leave(sqlite3_mutex_alloc(*id));
}

}  // namespace

void guard_forks() {
    static const int registered = ::pthread_atfork(enter, leave, leave);
    (void)registered;
}

}  // namespace conclave::store::sqlite
