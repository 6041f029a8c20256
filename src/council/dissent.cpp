// Looks for critics and scores that differ.
#include "council/dissent.hpp"

namespace conclave::council {

namespace {

constexpr double low_opinion = -0.5;
constexpr double spike_score = 10;
constexpr double spike_height = 2.5;

std::size_t top_of(const score_table& scores, std::size_t critic, std::size_t winner) {
    auto top = winner;  // which is preferred among equals
    for (std::size_t i = 0; i < scores.answers(); ++i)
        if (scores.has(critic, i) && scores.at(critic, i) > scores.at(critic, top)) top = i;
    return top;
}

// Its opinions around 0: how high a critic scores as a whole is no opinion of one answer.
double mean_opinion(const score_table& z, std::size_t critic) {
    double sum = 0;
    for (std::size_t i = 0; i < z.answers(); ++i) sum += z.at(critic, i);
    return sum / static_cast<double>(z.scores_by(critic));
}

bool stands_out(const score_table& z, std::size_t critic, std::size_t answer) {
    const auto opinion = [&](std::size_t j) { return z.at(j, answer) - mean_opinion(z, j); };
    double sum = 0;
    double n = 0;
    for (std::size_t j = 0; j < z.critics(); ++j) {
        if (j == critic || !z.has(j, answer)) continue;
        sum += opinion(j);
        n += 1;
    }
    return n > 0 && opinion(critic) - sum / n > spike_height;
}

}  // namespace

std::vector<dissenter> find_dissent(const score_table& scores, const score_table& z,
                                    std::span<const candidate> candidates,
                                    std::span<const ballot> ballots, std::size_t winner) {
    std::vector<dissenter> all;
    for (std::size_t j = 0; j < scores.critics(); ++j) {
        if (!scores.has(j, winner)) continue;  // the winner's author cannot dissent
        const auto top = top_of(scores, j, winner);
        if (top == winner && !(z.at(j, winner) < low_opinion)) continue;
        dissenter one{j, ballots[j].critic, std::nullopt, z.at(j, winner)};
        if (top != winner) one.prefers = candidates[top].seat;
        all.push_back(one);
    }
    return all;
}

std::vector<score_spike> find_spikes(const score_table& scores, const score_table& z,
                                     std::span<const candidate> candidates,
                                     std::span<const ballot> ballots) {
    std::vector<score_spike> all;
    scores.for_each([&](std::size_t j, std::size_t i, double s) {
        if (s >= spike_score && stands_out(z, j, i))
            all.push_back({ballots[j].critic, candidates[i].seat});
    });
    return all;
}

}  // namespace conclave::council
