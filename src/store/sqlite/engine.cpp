// The store on SQLite: a queue of transactions, group commit, readers of their own.
#include "store/sqlite/engine.hpp"

#include "base/id_source.hpp"
#include "base/limits.hpp"
#include "base/process.hpp"
#include "store/migrations.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/forks.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/reader_pool.hpp"
#include "store/sqlite/writer.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace conclave::store {

using namespace sqlite;

namespace {

// Of the log, at 4 KiB. A checkpoint at work delays whoever waits behind it by some milliseconds,
// so it is rare; in a pause it is small and often over before anybody comes.
constexpr std::int64_t checkpoint_pages = 8'000;
constexpr std::int64_t idle_checkpoint_pages = 250;

// A thread with other duties has time for so many.
constexpr std::size_t most_at_once = 16;

constexpr std::string_view in_memory = ":memory:";

/// Others may change any number of rows.
bool is_step_of_send(const command& work) {
    return std::holds_alternative<claim_send>(work) ||
           std::holds_alternative<release_calls>(work) ||
           std::holds_alternative<settle_send>(work) || std::holds_alternative<fail_send>(work);
}

owner_ref new_owner(const clock& clock, random_source& random) {
    owner_ref owner;
    owner.id = "own_" + id_source(clock, random).request().str().substr(4);
    owner.pid = current_process();
    owner.process_start = process_start();
    return owner;
}

}  // namespace

class sqlite_store::engine {
   public:
    engine(sqlite_options options, const clock& clock, random_source& random)
        : options_(std::move(options)), clock_(clock), self_(new_owner(clock, random)) {}
    ~engine();

    result<void> open(random_source& random);
    void enqueue(shared_command c, completion<result<command_outcome>> done);
    result<query_answer> answer(const query& q);
    result<void> backup(const std::string& path);
    const owner_ref& self() const { return self_; }
    owner_liveness judge(const owner_ref& owner) const;
    std::size_t run_batch();
    std::optional<std::size_t> run_batch_at_once();
    void idle_work() { writer_->checkpoint(idle_checkpoint_pages); }
    chore left_over();

   private:
    using waiting = completion<result<command_outcome>>;

    connection_options connection(access mode) const;
    result<void> open_file(random_source& random);
    result<void> prepare_schema();
    std::vector<waiting> take_batch();
    void return_batch();
    bool all_small();
    std::size_t complete(outcomes results);

    const sqlite_options options_;
    const clock& clock_;
    owner_ref self_;

    std::optional<database_file> files_;  // none in memory
    side_file::handle side_;
    std::optional<writer> writer_;
    std::optional<reader_pool> readers_;
    std::vector<job> batch_;  // of the running run_batch; keeps its memory

    std::mutex mutex_;  // of all below
    std::deque<job> queue_;
    std::vector<waiting> refused_;  // came when the queue was full
    std::size_t unfinished_ = 0;    // queued or running
};

sqlite_store::engine::~engine() {
    for (job& j : queue_) j.done(fail(errc::handle_closed, "The store was closed."));
    for (waiting& done : refused_) done(fail(errc::handle_closed, "The store was closed."));
    readers_.reset();
    writer_.reset();
    if (side_ && self_.lock_offset != 0) side_->release_owner(self_.id, self_.lock_offset);
}

connection_options sqlite_store::engine::connection(access mode) const {
    return {.path = files_ ? files_->path() : options_.path,
            .vfs = options_.vfs,
            .mode = mode,
            .sync_commits = options_.durability == durability_level::full,
            .busy_timeout = std::chrono::milliseconds(options_.busy_timeout_ms)};
}

result<void> sqlite_store::engine::open(random_source& random) {
    if (options_.readers < 1) return invalid("readers", "must be at least 1");
    if (options_.path != in_memory) {
        if (auto opened = open_file(random); !opened) return opened;
    } else {
        writer_.emplace(connection(access::write), self_.id);
    }
    if (auto prepared = prepare_schema(); !prepared) return prepared;
    std::vector<job> first;
    first.push_back({share(register_owner{.owner = self_, .now = clock_.now()}), {}});
    auto registered = writer_->run(first);
    if (!registered.front()) return std::move(registered.front()).error();
    return {};
}

result<void> sqlite_store::engine::open_file(random_source& random) {
    auto files = database_file::open(options_.path, options_.allow_network_fs);
    if (!files) return files.error();
    files_ = *std::move(files);
    auto side = side_file::open(files_->lock_path(), files_->mode());
    if (!side) return side.error();
    side_ = *std::move(side);
    auto offset = side_->hold_owner(self_.id, random);
    if (!offset) return offset.error();
    self_.lock_offset = *offset;
    writer_.emplace(connection(access::write), self_.id, *files_, *side_);
    readers_.emplace(connection(access::read), options_.readers);
    return {};
}

result<void> sqlite_store::engine::prepare_schema() {
    return writer_->exclusively([&](sqlite::connection& c) {
        if (files_) c.use_wal();
        return migrate(c, migrations(), clock_.now());
    });
}

void sqlite_store::engine::enqueue(shared_command c, waiting done) {
    bool idle = false;
    {
        const std::lock_guard lock(mutex_);
        idle = unfinished_ == 0;
        if (unfinished_ < limits::store_queue) {
            queue_.push_back({std::move(c), std::move(done)});
            ++unfinished_;
        } else {
            refused_.push_back(std::move(done));
        }
    }
    if (idle && options_.on_work) options_.on_work();
}

