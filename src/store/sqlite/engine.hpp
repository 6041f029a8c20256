// The store on SQLite: a queue of transactions, group commit, readers of their own.
#pragma once

#include "base/clock.hpp"
#include "base/random_source.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace conclave::store {

enum class durability_level {
    full,     ///< what was reported survives a power loss
    process,  ///< what was reported survives the end of the process, however it ends
};

struct sqlite_options {
    std::string path;  ///< a file, or ":memory:"
    durability_level durability = durability_level::full;
    std::string vfs = {};  ///< of SQLite; empty: the default one
    int readers = 4;       ///< connections that read; opened as they are needed
    /// How long a batch waits for other processes before it fails with STORE_BUSY.
    std::int64_t busy_timeout_ms = 5'000;
    bool allow_network_fs = false;
    /// Called inside enqueue, on its thread, when work came to an idle store. Must only see to it
    /// that run_batch is called, or run_batch_at_once and then what it leaves.
    std::function<void()> on_work = {};
};

/// A store that owns no thread: its transactions run when run_batch is called, by a thread of the
/// runtime or by a simulation's scheduler. Everything else is thread-safe as store says.
class sqlite_store final : public store {
   public:
    /// Opens or creates the database, brings its schema up to date and registers this instance as
    /// an owner. Blocks. `clock` and `random` must outlive the store. Errors: STORE_UNAVAILABLE
    /// (directory, permissions, disk), STORE_CORRUPT, STORE_SCHEMA_NEWER, STORE_BUSY, UNSUPPORTED
    /// (network file system), HANDLE_FORKED, VALIDATION_ERROR (empty path, no reader).
    static result<std::unique_ptr<sqlite_store>> open(sqlite_options options, const clock& clock,
                                                      random_source& random);
    /// Transactions that nobody ran complete with HANDLE_CLOSED. Nobody else may use the store any
    /// more.
    ~sqlite_store() override;

    void enqueue(shared_command c, completion<result<command_outcome>> done) override;
    result<query_answer> answer(const query& q) override;
    result<void> backup(const std::string& path) override;
    const owner_ref& self() const override;
    owner_liveness judge(const owner_ref& owner) override;

    /// Commits up to limits::store_batch waiting transactions together, completes them on this
    /// thread, and every so often checkpoints. Gives how many it completed; 0: nothing waits, and
    /// on_work will tell of more. One thread at a time.
    std::size_t run_batch();

    /// As run_batch, for a thread with other duties: does not checkpoint, and waits for nobody else
    /// who writes. Nothing, no transaction run: somebody does, or more than 16 transactions wait,
    /// or one that is no step of a single send.
    std::optional<std::size_t> run_batch_at_once();

    /// Tidies up, in place of run_batch, when there was no work for some milliseconds: a small
    /// checkpoint then delays hardly anybody. One thread at a time.
    void idle_work();

    enum class chore {
        none,
        in_a_pause,  ///< idle_work has something to do
        at_once,     ///< run_batch has: what is queued, or a large checkpoint
    };
    /// What is left to do after a batch. By the thread that ran it.
    chore left_over();

   private:
    class engine;
    explicit sqlite_store(std::unique_ptr<engine> e);

    const std::unique_ptr<engine> engine_;
};

}  // namespace conclave::store
