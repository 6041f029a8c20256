// The one connection that writes: batches, the COMMIT rule, checkpoints.
#include "store/sqlite/writer.hpp"

#include "base/planted_bug.hpp"
#include "store/repositories.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/failure.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace conclave::store::sqlite {

namespace {

// How often a batch whose COMMIT failed is read back or run again before it is given up.
constexpr int commit_tries = 3;

/// Whether the failure lies in one transaction of a batch and spares the others.
bool spares_others(sql::failure_kind kind) {
    return kind == sql::failure_kind::constraint || kind == sql::failure_kind::misuse;
}

outcomes all(std::span<const job> jobs, const error& e) {
    return outcomes(jobs.size(), result<command_outcome>(e));
}

/// Whether all of them write the row of a send of this owner, unless they are refused.
bool steps_of_sends(std::span<const job> jobs) {
    return std::all_of(jobs.begin(), jobs.end(), [](const job& j) {
        return std::holds_alternative<claim_send>(*j.work) ||
               std::holds_alternative<settle_send>(*j.work);
    });
}

error not_known() {
    return fail(errc::store_unavailable,
                "The outcome is not known: the commit failed, and the database cannot be read "
                "back.")
        .with("outcome_unknown", true);
}

/// Runs one member inside its own savepoint.
result<command_outcome> apply_guarded(batch& c, const command& work) {
    sql::run(c, "SAVEPOINT member");
    std::optional<error> failed;
    try {
        auto outcome = conclave::store::apply(c, work);
        c.write_sums();
        sql::run(c, "RELEASE member");
        return outcome;
    } catch (const sql::failure& f) {
        if (!spares_others(f.kind())) throw;
        failed = error_of(f);
    } catch (const std::bad_alloc&) {
        failed = fail(errc::out_of_memory, "No memory for the transaction.");
    } catch (const std::exception& e) {
        failed = fail(errc::internal_error, "A transaction failed: " + std::string(e.what()));
    }
    c.forget();
    sql::run(c, "ROLLBACK TO member");
    sql::run(c, "RELEASE member");
    return *std::move(failed);
}

/// Where savepoints are rolled back. A page that left for the log, was changed there and then
/// rolled back with a savepoint leaves SQLite (3.40) with a wrong checksum: the commit stands for
/// those who have the log open, and is not found when the log is recovered.
class nothing_spills {
   public:
    explicit nothing_spills(connection& c) : connection_(c) { c.let_spill(false); }
    ~nothing_spills() {
        try {
            connection_.let_spill(true);
        } catch (const sql::failure&) {
            // The cache may grow; nothing is wrong with what it holds.
        }
    }
    nothing_spills(const nothing_spills&) = delete;
    nothing_spills& operator=(const nothing_spills&) = delete;

   private:
    connection& connection_;
};

}  // namespace

error replaced_error() {
    return fail(errc::store_corrupt,
                "The database or its log was moved, deleted or replaced while it was open.");
}

/// Waits for the right to write among all processes; gives it back in the end.
class writer::right_to_write {
   public:
    explicit right_to_write(const writer& w) : right_to_write(w, w.options_.busy_timeout) {}
    right_to_write(const writer& w, std::chrono::milliseconds patience)
        : side_(w.side_), held_(!side_ || side_->lock_writer(patience)) {}
    ~right_to_write() {
        if (side_ && held_) side_->unlock_writer();
    }
    right_to_write(const right_to_write&) = delete;
    right_to_write& operator=(const right_to_write&) = delete;
    explicit operator bool() const { return held_; }

   private:
    side_file* const side_;
    const bool held_;
};

writer::writer(connection_options options, std::string owner, database_file& files, side_file& side)
    : options_(std::move(options)), owner_(std::move(owner)), files_(&files), side_(&side) {}

writer::writer(connection_options options, std::string owner)
    : options_(std::move(options)), owner_(std::move(owner)) {}

writer::~writer() {
    if (!connection_) return;
    const right_to_write right(*this);
    if (!right || replaced()) connection_->leave_log_on_close();
    connection_.reset();
}

connection& writer::open() {
    if (connection_) return *connection_;
    if (files_) {
        // A new connection may meet a new log, but never another database.
        if (!files_->same_database()) {
            replaced_ = true;
            throw sql::failure(sql::failure_kind::corrupt, replaced_error().message);
        }
        files_->forget_log();
    }
    connection_ = std::make_unique<connection>(options_);
    return *connection_;
}

void writer::drop() {
    if (in_memory()) return;
    connection_->leave_log_on_close();
    connection_.reset();
}

/// Makes the connection fit for the next transaction, or drops it.
void writer::give_up(sql::failure_kind kind) {
    if (!connection_) return;
    const bool ended = connection_->roll_back();
    if (!ended || !(spares_others(kind) || kind == sql::failure_kind::busy)) drop();
}

outcomes writer::run(std::span<const job> jobs) {
    const std::lock_guard lock(mutex_);
    if (replaced()) return all(jobs, replaced_error());
    const right_to_write right(*this);
    if (!right) return all(jobs, fail(errc::store_busy, "Other processes wrote for too long."));
    return commit_batch(jobs, options_.busy_timeout);
}

std::optional<outcomes> writer::run_at_once(std::span<const job> jobs) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return std::nullopt;
    if (replaced()) return all(jobs, replaced_error());
    constexpr std::chrono::milliseconds no_patience{0};
    const right_to_write right(*this, no_patience);
    if (!right) return std::nullopt;
    auto done = commit_batch(jobs, no_patience);
    if (done.empty()) return std::nullopt;
    return done;
}

