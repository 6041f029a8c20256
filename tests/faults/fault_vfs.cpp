// A layer over SQLite's access to files, for tests: it fails chosen calls, and it cuts the power.
#include "faults/fault_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::faults {

namespace {

// A write of bytes, or a truncation to `offset`.
struct change {
    bool truncation = false;
    std::size_t offset = 0;
    std::string bytes;
};

// A file apart from its name.
struct node {
    std::string synced;
    std::vector<change> pending;
};

using names = std::map<std::string, std::shared_ptr<node>>;

int usual_error(io_call call) {
    switch (call) {
        case io_call::open: return SQLITE_CANTOPEN;
        case io_call::read: return SQLITE_IOERR_READ;
        case io_call::write: return SQLITE_IOERR_WRITE;
        case io_call::truncate: return SQLITE_IOERR_TRUNCATE;
        case io_call::sync: return SQLITE_IOERR_FSYNC;
        case io_call::file_size: return SQLITE_IOERR_FSTAT;
        case io_call::remove: return SQLITE_IOERR_DELETE;
        case io_call::access: return SQLITE_IOERR_ACCESS;
        case io_call::shm_map: return SQLITE_IOERR_SHMMAP;
        case io_call::shm_lock: return SQLITE_IOERR_SHMLOCK;
    }
    return SQLITE_IOERR;
}

void apply_to(std::string& content, const change& c) {
    if (c.truncation) {
        content.resize(c.offset);
        return;
    }
    if (content.size() < c.offset + c.bytes.size()) content.resize(c.offset + c.bytes.size());
    std::copy(c.bytes.begin(), c.bytes.end(),
              content.begin() + static_cast<std::ptrdiff_t>(c.offset));
}

std::string read_whole(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// What the disk may hold after the power went. Chances are drawn per outcome, so that it also
// happens that nothing or everything survives.
class disk_outcome {
   public:
    explicit disk_outcome(std::uint64_t seed) : random_(seed) {
        constexpr std::array<double, 5> chances{0.0, 0.125, 0.5, 0.875, 1.0};
        kept_ = std::bernoulli_distribution(chances[random_() % chances.size()]);
        sector_ = random_() % 2 == 0 ? 512 : 4096;
    }

    bool kept() { return kept_(random_); }

    std::string content(const node& file) {
        std::string content = file.synced;
        for (const change& c : file.pending) {
            if (c.truncation) {
                if (kept()) apply_to(content, c);
                continue;
            }
            for (std::size_t at = 0; at < c.bytes.size();) {
                const std::size_t in_sector = sector_ - (c.offset + at) % sector_;
                const std::size_t length = std::min(in_sector, c.bytes.size() - at);
                if (kept()) apply_to(content, {false, c.offset + at, c.bytes.substr(at, length)});
                at += length;
            }
        }
        return content;
    }

   private:
    std::mt19937_64 random_;
    std::bernoulli_distribution kept_;
    std::size_t sector_ = 512;
};

}  // namespace

class fault_vfs::state {
   public:
    explicit state(std::string name);
    ~state() { sqlite3_vfs_unregister(&vfs_); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    /// SQLITE_OK, or what this call has to fail with.
    int meet(io_call call, std::string_view path);
    std::shared_ptr<node> opened(const std::string& path);
    void changed(node& file, change c, int code);
    void synced(node& file, bool with_names);
    void removed(const std::string& path, bool with_names);

    const std::string name;
    sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);

    mutable std::mutex mutex;  // of all below
    std::optional<io_fault> fault;
    std::int64_t matched = 0;
    std::int64_t failed = 0;
    std::int64_t changes = 0;
    std::int64_t cut_at = 0;  // 0: never
    bool off = false;
    names live;
    names durable;

   private:
    sqlite3_vfs vfs_{};
};

namespace {

using state = fault_vfs::state;

// SQLite gives raw memory; the real VFS's own file object follows this one in it.
struct open_file {
    sqlite3_file base;
    state* owner;
    std::string path;
    std::shared_ptr<node> content;  // null for a temporary file
    bool syncs_names;

