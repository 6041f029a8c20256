// Several processes on one file: who lives, who may write, and that nobody starves.
#include "store/sqlite/side_file.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <thread>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A forked process that talks back through a pipe. Forked before this process has a thread.
class child_process {
   public:
    explicit child_process(const auto& work) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(ends[0]);
            work(ends[1]);
            ::_exit(0);
        }
        ::close(ends[1]);
        from_ = ends[0];
    }
    ~child_process() {
        kill();
        ::close(from_);
    }
    child_process(const child_process&) = delete;

    /// Waits for the next value that the child sends.
    template <class T>
    T receive() {
        T value{};
        REQUIRE(::read(from_, &value, sizeof value) == static_cast<ssize_t>(sizeof value));
        return value;
    }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    /// Waits for the child's own end.
    void join() {
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

   private:
    pid_t pid_ = 0;
    int from_ = -1;
};

template <class T>
void send(int to, const T& value) {
    if (::write(to, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) ::_exit(1);
}

/// An owner as plain bytes, for a pipe.
struct owner_bytes {
    char id[64] = {};
    std::int64_t lock_offset = 0;
    std::int64_t pid = 0;
    std::int64_t process_start = 0;

    static owner_bytes of(const owner_ref& o) {
        owner_bytes b{.lock_offset = o.lock_offset, .pid = o.pid, .process_start = o.process_start};
        o.id.copy(b.id, sizeof b.id - 1);
        return b;
    }
    owner_ref owner() const { return {id, lock_offset, pid, process_start}; }
};

sqlite::side_file::handle open_side(const std::string& path) {
    return sqlite::side_file::open(path, 0600).value();
}

/// What one process got in the contest for the right to write.
struct contest_result {
    std::int64_t turns = 0;
    std::int64_t wait_us_p99 = 0;
};

contest_result contend(const std::string& path, milliseconds length) {
    auto side = open_side(path);
    std::vector<std::int64_t> waits;
    const auto end = steady_clock::now() + length;
    while (steady_clock::now() < end) {
        const auto asked = steady_clock::now();
        if (!side->lock_writer(milliseconds(5'000))) continue;
        const auto got = steady_clock::now();
        waits.push_back(std::chrono::duration_cast<std::chrono::microseconds>(got - asked).count());
        std::this_thread::sleep_for(std::chrono::microseconds(300));  // a commit
        side->unlock_writer();
    }
    std::sort(waits.begin(), waits.end());
    return {static_cast<std::int64_t>(waits.size()), waits[waits.size() * 99 / 100]};
}

}  // namespace

// SQLite before 3.51.3 can lose transactions of a process that begins the log anew while another
// one checkpoints it (sqlite.org/wal.html#walresetbug).
TEST_CASE("nobody checkpoints while another process may write", "[processes]") {
    const temporary_folder folder;
    const std::string path = folder.file("a.db");
    int go[2];
    REQUIRE(::pipe(go) == 0);
    child_process other([&](int to) {
        char ignored = 0;
        if (::read(go[0], &ignored, 1) != 1) ::_exit(1);
        auto side = open_side(path + "-lock");
        send(to, side->lock_writer(milliseconds(5'000)));
        (void)::read(go[0], &ignored, 1);
    });
    world w;
    auto s =
        w.open_with({.path = path, .durability = durability_level::process, .busy_timeout_ms = 20});
    auto large = add_tenant("tnt_1");
    large.record.metadata = "{\"x\":\"" + std::string(2'000'000, 'x') + "\"}";
    REQUIRE(perform(*s, large));
    REQUIRE(::write(go[1], "1", 1) == 1);
    REQUIRE(other.receive<bool>());
    const auto before = std::filesystem::file_size(path);
    s->idle_work();
    CHECK(std::filesystem::file_size(path) == before);
    other.kill();
    s->idle_work();
    CHECK(std::filesystem::file_size(path) > before + 1'000'000);
    ::close(go[0]);
    ::close(go[1]);
}

TEST_CASE("processes write one file in turn and lose nothing", "[processes]") {
    constexpr int processes = 4;
    constexpr int tenants = 50;
    const temporary_folder folder;
    std::vector<std::unique_ptr<child_process>> children;
    for (int p = 0; p < processes; ++p)
        children.push_back(std::make_unique<child_process>([&](int to) {
            world w;
            auto s = w.open(folder.file("a.db"));
            int done = 0;
            for (int i = 0; i < tenants; ++i) {
                const std::string id = "tnt_" + std::to_string(p) + "_" + std::to_string(i);
                if (perform(*s, add_tenant(id))) ++done;
            }
            s.reset();
            send(to, done);
        }));
    for (auto& child : children) {
        CHECK(child->receive<int>() == tenants);
        child->join();
    }
    world w;
    auto s = w.open(folder.file("a.db"));
    for (int p = 0; p < processes; ++p)
        for (int i = 0; i < tenants; ++i)
            CHECK(has_tenant(*s, "tnt_" + std::to_string(p) + "_" + std::to_string(i)).value());
}

TEST_CASE("an owner lives exactly as long as its process", "[processes]") {
    const temporary_folder folder;
    child_process child([&](int to) {
        world w;
        auto s = w.open(folder.file("a.db"));
        send(to, owner_bytes::of(s->self()));
        ::pause();
    });
    const owner_ref owner = child.receive<owner_bytes>().owner();
    world w;
    auto s = w.open(folder.file("a.db"));
    CHECK(s->self().id.size() == 30);
    CHECK(s->self().id.starts_with("own_"));
    CHECK(s->self().lock_offset >= 1 << 20);
    CHECK(s->self().pid == ::getpid());
    CHECK(s->self().process_start > 0);
    CHECK(s->judge(s->self()) == owner_liveness::self);
    CHECK(s->judge(owner) == owner_liveness::alive);
    child.kill();
    CHECK(s->judge(owner) == owner_liveness::dead);
}

TEST_CASE("owners of this process are known by name", "[processes]") {
    const temporary_folder folder;
    world w;
    auto one = w.open(folder.file("a.db"));
    auto two = w.open(folder.file("a.db"));
    const owner_ref second = two->self();
    CHECK(one->judge(second) == owner_liveness::alive);
    two.reset();
    CHECK(one->judge(second) == owner_liveness::dead);
    // The first one's locks outlive the second's end, as another process sees.
    child_process child([&, first = one->self()](int to) {
        auto side = open_side(folder.file("unrelated"));
        world in_child;
        auto s = in_child.try_open({.path = folder.file("a.db")});
        send(to, s ? errc::internal_error : s.error().code);
    });
    CHECK(child.receive<errc>() == errc::handle_forked);
    // Our pid and start time, yet nobody we know: a second copy of the library.
    owner_ref stranger = one->self();
    stranger.id = "own_stranger";
    stranger.lock_offset += 1;
    CHECK(one->judge(stranger) == owner_liveness::conflict);
    // The pid of a process that is gone was given to us.
    stranger.process_start -= 1;
    CHECK(one->judge(stranger) == owner_liveness::dead);
}

TEST_CASE("two stores in one process share the file", "[processes]") {
    const temporary_folder folder;
    world w;
    auto one = w.open(folder.file("a.db"));
    auto two = w.open(folder.file("a.db"));
    std::atomic<int> failures = 0;
    const auto write = [&](sqlite_store& s, const std::string& prefix) {
        for (int i = 0; i < 100; ++i)
            if (!perform(s, add_tenant(prefix + std::to_string(i)))) ++failures;
    };
    std::thread other([&] { write(*two, "tnt_two_"); });
    write(*one, "tnt_one_");
    other.join();
    CHECK(failures == 0);
    CHECK(has_tenant(*one, "tnt_two_99").value());
    CHECK(has_tenant(*two, "tnt_one_99").value());
}

TEST_CASE("a process that keeps the right to write ends in STORE_BUSY", "[processes]") {
    const temporary_folder folder;
    world w;
    auto s = w.open_with({.path = folder.file("a.db"), .busy_timeout_ms = 20});
    {
        // Not a store: only the lock, so that it may be forked off while we have the file open.
        child_process child([&](int to) {
            struct flock lock {};
            lock.l_type = F_WRLCK;
            lock.l_start = std::int64_t{1} << 40;
            lock.l_len = 1;
            const int side = ::open(folder.file("a.db-lock").c_str(), O_RDWR);
            send(to, ::fcntl(side, F_SETLK, &lock));
            ::pause();
        });
        REQUIRE(child.receive<int>() == 0);
        const auto busy = perform(*s, add_tenant("tnt_1"));
        REQUIRE_FALSE(busy);
        CHECK(busy.error().code == errc::store_busy);
        CHECK(has_tenant(*s, "tnt_1").value() == false);
    }
    // The kernel released what the dead process held.
    REQUIRE(perform(*s, add_tenant("tnt_1")));
}

TEST_CASE("a store reopened in a child that never used the parent's works", "[processes]") {
    const temporary_folder folder;
    world w;
    w.open(folder.file("a.db"));  // opened and closed before the fork
    child_process child([&](int to) {
        world in_child;
        auto s = in_child.open(folder.file("a.db"));
        send(to, perform(*s, add_tenant("tnt_1")).has_value());
    });
    CHECK(child.receive<bool>());
}

TEST_CASE("nobody starves: eight processes get equal shares", "[processes]") {
    constexpr int processes = 8;
    const temporary_folder folder;
    std::vector<std::unique_ptr<child_process>> children;
    for (int p = 0; p < processes; ++p)
        children.push_back(std::make_unique<child_process>(
            [&](int to) { send(to, contend(folder.file("lock"), milliseconds(1'500))); }));
    double sum = 0;
    double squares = 0;
    std::int64_t p99 = 0;
    for (auto& child : children) {
        const auto r = child->receive<contest_result>();
        child->join();
        sum += static_cast<double>(r.turns);
        squares += static_cast<double>(r.turns) * static_cast<double>(r.turns);
        p99 = std::max(p99, r.wait_us_p99);
    }
    const double fairness = sum * sum / (processes * squares);  // Jain's index
    std::cout << "right to write, 8 processes of no think time: " << sum / 1.5
              << " turns/s, fairness " << fairness << ", worst p99 wait " << p99 << " us\n";
    CHECK(fairness > 0.95);
}