// A COMMIT that failed may still have reached the disk, and what it left in the log may come back
// when the log is next recovered. So the batch is settled only by a later COMMIT that succeeds:
// of the same batch once more, or, where its number shows that it stands, of the mark alone, which
// also makes durable what a failed sync may have left behind. Each try has a number of its own,
// because SQLite writes, and then syncs, nothing for a row that stays as it is. Where the first try
// has steps of sends alone, the row of one bears its number, which spares a page.
outcomes writer::commit_batch(std::span<const job> jobs, std::chrono::milliseconds patience) {
    applied last;
    std::optional<send_row> bearer;  // of the first try's number
    const std::int64_t first_try = number_ + 1;
    bool in_doubt = false;
    for (int tries = 0; tries < commit_tries; ++tries) {
        try {
            connection& c = open();
            c.wait_at_most(in_doubt ? options_.busy_timeout : patience);
            sql::run(c, "BEGIN IMMEDIATE");
            const bool stands = in_doubt && reached(c, first_try, bearer);
            ++number_;
            const bool may_bear = !in_doubt && steps_of_sends(jobs);
            if (!may_bear) write_mark(c);
            if (!stands) last = apply_all(c, jobs);
            if (may_bear) bearer = last.bearer;
            if (may_bear && !bearer) write_mark(c);
        } catch (const sql::failure& f) {
            give_up(f.kind());
            if (in_doubt) continue;
            const bool others_write = f.kind() == sql::failure_kind::busy;
            if (others_write && patience < options_.busy_timeout) return {};
            return all(jobs, error_of(f));
        }
        try {
            sql::run(*connection_, "COMMIT");
        } catch (const sql::failure& f) {
            if (in_memory() || planted(planted_bug::commit_error_is_rollback)) {
                connection_->roll_back();
                return all(jobs, error_of(f));
            }
            drop();
            in_doubt = true;
            continue;
        }
        tenants_.merge(std::move(last.tenants));
        if (!files_ || (files_->same_database() && files_->same_log())) return std::move(last.done);
        replaced_ = true;
        return all(jobs, replaced_error());
    }
    return all(jobs, not_known());
}

/// Whether a batch of this number or a later one is committed.
bool writer::reached(connection& c, std::int64_t least, std::optional<send_row> bearer) const {
    if (bearer) {
        sql::cursor row(c, "SELECT 1 FROM send WHERE send_id = ? AND owner = ? AND batch >= ?",
                        *bearer, owner_, least);
        if (row.next()) return true;
    }
    sql::cursor row(c, "SELECT 1 FROM writer_mark WHERE owner = ? AND batch >= ?", owner_, least);
    return row.next();
}

void writer::write_mark(connection& c) const {
    sql::run(c,
             "INSERT INTO writer_mark (owner, batch) VALUES (?, ?) "
             "ON CONFLICT (owner) DO UPDATE SET batch = excluded.batch",
             owner_, number_);
}

// First without savepoints, which cost a third of the throughput; if a member fails, all once more
// with one each, so that it fails alone.
writer::applied writer::apply_all(connection& c, std::span<const job> jobs) const {
    outcomes done;
    done.reserve(jobs.size());
    batch members(c, {owner_, number_, &tenants_});
    try {
        for (const job& j : jobs) done.emplace_back(conclave::store::apply(members, *j.work));
        members.write_sums();
        return {std::move(done), members.bearer(), members.take_tenants()};
    } catch (const sql::failure& f) {
        if (!spares_others(f.kind())) throw;
    } catch (const std::exception&) {
        // of the member's own making, as apply_guarded will tell
    }
    done.clear();
    members.forget();
    if (!c.roll_back()) throw sql::failure(sql::failure_kind::unavailable, "no way back");
    const nothing_spills all_in_memory(c);
    sql::run(c, "BEGIN IMMEDIATE");
    write_mark(c);
    for (const job& j : jobs) done.push_back(apply_guarded(members, *j.work));
    return {std::move(done), {}, {}};
}

std::int64_t writer::log_growth() {
    if (in_memory()) return 0;
    const std::lock_guard lock(mutex_);
    return growth_of_log();
}

std::int64_t writer::growth_of_log() {
    if (in_memory() || replaced() || !connection_) return 0;
    const std::int64_t length = connection_->wal_pages();
    if (length < checkpointed_at_) checkpointed_at_ = 0;  // the log began anew
    return length - checkpointed_at_;
}

// By the connection that writes and with the right to write: until 3.51.3 SQLite can lose a commit
// that begins the log anew while another connection checkpoints (sqlite.org/wal.html#walresetbug).
void writer::checkpoint(std::int64_t pages) {
    const std::lock_guard lock(mutex_);
    const auto growth = growth_of_log();
    if (growth == 0 || growth < pages) return;
    const right_to_write right(*this);
    if (!right) return;
    checkpointed_at_ += growth;
    try {
        connection_->checkpoint();
    } catch (const sql::failure&) {
        // Nothing is lost: the log stays, and the next commit meets the same trouble and tells.
    }
}

result<void> writer::exclusively(const connection_work& work) {
    const std::lock_guard lock(mutex_);
    const right_to_write right(*this);
    if (!right) return fail(errc::store_busy, "Other processes wrote for too long.");
    return run_guarded(work);
}

result<void> writer::locally(const connection_work& work) {
    const std::lock_guard lock(mutex_);
    return run_guarded(work);
}

result<void> writer::run_guarded(const connection_work& work) {
    try {
        return work(open());
    } catch (const sql::failure& f) {
        give_up(f.kind());
        return error_of(f);
    }
}

}  // namespace conclave::store::sqlite
