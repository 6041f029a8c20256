// Gathers the frames of the log.
#include "store/sqlite/log_vfs.hpp"

#include <sqlite3.h>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <utility>

namespace conclave::store::sqlite {

namespace {

// The format of the log is part of SQLite's file format and does not change.
constexpr sqlite3_int64 log_header_bytes = 32;
constexpr int frame_header_bytes = 24;

/// Whether the header of a frame says that a transaction ends with it.
bool commits(const void* frame_header) {
    const auto* size_after_commit = static_cast<const unsigned char*>(frame_header) + 4;
    return (size_after_commit[0] | size_after_commit[1] | size_after_commit[2] |
            size_after_commit[3]) != 0;
}

/// Appended frames on their way to the file: each a header, then a page.
class gathered_frames {
   public:
    explicit gathered_frames(sqlite3_file& file) : file_(file) {}

    int write(const void* data, int size, sqlite3_int64 at) {
        if (failed_ != SQLITE_OK) return failed_;
        const bool header = size == frame_header_bytes;
        if (at != end_ || size_ + static_cast<std::size_t>(size) > bytes_.size())
            if (const int failed = flush()) return failed;
        // Only what begins with a frame behind the last one: anything else has no known end.
        const bool gather = size_ != 0 || (header && at == end_ && at >= log_header_bytes);
        if (!gather || static_cast<std::size_t>(size) > bytes_.size()) {
            const int done = file_.pMethods->xWrite(&file_, data, size, at);
            end_ = done == SQLITE_OK ? at + size : unknown;
            return done;
        }
        std::memcpy(bytes_.data() + size_, data, static_cast<std::size_t>(size));
        size_ += static_cast<std::size_t>(size);
        end_ = at + size;
        if (header) {
            last_ = commits(data);
            return SQLITE_OK;
        }
        return last_ ? flush() : SQLITE_OK;
    }

    /// After a failure the file takes nothing more until it is opened anew: to SQLite the frames
    /// had been written.
    int flush() {
        if (size_ == 0) return failed_;
        const auto size = static_cast<int>(std::exchange(size_, 0));
        last_ = false;
        failed_ = file_.pMethods->xWrite(&file_, bytes_.data(), size, end_ - size);
        return failed_;
    }

    void discard() {
        size_ = 0;
        last_ = false;
        end_ = unknown;
    }

   private:
    static constexpr sqlite3_int64 unknown = -1;

    sqlite3_file& file_;
    std::array<unsigned char, 64 * 1024> bytes_;
    std::size_t size_ = 0;         // gathered
    sqlite3_int64 end_ = unknown;  // of what was written last, gathered or not
    bool last_ = false;            // the frame begun ends its transaction
    int failed_ = SQLITE_OK;
};

/// What SQLite holds for an open log; the file of the base lies right behind it.
struct log_file {
    sqlite3_file shown;
    gathered_frames* frames;
};

sqlite3_file* real(sqlite3_file* f) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<log_file*>(f) + 1);
}
gathered_frames& frames_of(sqlite3_file* f) { return *reinterpret_cast<log_file*>(f)->frames; }

