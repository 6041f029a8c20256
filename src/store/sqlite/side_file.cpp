// The file beside the database whose byte-range locks order the writers and show who lives.
#include "store/sqlite/side_file.hpp"

#include "base/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace conclave::store::sqlite {

namespace {

// The bytes of the side file. None is ever written; only their locks matter.
//   1 MiB up to the writer's byte   one random byte per owner, held for its life
//   writer_byte                     held by who writes
//   from first_ticket on            a waiting writer holds the byte of the nanosecond it came in
constexpr std::int64_t first_owner = std::int64_t{1} << 20;
constexpr std::int64_t writer_byte = std::int64_t{1} << 40;
constexpr std::int64_t first_ticket = writer_byte + 1;
constexpr std::int64_t to_the_end = 0;

// The first in line looks often, since the writer's byte lies idle until it does; the others only
// have to notice in time that they became first.
constexpr std::chrono::microseconds first_in_line_poll{50};
constexpr std::chrono::microseconds in_line_poll{200};
constexpr int owner_byte_tries = 8;

struct flock range(short type, std::int64_t start, std::int64_t length) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return lock;
}

int set_lock(int descriptor, short type, std::int64_t start, std::int64_t length) {
    struct flock lock = range(type, start, length);
    int outcome = 0;
    do outcome = ::fcntl(descriptor, F_SETLK, &lock);
    while (outcome != 0 && errno == EINTR);
    return outcome;
}

bool take(int descriptor, std::int64_t start, std::int64_t length) {
    return set_lock(descriptor, F_WRLCK, start, length) == 0;
}

void give_back(int descriptor, std::int64_t start, std::int64_t length) {
    set_lock(descriptor, F_UNLCK, start, length);
}

/// Whether another process holds any byte of the range.
bool held_elsewhere(int descriptor, std::int64_t start, std::int64_t length) {
    struct flock lock = range(F_WRLCK, start, length);
    if (::fcntl(descriptor, F_GETLK, &lock) != 0) return true;
    return lock.l_type != F_UNLCK;
}

using file_key = std::pair<dev_t, ino_t>;

// What this process knows of its side files and owners.
struct registry {
    explicit registry(std::int64_t p, registry* inherited) : pid(p), parent(inherited) {}

    struct entry {
        side_file* file = nullptr;
        int handles = 0;
    };

    const std::int64_t pid;
    registry* const parent;  // of the process that forked us, frozen
    std::mutex mutex;
    std::map<file_key, entry> files;
    std::set<std::string> live_owners;
    std::set<std::string> ended_owners;
};

// A forked child starts an empty registry and leaves its parent's alone: a thread that does not
// exist in the child may have held the mutex. What the child thus leaks is shared memory.
registry& this_process() {
    static std::atomic<registry*> current{nullptr};
    registry* known = current.load(std::memory_order_acquire);
    while (!known || known->pid != current_process()) {
        auto* fresh = new registry(current_process(), known);
        if (current.compare_exchange_strong(known, fresh, std::memory_order_acq_rel)) return *fresh;
        delete fresh;
    }
    return *known;
}

bool open_in_a_parent(const registry& own, file_key key) {
    for (registry* r = own.parent; r; r = r->parent) {
        const std::unique_lock lock(r->mutex, std::try_to_lock);
        if (!lock || r->files.contains(key)) return true;
    }
    return false;
}

error cannot_open(int cause) {
    return fail(errc::store_unavailable, "The lock file beside the database cannot be opened: " +
                                             std::generic_category().message(cause) + ".");
}

}  // namespace

side_file::~side_file() { ::close(descriptor_); }

result<side_file::handle> side_file::open(const std::string& path, ::mode_t mode) {
    registry& own = this_process();
    const std::lock_guard lock(own.mutex);
    struct stat info {};
    // Asked by name first: a second descriptor, once closed, would drop the locks of the first.
    if (::stat(path.c_str(), &info) == 0) {
        const auto found = own.files.find({info.st_dev, info.st_ino});
        if (found != own.files.end()) {
            ++found->second.handles;
            return handle(found->second.file);
        }
    }
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, mode);
    if (descriptor < 0) return cannot_open(errno);
    if (::fstat(descriptor, &info) != 0) return cannot_open(errno);
    const file_key key{info.st_dev, info.st_ino};
    if (open_in_a_parent(own, key)) {
        ::close(descriptor);
        return fail(errc::handle_forked,
                    "The parent process had this database open when it forked; the child must "
                    "start anew (exec) to open it.");
    }
    registry::entry& entry = own.files[key];
    if (!entry.file) entry.file = new side_file(descriptor);
    ++entry.handles;
    return handle(entry.file);
}

