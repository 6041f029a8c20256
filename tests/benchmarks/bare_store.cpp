// The bare loop.
#include "bare_store.hpp"

#include <sqlite3.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bench {

namespace {

constexpr const char* schema =
    "CREATE TABLE key (hash BLOB PRIMARY KEY, session INTEGER, state INTEGER, hold INTEGER,"
    " reply TEXT) WITHOUT ROWID;"
    "CREATE TABLE message (id INTEGER PRIMARY KEY, session INTEGER, role INTEGER, content TEXT);"
    "CREATE TABLE session (id INTEGER PRIMARY KEY, messages INTEGER);"
    "CREATE TABLE usage (id INTEGER PRIMARY KEY, session INTEGER, tokens INTEGER, cost INTEGER);"
    "CREATE TABLE rollup (day INTEGER PRIMARY KEY, messages INTEGER, tokens INTEGER,"
    " cost INTEGER);"
    "CREATE TABLE balance (id INTEGER PRIMARY KEY, held INTEGER, spent INTEGER);"
    "INSERT INTO rollup VALUES (1, 0, 0, 0); INSERT INTO balance VALUES (1, 0, 0);";

constexpr int session_count = 4096;
/// Another one than those of `run`.
constexpr int single_caller = session_count - 1;

struct job {
    bool settle = false;
    std::int64_t session = 0;
    std::array<unsigned char, 32> hash{};
    bool done = false;
    std::condition_variable wake;
};

class database {
   public:
    database(const std::string& path, bool full) {
        if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error("open");
        run("PRAGMA journal_mode=WAL");
        run(full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        run("PRAGMA wal_autocheckpoint=4000");
        run(schema);
    }
    ~database() {
        for (auto* s : statements_) sqlite3_finalize(s);
        sqlite3_close(db_);
    }
    void run(const char* sql) {
        char* why = nullptr;
        if (sqlite3_exec(db_, sql, nullptr, nullptr, &why) != SQLITE_OK)
            throw std::runtime_error(why);
    }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* s = nullptr;
        if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
        statements_.push_back(s);
        return s;
    }

   private:
    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
};

void step(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) throw std::runtime_error("a statement failed");
    sqlite3_reset(s);
}