int close_log(sqlite3_file* f) {
    delete reinterpret_cast<log_file*>(f)->frames;  // uncommitted, if there are any
    return real(f)->pMethods->xClose(real(f));
}
int read_log(sqlite3_file* f, void* out, int size, sqlite3_int64 at) {
    if (const int failed = frames_of(f).flush()) return failed;
    return real(f)->pMethods->xRead(real(f), out, size, at);
}
int write_log(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    return frames_of(f).write(data, size, at);
}
int truncate_log(sqlite3_file* f, sqlite3_int64 size) {
    if (const int failed = frames_of(f).flush()) return failed;
    return real(f)->pMethods->xTruncate(real(f), size);
}
int sync_log(sqlite3_file* f, int flags) {
    if (const int failed = frames_of(f).flush()) return failed;
    return real(f)->pMethods->xSync(real(f), flags);
}
int size_of_log(sqlite3_file* f, sqlite3_int64* size) {
    if (const int failed = frames_of(f).flush()) return failed;
    return real(f)->pMethods->xFileSize(real(f), size);
}
int lock_log(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock_log(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int check_log(sqlite3_file* f, int* reserved) {
    return real(f)->pMethods->xCheckReservedLock(real(f), reserved);
}
int control_log(sqlite3_file* f, int op, void* argument) {
    return real(f)->pMethods->xFileControl(real(f), op, argument);
}
int sector_of_log(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int traits_of_log(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }

constexpr sqlite3_io_methods log_methods{
    1,        close_log,  read_log,  write_log,   truncate_log,  sync_log,      size_of_log,
    lock_log, unlock_log, check_log, control_log, sector_of_log, traits_of_log, nullptr,
    nullptr,  nullptr,    nullptr,   nullptr,     nullptr};

sqlite3_vfs* base_of(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* opened) {
    auto* const base = base_of(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, f, flags, opened);
    f->pMethods = nullptr;
    auto frames = std::unique_ptr<gathered_frames>(new (std::nothrow) gathered_frames(*real(f)));
    if (!frames) return SQLITE_NOMEM;
    const int done = base->xOpen(base, name, real(f), flags, opened);
    if (done != SQLITE_OK) {
        // Not closed by SQLite, as it has no methods.
        if (real(f)->pMethods) real(f)->pMethods->xClose(real(f));
        return done;
    }
    reinterpret_cast<log_file*>(f)->frames = frames.release();
    f->pMethods = &log_methods;
    return SQLITE_OK;
}

/// The base in all but what it opens. Its functions expect to be called with itself.
void take_after(sqlite3_vfs& vfs, sqlite3_vfs& base) {
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(log_file)) + base.szOsFile;
    vfs.mxPathname = base.mxPathname;
    vfs.pAppData = &base;
    vfs.xOpen = open_file;
    vfs.xDelete = [](sqlite3_vfs* v, const char* name, int sync) {
        return base_of(v)->xDelete(base_of(v), name, sync);
    };
    vfs.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
        return base_of(v)->xAccess(base_of(v), name, flags, out);
    };
    vfs.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
        return base_of(v)->xFullPathname(base_of(v), name, size, out);
    };
    vfs.xRandomness = [](sqlite3_vfs* v, int size, char* out) {
        return base_of(v)->xRandomness(base_of(v), size, out);
    };
    vfs.xSleep = [](sqlite3_vfs* v, int us) { return base_of(v)->xSleep(base_of(v), us); };
    vfs.xCurrentTime = [](sqlite3_vfs* v, double* day) {
        return base_of(v)->xCurrentTime(base_of(v), day);
    };
    vfs.xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
        return base_of(v)->xGetLastError(base_of(v), size, out);
    };
    vfs.xCurrentTimeInt64 = [](sqlite3_vfs* v, sqlite3_int64* ms) {
        return base_of(v)->xCurrentTimeInt64(base_of(v), ms);
    };
}

struct registered_vfs {
    std::string name;
    sqlite3_vfs vfs{};
};

/// One of SQLite's own mutexes, as a fork waits for these.
class registration_lock {
   public:
    registration_lock() { sqlite3_mutex_enter(mutex_); }
    ~registration_lock() { sqlite3_mutex_leave(mutex_); }
    registration_lock(const registration_lock&) = delete;
    registration_lock& operator=(const registration_lock&) = delete;

   private:
    sqlite3_mutex* const mutex_ = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
};

}  // namespace

std::string gathering_vfs(const std::string& base) {
    static auto& known = *new std::map<sqlite3_vfs*, registered_vfs>();  // outlives all connections
    auto* const found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
    // Without the newer clock nothing could be passed on; opening tells of an unknown name.
    if (!found || found->iVersion < 2 || !found->xCurrentTimeInt64) return base;
    const registration_lock lock;
    auto& mine = known[found];
    if (mine.name.empty()) {
        // A base may be gone, and another one bear its name.
        mine.name = "conclave-gathering-" + std::to_string(known.size()) + '-' + found->zName;
        take_after(mine.vfs, *found);
        mine.vfs.zName = mine.name.c_str();
        if (sqlite3_vfs_register(&mine.vfs, 0) != SQLITE_OK) return base;
    }
    return mine.name;
}

void discard_gathered(sqlite3* db) {
    sqlite3_file* log = nullptr;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK) return;
    if (log && log->pMethods == &log_methods) frames_of(log).discard();
}

}  // namespace conclave::store::sqlite