side_file::handle::handle(handle&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}

side_file::handle& side_file::handle::operator=(handle&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}

side_file::handle::~handle() {
    if (!file_) return;
    registry& own = this_process();
    const std::lock_guard lock(own.mutex);
    const auto found = std::find_if(own.files.begin(), own.files.end(),
                                    [&](const auto& f) { return f.second.file == file_; });
    if (found == own.files.end() || --found->second.handles > 0) return;
    own.files.erase(found);
    delete file_;
}

bool side_file::lock_writer(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!writer_.try_lock()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(in_line_poll);
    }
    // Nobody writes and nobody waits: both are asked for in one call.
    if (take(descriptor_, writer_byte, to_the_end)) {
        give_back(descriptor_, first_ticket, to_the_end);
        return true;
    }
    if (wait_in_line(deadline)) return true;
    writer_.unlock();
    return false;
}

bool side_file::wait_in_line(std::chrono::steady_clock::time_point deadline) {
    using std::chrono::steady_clock;
    const auto came = steady_clock::now().time_since_epoch();
    std::int64_t ticket =
        first_ticket + std::chrono::duration_cast<std::chrono::nanoseconds>(came).count();
    // Taken already: by one who came in the same nanosecond, or by one who asks for all of it.
    while (!take(descriptor_, ticket, 1)) {
        if (steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(first_in_line_poll);
        ++ticket;
    }
    bool first = false;
    bool locked = false;
    while (!locked) {
        if (!first) first = !held_elsewhere(descriptor_, first_ticket, ticket - first_ticket);
        if (first) locked = take(descriptor_, writer_byte, 1);
        if (locked || steady_clock::now() >= deadline) break;
        std::this_thread::sleep_for(first ? first_in_line_poll : in_line_poll);
    }
    give_back(descriptor_, ticket, 1);
    return locked;
}

void side_file::unlock_writer() {
    give_back(descriptor_, writer_byte, 1);
    writer_.unlock();
}

result<std::int64_t> side_file::hold_owner(const std::string& id, random_source& random) {
    for (int i = 0; i < owner_byte_tries; ++i) {
        const auto span = static_cast<std::uint64_t>(writer_byte - first_owner);
        const auto offset = first_owner + static_cast<std::int64_t>(random.next() % span);
        if (!take(descriptor_, offset, 1)) continue;
        registry& own = this_process();
        const std::lock_guard lock(own.mutex);
        own.live_owners.insert(id);
        return offset;
    }
    return fail(errc::store_unavailable, "The system refuses byte-range locks on the lock file.");
}

void side_file::release_owner(const std::string& id, std::int64_t offset) {
    registry& own = this_process();
    const std::lock_guard lock(own.mutex);
    own.live_owners.erase(id);
    own.ended_owners.insert(id);
    give_back(descriptor_, offset, 1);
}

side_file::holder side_file::find_holder(const std::string& id, std::int64_t offset) const {
    registry& own = this_process();
    const std::lock_guard lock(own.mutex);
    if (own.live_owners.contains(id)) return holder::live_here;
    if (own.ended_owners.contains(id)) return holder::ended_here;
    return held_elsewhere(descriptor_, offset, 1) ? holder::other_process : holder::nobody_known;
}

std::int64_t process_start() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    // The second field, the program's name in parentheses, may hold spaces and parentheses.
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return 0;
    constexpr int fields_before_start = 19;  // state is field 3, the start time field 22
    std::size_t at = name_end + 2;
    for (int i = 0; i < fields_before_start; ++i) {
        at = line.find(' ', at);
        if (at == std::string::npos) return 0;
        ++at;
    }
    return std::strtoll(line.c_str() + at, nullptr, 10);
}

}  // namespace conclave::store::sqlite
