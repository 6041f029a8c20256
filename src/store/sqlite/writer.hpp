// The one connection that writes: batches, the COMMIT rule, checkpoints.
#pragma once

#include <conclave/completion.hpp>

#include "store/batch.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/sqlite/side_file.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace conclave::store::sqlite {

/// A queued transaction and who waits for it.
struct job {
    shared_command work;
    completion<result<command_outcome>> done;
};

using outcomes = std::vector<result<command_outcome>>;
using connection_work = std::function<result<void>(connection&)>;

/// Thread-safe, though its calls run one after another.
class writer {
   public:
    /// For a database file. `files` and `side` must outlive the writer.
    writer(connection_options options, std::string owner, database_file& files, side_file& side);
    /// For a database in memory, which ends with the writer.
    writer(connection_options options, std::string owner);
    /// Closes; the last connection of all processes also empties and removes the log.
    ~writer();
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    /// Runs all jobs as one SQLite transaction and gives an outcome for each. What is reported as
    /// a success is as durable as the connection's options say; an error means that the job wrote
    /// nothing, unless its detail `outcome_unknown` says that this could not be found out.
    outcomes run(std::span<const job> jobs);
    /// The same unless somebody else writes: then nothing.
    std::optional<outcomes> run_at_once(std::span<const job> jobs);

    /// How many pages the log grew by since the last checkpoint.
    std::int64_t log_growth();
    /// Moves the log into the database if it grew by so many pages since the last time. Holds the
    /// right to write meanwhile: so the log can begin anew, and no commit of another process runs
    /// beside it (in that race SQLite below 3.51.3 can lose a commit).
    void checkpoint(std::int64_t pages);

    /// Runs `work` on the connection with the right to write.
    result<void> exclusively(const connection_work& work);
    /// Runs `work` on the connection without it.
    result<void> locally(const connection_work& work);

    /// True once the files were found replaced under the open database: nothing works any more.
    bool replaced() const { return replaced_.load(std::memory_order_relaxed); }

   private:
    class right_to_write;
    struct applied {
        outcomes done;
        std::optional<send_row> bearer;  ///< a send whose row has the batch's number
        tenant_rows tenants;             ///< that it read
    };

    bool in_memory() const { return !files_; }
    std::int64_t growth_of_log();
    connection& open();
    void drop();
    void give_up(sql::failure_kind kind);
    /// Gives nothing if others write for longer than a patience that is less than the usual one.
    outcomes commit_batch(std::span<const job> jobs, std::chrono::milliseconds patience);
    void write_mark(connection& c) const;
    bool reached(connection& c, std::int64_t least, std::optional<send_row> bearer) const;
    applied apply_all(connection& c, std::span<const job> jobs) const;
    result<void> run_guarded(const connection_work& work);

    const connection_options options_;
    const std::string owner_;
    database_file* const files_ = nullptr;
    side_file* const side_ = nullptr;
    std::mutex mutex_;
    std::unique_ptr<connection> connection_;
    std::int64_t number_ = 0;           // of this owner's last attempt to commit
    tenant_rows tenants_;               // as committed
    std::int64_t checkpointed_at_ = 0;  // length of the log then, in pages
    std::atomic<bool> replaced_ = false;
};

/// What every call gets once the files were replaced.
error replaced_error();

}  // namespace conclave::store::sqlite
