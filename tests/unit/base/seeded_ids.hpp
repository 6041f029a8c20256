// Ids for tests: from a seed, at a time that stands still until it is set.
#pragma once

#include "base/clock.hpp"
#include "base/id_source.hpp"
#include "simulation/dice.hpp"

#include <chrono>

namespace conclave::test {

struct still_clock final : clock {
    timestamp now() const override { return wall; }
    instant elapsed() const override { return monotonic; }

    timestamp wall{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)};
    instant monotonic{std::chrono::hours(1)};
};

struct seeded_ids {
    still_clock time;
    simulation::seeded_random random{1};
    id_source ids{time, random};
};

}  // namespace conclave::test