/// Fills batch_ and gives those who came when the queue was full.
std::vector<sqlite_store::engine::waiting> sqlite_store::engine::take_batch() {
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min(queue_.size(), limits::store_batch);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    batch_.assign(std::move_iterator(queue_.begin()), std::move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return std::exchange(refused_, {});
}

/// Puts it back where it was.
void sqlite_store::engine::return_batch() {
    const std::lock_guard lock(mutex_);
    queue_.insert(queue_.begin(), std::move_iterator(batch_.begin()),
                  std::move_iterator(batch_.end()));
    batch_.clear();
}

/// Ends batch_. Gives how many it were.
std::size_t sqlite_store::engine::complete(outcomes results) {
    {
        const std::lock_guard lock(mutex_);
        unfinished_ -= batch_.size();
    }
    const std::size_t completed = batch_.size();
    for (std::size_t i = 0; i < completed; ++i) batch_[i].done(std::move(results[i]));
    batch_.clear();
    return completed;
}

std::size_t sqlite_store::engine::run_batch() {
    std::vector<waiting> refused = take_batch();
    for (waiting& done : refused) done(fail(errc::store_busy, "The queue of the store is full."));
    const auto completed = batch_.empty() ? 0 : complete(writer_->run(batch_));
    writer_->checkpoint(checkpoint_pages);
    return completed + refused.size();
}

/// Whether what is queued takes a thread with other duties no longer than a few sends do.
bool sqlite_store::engine::all_small() {
    const std::lock_guard lock(mutex_);
    return queue_.size() <= most_at_once &&
           std::all_of(queue_.begin(), queue_.end(),
                       [](const job& j) { return is_step_of_send(*j.work); });
}

std::optional<std::size_t> sqlite_store::engine::run_batch_at_once() {
    if (!all_small()) return std::nullopt;
    std::vector<waiting> refused = take_batch();
    for (waiting& done : refused) done(fail(errc::store_busy, "The queue of the store is full."));
    if (batch_.empty()) return refused.size();
    auto results = writer_->run_at_once(batch_);
    if (!results) {
        return_batch();
        return std::nullopt;
    }
    return complete(*std::move(results)) + refused.size();
}

sqlite_store::chore sqlite_store::engine::left_over() {
    {
        const std::lock_guard lock(mutex_);
        if (!queue_.empty() || !refused_.empty()) return chore::at_once;
    }
    const auto growth = writer_->log_growth();
    if (growth < idle_checkpoint_pages) return chore::none;
    return growth < checkpoint_pages ? chore::in_a_pause : chore::at_once;
}

result<query_answer> sqlite_store::engine::answer(const query& q) {
    if (writer_->replaced()) return replaced_error();
    if (readers_) return readers_->answer(q);
    std::optional<result<query_answer>> found;
    const auto reached = writer_->locally([&](sqlite::connection& c) -> result<void> {
        bool fit = true;
        found = answer_on(c, q, fit);
        return {};
    });
    if (!reached) return reached.error();
    return *std::move(found);
}

result<void> sqlite_store::engine::backup(const std::string& path) {
    if (writer_->replaced()) return replaced_error();
    if (!files_)
        return writer_->locally(
            [&](sqlite::connection& c) { return copy_database(c, path, options_.vfs, self_.id); });
    try {
        // A connection of its own: the copy of a large file must not hold up the other readers.
        sqlite::connection source(connection(access::read));
        return copy_database(source, path, options_.vfs, self_.id);
    } catch (const sql::failure& f) {
        return error_of(f);
    }
}

owner_liveness sqlite_store::engine::judge(const owner_ref& owner) const {
    if (owner.id == self_.id) return owner_liveness::self;
    if (!side_) return owner_liveness::dead;
    switch (side_->find_holder(owner.id, owner.lock_offset)) {
        case side_file::holder::other_process:
        case side_file::holder::live_here: return owner_liveness::alive;
        case side_file::holder::ended_here: return owner_liveness::dead;
        case side_file::holder::nobody_known: break;
    }
    // The kernel does not show us our own process's locks: another copy of this library in this
    // process may hold the byte.
    if (owner.pid == self_.pid && owner.process_start == self_.process_start)
        return owner_liveness::conflict;
    return owner_liveness::dead;
}

result<std::unique_ptr<sqlite_store>> sqlite_store::open(sqlite_options options, const clock& clock,
                                                         random_source& random) {
    guard_forks();
    auto opened = std::make_unique<engine>(std::move(options), clock, random);
    if (auto done = opened->open(random); !done) return done.error();
    return std::unique_ptr<sqlite_store>(new sqlite_store(std::move(opened)));
}

sqlite_store::sqlite_store(std::unique_ptr<engine> e) : engine_(std::move(e)) {}
sqlite_store::~sqlite_store() = default;

void sqlite_store::enqueue(shared_command c, completion<result<command_outcome>> done) {
    engine_->enqueue(std::move(c), std::move(done));
}
result<query_answer> sqlite_store::answer(const query& q) { return engine_->answer(q); }
result<void> sqlite_store::backup(const std::string& path) { return engine_->backup(path); }
const owner_ref& sqlite_store::self() const { return engine_->self(); }
owner_liveness sqlite_store::judge(const owner_ref& owner) { return engine_->judge(owner); }
std::size_t sqlite_store::run_batch() { return engine_->run_batch(); }
std::optional<std::size_t> sqlite_store::run_batch_at_once() {
    return engine_->run_batch_at_once();
}
void sqlite_store::idle_work() { engine_->idle_work(); }
sqlite_store::chore sqlite_store::left_over() { return engine_->left_over(); }

}  // namespace conclave::store
