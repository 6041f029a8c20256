// Sweeps.
#include "runtime/sweeper.hpp"

#include "messaging/error_document.hpp"

#include <utility>

namespace conclave::runtime {

using std::chrono::milliseconds;

void sweeper::start() {
    sweep();
    schedule_flush();
}

void sweeper::stop() {
    stopped_ = true;
    seams_.executor.cancel(sweep_timer_);
    seams_.executor.cancel(flush_timer_);
}

void sweeper::schedule_sweep() {
    running_ = false;
    if (stopped_) return;
    sweep_timer_ = seams_.executor.run_at(seams_.clock.elapsed() + milliseconds(sweep_every_ms),
                                          [this] { sweep(); });
}

void sweeper::schedule_flush() {
    if (stopped_) return;
    flush_timer_ =
        seams_.executor.run_at(seams_.clock.elapsed() + milliseconds(flush_every_ms), [this] {
            seams_.driver.flush_replay_counts();
            schedule_flush();
        });
}

void sweeper::sweep() {
    if (std::exchange(running_, true) || stopped_) return;
    seams_.readers.run([this] {
        auto owners = store::read(seams_.store, store::list_owners{});
        seams_.executor.post([this, owners = std::move(owners)] {
            if (!owners) return schedule_sweep();
            judge(owners->owners);
        });
    });
}

void sweeper::judge(const std::vector<owner_ref>& owners) {
    std::vector<std::string> dead;
    for (const auto& o : owners)
        if (seams_.store.judge(o) == store::owner_liveness::dead) dead.push_back(o.id);
    abandon(std::move(dead));
}

void sweeper::abandon(std::vector<std::string> dead) {
    if (dead.empty() || stopped_) return purge();
    store::abandon_sends batch;
    batch.owner = dead.back();
    batch.error_document = messaging::print_error(
        fail(errc::outcome_unknown, "the process that made this call has ended"));
    batch.now = seams_.clock.now();
    store::submit(
        seams_.store, std::move(batch),
        [this, dead = std::move(dead)](result<store::abandon_sends::outcome> done) mutable {
            seams_.executor.post([this, dead = std::move(dead), done]() mutable {
                if (!done) return schedule_sweep();
                if (done->more) return abandon(std::move(dead));
                store::close_owner closed{dead.back(), seams_.clock.now()};
                dead.pop_back();
                store::submit(
                    seams_.store, std::move(closed), [this, dead = std::move(dead)](auto) mutable {
                        seams_.executor.post(
                            [this, dead = std::move(dead)]() mutable { abandon(std::move(dead)); });
                    });
            });
        });
}

void sweeper::purge() {
    if (stopped_) return;
    store::purge_replies old;
    old.before = seams_.clock.now() - milliseconds(keep_replies_ms);
    store::submit(seams_.store, old, [this](result<store::purge_replies::outcome> done) {
        seams_.executor.post(
            [this, more = done && done->more] { more ? purge() : schedule_sweep(); });
    });
}

}  // namespace conclave::runtime