    sqlite3_file* real();
};

constexpr std::size_t real_offset = (sizeof(open_file) + 15) / 16 * 16;

sqlite3_file* open_file::real() {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + real_offset);
}

open_file& of(sqlite3_file* f) { return *reinterpret_cast<open_file*>(f); }
state& of(sqlite3_vfs* v) { return *static_cast<state*>(v->pAppData); }

int on_close(sqlite3_file* f) {
    open_file& file = of(f);
    const int code = file.real()->pMethods->xClose(file.real());
    file.~open_file();
    return code;
}

int on_read(sqlite3_file* f, void* out, int length, sqlite3_int64 offset) {
    open_file& file = of(f);
    if (const int code = file.owner->meet(io_call::read, file.path)) return code;
    return file.real()->pMethods->xRead(file.real(), out, length, offset);
}

int on_write(sqlite3_file* f, const void* data, int length, sqlite3_int64 offset) {
    open_file& file = of(f);
    int code = file.owner->meet(io_call::write, file.path);
    if (!code) code = file.real()->pMethods->xWrite(file.real(), data, length, offset);
    if (file.content)
        file.owner->changed(
            *file.content,
            {false, static_cast<std::size_t>(offset),
             std::string(static_cast<const char*>(data), static_cast<std::size_t>(length))},
            code);
    return code;
}

int on_truncate(sqlite3_file* f, sqlite3_int64 size) {
    open_file& file = of(f);
    int code = file.owner->meet(io_call::truncate, file.path);
    if (!code) code = file.real()->pMethods->xTruncate(file.real(), size);
    if (file.content)
        file.owner->changed(*file.content, {true, static_cast<std::size_t>(size), {}}, code);
    return code;
}

int on_sync(sqlite3_file* f, int) {
    open_file& file = of(f);
    if (const int code = file.owner->meet(io_call::sync, file.path)) return code;
    // The disk is played, so the real one need not be waited for.
    if (file.content) file.owner->synced(*file.content, std::exchange(file.syncs_names, false));
    return SQLITE_OK;
}

int on_file_size(sqlite3_file* f, sqlite3_int64* size) {
    open_file& file = of(f);
    if (const int code = file.owner->meet(io_call::file_size, file.path)) return code;
    return file.real()->pMethods->xFileSize(file.real(), size);
}

int on_lock(sqlite3_file* f, int level) {
    return of(f).real()->pMethods->xLock(of(f).real(), level);
}
int on_unlock(sqlite3_file* f, int level) {
    return of(f).real()->pMethods->xUnlock(of(f).real(), level);
}
int on_check_reserved(sqlite3_file* f, int* held) {
    return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), held);
}
int on_control(sqlite3_file* f, int op, void* argument) {
    return of(f).real()->pMethods->xFileControl(of(f).real(), op, argument);
}
int on_sector_size(sqlite3_file* f) { return of(f).real()->pMethods->xSectorSize(of(f).real()); }
int on_characteristics(sqlite3_file* f) {
    return of(f).real()->pMethods->xDeviceCharacteristics(of(f).real());
}

int on_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    open_file& file = of(f);
    if (const int code = file.owner->meet(io_call::shm_map, file.path)) return code;
    return file.real()->pMethods->xShmMap(file.real(), page, size, extend, out);
}
int on_shm_lock(sqlite3_file* f, int offset, int count, int flags) {
    open_file& file = of(f);
    // Giving back a lock cannot fail.
    if (flags & SQLITE_SHM_LOCK)
        if (const int code = file.owner->meet(io_call::shm_lock, file.path)) return code;
    return file.real()->pMethods->xShmLock(file.real(), offset, count, flags);
}
void on_shm_barrier(sqlite3_file* f) { of(f).real()->pMethods->xShmBarrier(of(f).real()); }
int on_shm_unmap(sqlite3_file* f, int remove) {
    return of(f).real()->pMethods->xShmUnmap(of(f).real(), remove);
}

const sqlite3_io_methods file_methods{2,
                                      on_close,
                                      on_read,
                                      on_write,
                                      on_truncate,
                                      on_sync,
                                      on_file_size,
                                      on_lock,
                                      on_unlock,
                                      on_check_reserved,
                                      on_control,
                                      on_sector_size,
                                      on_characteristics,
                                      on_shm_map,
                                      on_shm_lock,
                                      on_shm_barrier,
                                      on_shm_unmap,
                                      nullptr,
                                      nullptr};

int on_open(sqlite3_vfs* v, const char* path, sqlite3_file* f, int flags, int* out_flags) {
    state& s = of(v);
    f->pMethods = nullptr;
    if (const int code = s.meet(io_call::open, path ? path : "")) return code;
    auto* file = new (f) open_file{{}, &s, path ? path : "", nullptr, false};
    const int code = s.real->xOpen(s.real, path, file->real(), flags, out_flags);
    if (code != SQLITE_OK) {
        file->~open_file();
        f->pMethods = nullptr;
        return code;
    }
    if (path && !(flags & SQLITE_OPEN_DELETEONCLOSE)) file->content = s.opened(path);
    // As in SQLite's unix VFS: the first sync of a journal or log syncs its directory as well.
    constexpr int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    file->syncs_names = (flags & SQLITE_OPEN_CREATE) && (flags & journals);
    f->pMethods = &file_methods;
    return SQLITE_OK;
}

int on_delete(sqlite3_vfs* v, const char* path, int sync_directory) {
    state& s = of(v);
    if (const int code = s.meet(io_call::remove, path)) return code;
    const int code = s.real->xDelete(s.real, path, 0);
    if (code == SQLITE_OK) s.removed(path, sync_directory != 0);
    return code;
}

