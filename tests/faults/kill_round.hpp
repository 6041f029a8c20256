// One database and several hundred kills: founded, worked on, recovered, judged.
#pragma once

#include "faults/client_log.hpp"
#include "faults/crash_world.hpp"
#include "faults/oracle.hpp"
#include "faults/scratch_folder.hpp"
#include "faults/worker_process.hpp"
#include "simulator/simulator_process.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace conclave::faults {

struct kill_round_options {
    std::uint64_t seed = 0;
    bool strict = false;
    bool full_durability = false;
    int kills = 250;
    int workers = 2;
    bool protocols = false;  ///< as in crash_world
    std::string bug = "none";
    /// Every so many starts a living worker is made to look dead to the others.
    int wrong_verdict_every = 10;
};

class kill_round {
   public:
    explicit kill_round(const kill_round_options& options);

    findings run();
    /// Leaves the files and gives their folder.
    std::string keep();

   private:
    using time_point = std::chrono::steady_clock::time_point;

    /// What a worker's death waits for; then comes the delay.
    enum class moment { start, opening, request, piece, effect, result, closing };
    struct seat {
        std::unique_ptr<worker_process> worker;
        moment when = moment::start;
        int countdown = 1;
        std::chrono::microseconds delay{0};
        time_point due;  ///< far away until the moment has come
    };

    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    void kill_while_creating();
    void kill_while_working();
    void start(seat& s);
    void choose_death(seat& s);
    void hear(seat& s);
    void came(seat& s, moment when);
    void watch(std::vector<seat>& seats, int journal_watch);
    void reap(seat& s);
    void trouble_vendors();
    void trouble_protocols();
    void calm_vendors();
    void mislead();
    void finish();
    void settle_by_hand(const gateway& gw, client_log& log, const std::vector<world_key>& doubtful);
    witnesses evidence(bool finished) const;
    void judge_now(bool finished);
    worker_orders orders();

    const kill_round_options options_;
    std::mt19937_64 random_;
    scratch_folder folder_;
    simulator::simulator_process vendors_;
    crash_world world_;
    int kills_ = 0;
    int starts_ = 0;
    std::map<world_key, int> allowed_again_;
    findings found_;
};

}  // namespace conclave::faults