class group_writer {
   public:
    group_writer(const std::string& path, bool full) : db_(path, full) {
        for (int i = 0; i < session_count; ++i) {
            sqlite3_bind_int(new_session_, 1, i);
            step(new_session_);
        }
        writer_ = std::thread([this] { serve(); });
    }
    ~group_writer() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        writer_.join();
    }

    void commit(job& j) {
        std::unique_lock lock(mutex_);
        j.done = false;
        queue_.push_back(&j);
        if (queue_.size() == 1) wake_.notify_one();
        j.wake.wait(lock, [&j] { return j.done; });
    }

    /// On the calling thread, while no other one commits.
    void commit_here(const job& j) {
        step(begin_);
        j.settle ? settle(j) : claim(j);
        step(commit_);
    }

   private:
    void serve() {
        for (;;) {
            std::vector<job*> batch;
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
                if (queue_.empty()) return;
                batch.swap(queue_);
            }
            step(begin_);
            for (auto* j : batch) j->settle ? settle(*j) : claim(*j);
            step(commit_);
            const std::scoped_lock lock(mutex_);
            for (auto* j : batch) {
                j->done = true;
                j->wake.notify_one();
            }
        }
    }

    void claim(const job& j) {
        sqlite3_bind_blob(claim_, 1, j.hash.data(), 32, SQLITE_STATIC);
        sqlite3_bind_int64(claim_, 2, j.session);
        step(claim_);
        sqlite3_bind_int64(message_, 1, j.session);
        sqlite3_bind_int(message_, 2, 1);
        sqlite3_bind_text(message_, 3, question_.data(), static_cast<int>(question_.size()),
                          SQLITE_STATIC);
        step(message_);
        step(hold_);
    }
    void settle(const job& j) {
        sqlite3_bind_int64(message_, 1, j.session);
        sqlite3_bind_int(message_, 2, 2);
        sqlite3_bind_text(message_, 3, answer_.data(), static_cast<int>(answer_.size()),
                          SQLITE_STATIC);
        step(message_);
        sqlite3_bind_int64(usage_, 1, j.session);
        step(usage_);
        step(rollup_);
        sqlite3_bind_int64(session_, 1, j.session);
        step(session_);
        sqlite3_bind_text(settle_, 1, "{\"reply\":1}", -1, SQLITE_STATIC);
        sqlite3_bind_blob(settle_, 2, j.hash.data(), 32, SQLITE_STATIC);
        step(settle_);
        step(release_);
    }

    database db_;
    sqlite3_stmt* begin_ = db_.prepare("BEGIN IMMEDIATE");
    sqlite3_stmt* commit_ = db_.prepare("COMMIT");
    sqlite3_stmt* new_session_ = db_.prepare("INSERT INTO session VALUES (?, 0)");
    sqlite3_stmt* claim_ = db_.prepare("INSERT INTO key VALUES (?, ?, 1, 1000, NULL)");
    sqlite3_stmt* message_ =
        db_.prepare("INSERT INTO message (session, role, content) VALUES (?, ?, ?)");
    sqlite3_stmt* hold_ = db_.prepare("UPDATE balance SET held = held + 1000 WHERE id = 1");
    sqlite3_stmt* usage_ =
        db_.prepare("INSERT INTO usage (session, tokens, cost) VALUES (?, 112, 224000)");
    sqlite3_stmt* rollup_ = db_.prepare(
        "UPDATE rollup SET messages = messages + 1, tokens = tokens + 112, cost = cost + 224000"
        " WHERE day = 1");
    sqlite3_stmt* session_ = db_.prepare("UPDATE session SET messages = messages + 2 WHERE id = ?");
    sqlite3_stmt* settle_ =
        db_.prepare("UPDATE key SET state = 2, hold = 0, reply = ? WHERE hash = ? AND state = 1");
    sqlite3_stmt* release_ =
        db_.prepare("UPDATE balance SET held = held - 1000, spent = spent + 224000 WHERE id = 1");
    const std::string question_ = std::string(100, 'q');
    const std::string answer_ = std::string(1024, 'a');
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<job*> queue_;
    bool stopping_ = false;
    std::thread writer_;
};

/// Another key with every call.
void prepare(job& j, int caller, std::int64_t n) {
    std::mt19937_64 random(static_cast<std::uint64_t>(caller) * 1'000'003 +
                           static_cast<std::uint64_t>(n));
    j.session = caller;
    for (std::size_t i = 0; i < j.hash.size(); i += 8) {
        const auto word = random();
        std::memcpy(j.hash.data() + i, &word, 8);
    }
}

}  // namespace

struct bare_store::impl {
    impl(const std::string& path, bool full) : writer(path, full) {}

    double commit_us() {
        const auto start = wall_us();
        writer.commit_here(single);
        return wall_us() - start;
    }

    group_writer writer;
    std::int64_t runs = 0;
    job single;
    std::int64_t singles = 0;
};

bare_store::bare_store(const std::string& path, bool full)
    : impl_(std::make_unique<impl>(path, full)) {}

bare_store::~bare_store() = default;

throughput bare_store::run(int callers, double seconds) {
    const auto first = impl_->runs++ << 32;
    return run_callers(callers, seconds, [this, first](int caller, std::int64_t n) {
        job j;
        prepare(j, caller, first + n);
        impl_->writer.commit(j);
        j.settle = true;
        impl_->writer.commit(j);
    });
}

double bare_store::claim_us() {
    prepare(impl_->single, single_caller, impl_->singles++);
    impl_->single.settle = false;
    return impl_->commit_us();
}

double bare_store::settle_us() {
    impl_->single.settle = true;
    return impl_->commit_us();
}

latencies run_single_commits(const std::string& path, int commits, bool full) {
    database db(path, full);
    auto* insert = db.prepare("INSERT INTO usage (session, tokens, cost) VALUES (1, 112, 224000)");
    latencies each;
    for (int i = 0; i < commits; ++i) {
        const auto start = wall_us();
        step(insert);
        each.add(wall_us() - start);
    }
    return each;
}

}  // namespace bench
