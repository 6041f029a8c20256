// Draws turns: worths, critics and their scores.
#include "selection_model.hpp"

#include "council/labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace bench {

namespace {

namespace council = conclave::council;

double normal(dice& random, double sd) { return std::normal_distribution<double>(0, sd)(random); }

bool happens(dice& random, double probability) {
    return std::uniform_real_distribution<double>()(random) < probability;
}

std::size_t below(dice& random, std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

/// The numbers of a scenario.
struct faults {
    double harshness_sd = 1.0;
    double scale_sd = 0.3;
    double noise = 1.2;
    double sheet_lost = 0;
    double cell_lost = 0;
};

bool harsh(scenario s) { return s == scenario::harsh || s == scenario::harsh_missing_compromised; }
bool lossy(scenario s) {
    return s == scenario::missing || s == scenario::harsh_missing_compromised;
}
faults faults_of(scenario s) {
    faults f;
    if (harsh(s)) f.harshness_sd = 2.0, f.scale_sd = 0.5;
    if (lossy(s)) f.sheet_lost = 0.15, f.cell_lost = 0.05;
    if (s == scenario::sharp) f.noise = 0.8;
    if (s == scenario::dull) f.noise = 1.8;
    return f;
}

/// What all critics of one turn share.
struct stage {
    const selection_model& model;
    faults fault;
    std::vector<double> looks;  ///< the error that all critics make, per answer
    std::size_t bad = 0;        ///< the critic with the scenario's fault
    std::size_t second_bad = 0;
    std::size_t favourite = 0;  ///< of a compromised critic
    std::vector<std::vector<std::size_t>> orders;
};

using orders = std::vector<std::vector<std::size_t>>;

// As the council itself lays them out.
orders rotated(const selection_model& m, std::size_t critics, dice& random) {
    const auto seats = [](std::size_t n) {
        std::vector<council::participant> all;
        for (std::size_t i = 0; i < n; ++i)
            all.push_back({static_cast<std::int64_t>(i), std::to_string(i)});
        return all;
    };
    const auto seed = council::make_turn_seed(std::to_string(random()), {});
    orders all(critics);
    for (const auto& view : council::plan_critique(seed, seats(m.members), seats(critics)))
        for (const auto& shown : view.answers)
            all[static_cast<std::size_t>(view.critic)].push_back(
                static_cast<std::size_t>(shown.seat));
    return all;
}

orders lay_out(const selection_model& m, std::size_t critics, dice& random) {
    if (m.order == answer_order::rotation) return rotated(m, critics, random);
    std::vector<std::size_t> order(m.members);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    orders all;
    for (std::size_t j = 0; j < critics; ++j) {
        if (m.order == answer_order::shuffle_per_critic)
            std::shuffle(order.begin(), order.end(), random);
        all.push_back(order);
        std::erase(all.back(), j);
    }
    return all;
}

double score_of(const stage& s, const turn& t, std::size_t critic, std::size_t answer,
                double honest, dice& random) {
    switch (s.model.scenario) {
        case scenario::inverted: return critic == s.bad ? 11 - honest : honest;
        case scenario::compromised:
        case scenario::harsh_missing_compromised:
            return critic != s.bad ? honest : answer == s.favourite ? 10 : 1;
        case scenario::injection: return answer == t.worst() && happens(random, 0.3) ? 10 : honest;
        case scenario::constant: return critic == s.bad ? 8 : honest;
        default: return honest;
    }
}

council::ballot fill_in(const stage& s, const turn& t, std::size_t critic, dice& random) {
    const auto& f = s.fault;
    const bool plain = s.model.scenario == scenario::noise_only;
    const bool blind =
        s.model.scenario == scenario::nearly_blind && (critic == s.bad || critic == s.second_bad);
    const double harshness = plain ? 0 : normal(random, f.harshness_sd);
    const double scale = plain ? 1 : std::exp(normal(random, f.scale_sd));
    const double for_first =
        plain ? 0 : s.model.position_bias + normal(random, s.model.position_bias_sd);
    const double own_noise = plain ? f.noise : f.noise * std::exp(normal(random, 0.25));
    const double noise = blind ? 2.5 : own_noise;
    const double sense = blind ? 0.2 : 1;
    const bool lost = happens(random, f.sheet_lost);

    council::ballot ballot{static_cast<std::int64_t>(critic), {}};
    ballot.cells.resize(s.model.members);
    const auto& order = s.orders[critic];
    for (std::size_t at = 0; at < order.size(); ++at) {
        const auto answer = order[at];
        const double position = order.size() > 1 ? 1 - 2.0 * static_cast<double>(at) /
                                                           static_cast<double>(order.size() - 1)
                                                 : 0;
        double score = 7.2 + harshness + scale * sense * (t.worth[answer] + s.looks[answer]) +
                       for_first * position + normal(random, noise);
        score = std::clamp(score, 1.0, 10.0);
        if (!plain) score = std::round(score);
        score = score_of(s, t, critic, answer, score, random);
        if (!lost && !happens(random, f.cell_lost)) ballot.cells[answer].score = score;
    }
    return ballot;
}

}  // namespace

std::size_t turn::best() const {
    return static_cast<std::size_t>(std::max_element(worth.begin(), worth.end()) - worth.begin());
}

std::size_t turn::worst() const {
    return static_cast<std::size_t>(std::min_element(worth.begin(), worth.end()) - worth.begin());
}

turn play(const selection_model& m, dice& random) {
    std::vector<double> worth;
    for (std::size_t i = 0; i < m.members; ++i) worth.push_back(normal(random, 1.2));
    return play(m, std::move(worth), random);
}

turn play(const selection_model& m, std::vector<double> worth, dice& random) {
    const auto critics = m.members + m.extra_critics;
    turn t{std::move(worth), {}};
    stage s{m, faults_of(m.scenario), {}, 0, 0, 0, {}};
    for (std::size_t i = 0; i < m.members; ++i)
        s.looks.push_back(m.scenario == scenario::noise_only ? 0 : normal(random, 0.5));
    s.bad = below(random, m.members);
    s.second_bad = (s.bad + 1 + below(random, m.members - 1)) % m.members;
    do s.favourite = below(random, m.members);
    while (m.members > 2 && (s.favourite == t.best() || s.favourite == s.bad));
    s.orders = lay_out(m, critics, random);
    for (std::size_t j = 0; j < critics; ++j) t.ballots.push_back(fill_in(s, t, j, random));
    return t;
}

std::vector<council::candidate> candidates_of(std::size_t members) {
    std::vector<council::candidate> all;
    for (std::size_t i = 0; i < members; ++i)
        all.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(i), std::nullopt});
    return all;
}

}  // namespace bench