int on_access(sqlite3_vfs* v, const char* path, int flags, int* out) {
    state& s = of(v);
    if (const int code = s.meet(io_call::access, path)) return code;
    return s.real->xAccess(s.real, path, flags, out);
}

bool changes_something(io_call call) {
    return call == io_call::write || call == io_call::truncate || call == io_call::sync ||
           call == io_call::remove;
}

}  // namespace

fault_vfs::state::state(std::string n) : name(std::move(n)) {
    vfs_ = *real;  // what touches no file is the real one's business
    vfs_.szOsFile = static_cast<int>(real_offset) + real->szOsFile;
    vfs_.pNext = nullptr;
    vfs_.zName = name.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = on_open;
    vfs_.xDelete = on_delete;
    vfs_.xAccess = on_access;
    vfs_.iVersion = 2;
    sqlite3_vfs_register(&vfs_, 0);
}

int fault_vfs::state::meet(io_call call, std::string_view path) {
    const std::lock_guard lock(mutex);
    if (changes_something(call) && ++changes == cut_at) off = true;
    if (off) return usual_error(call);
    if (!fault || (fault->only && *fault->only != call) || !path.ends_with(fault->path_end))
        return SQLITE_OK;
    ++matched;
    if (matched < fault->nth || (matched > fault->nth && !fault->for_ever)) return SQLITE_OK;
    ++failed;
    return fault->code.value_or(usual_error(call));
}

std::shared_ptr<node> fault_vfs::state::opened(const std::string& path) {
    const std::lock_guard lock(mutex);
    auto& slot = live[path];
    if (slot) return slot;
    slot = std::make_shared<node>();
    slot->synced = read_whole(path);
    // A file that holds something was there before the recording began.
    if (!slot->synced.empty()) durable[path] = slot;
    return slot;
}

void fault_vfs::state::changed(node& file, change c, int code) {
    const std::lock_guard lock(mutex);
    // Of the calls that fail, the one during which the power goes may still reach the disk.
    if (code == SQLITE_OK || changes == cut_at) file.pending.push_back(std::move(c));
}

void fault_vfs::state::synced(node& file, bool with_names) {
    const std::lock_guard lock(mutex);
    for (const change& c : file.pending) apply_to(file.synced, c);
    file.pending.clear();
    if (with_names) durable = live;
}

void fault_vfs::state::removed(const std::string& path, bool with_names) {
    const std::lock_guard lock(mutex);
    live.erase(path);
    if (with_names) durable = live;
}

fault_vfs::fault_vfs(std::string name) : state_(std::make_unique<state>(std::move(name))) {}
fault_vfs::~fault_vfs() = default;

const std::string& fault_vfs::name() const { return state_->name; }

void fault_vfs::fail(io_fault fault) {
    const std::lock_guard lock(state_->mutex);
    state_->fault = std::move(fault);
    state_->matched = state_->failed = 0;
}

void fault_vfs::heal() {
    const std::lock_guard lock(state_->mutex);
    state_->fault.reset();
}

std::int64_t fault_vfs::matched() const {
    const std::lock_guard lock(state_->mutex);
    return state_->matched;
}

std::int64_t fault_vfs::failed() const {
    const std::lock_guard lock(state_->mutex);
    return state_->failed;
}

void fault_vfs::cut_power_at(std::int64_t nth) {
    const std::lock_guard lock(state_->mutex);
    state_->changes = 0;
    state_->cut_at = nth;
}

bool fault_vfs::power_is_off() const {
    const std::lock_guard lock(state_->mutex);
    return state_->off;
}

std::int64_t fault_vfs::changes() const {
    const std::lock_guard lock(state_->mutex);
    return state_->changes;
}

void fault_vfs::materialise(const std::filesystem::path& folder, std::uint64_t seed) const {
    const std::lock_guard lock(state_->mutex);
    disk_outcome outcome(seed);
    names all = state_->durable;
    all.insert(state_->live.begin(), state_->live.end());
    for (const auto& [path, either] : all) {
        const auto then = state_->durable.find(path);
        const auto now = state_->live.find(path);
        const bool renamed_away = now == state_->live.end();
        const bool not_there_yet = then == state_->durable.end();
        const bool new_name = !renamed_away && (not_there_yet || then->second != now->second);
        std::shared_ptr<node> file = not_there_yet ? nullptr : then->second;
        if ((new_name || renamed_away) && outcome.kept())
            file = renamed_away ? nullptr : now->second;
        if (!file) continue;
        std::ofstream out(folder / std::filesystem::path(path).filename(), std::ios::binary);
        const std::string content = outcome.content(*file);
        out.write(content.data(), static_cast<std::streamsize>(content.size()));
    }
}

}  // namespace conclave::faults
