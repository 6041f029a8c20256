// Orders and labels the answers for each critic.
#include "council/labels.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace conclave::council {

namespace {

// No vowels, so no words; nothing that looks like a digit (B D G I L O Q S Z). Letters of one label
// differ, which leaves out HTTP and its like.
constexpr std::string_view alphabet = "CFHJKMNPRTVWX";

constexpr std::size_t critics_kept = 3;  ///< of an answer, before a critic of its model is left out
constexpr std::size_t answers_kept = 2;  ///< of a critic: fewer cannot be compared

class label_maker {
   public:
    explicit label_maker(const turn_seed& seed) : stream_(seed, "label") {}

    std::string next() {
        std::string label;
        do {
            label.clear();
            while (label.size() < label_letters) {
                const char letter = alphabet[stream_.below(alphabet.size())];
                if (label.find(letter) == std::string::npos) label += letter;
            }
        } while (!given_.insert(label).second);
        return label;
    }

   private:
    seeded_stream stream_;
    std::set<std::string> given_;
};

std::vector<participant> sorted(std::span<const participant> given) {
    std::vector<participant> all(given.begin(), given.end());
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.seat < b.seat; });
    return all;
}

// Where rotation `r` of `critics` begins among the answers. Fewer critics than answers stand evenly
// spaced: steps of a fixed length would meet again (3 critics, 4 answers: 0, 2, 0).
std::size_t rotation(std::size_t r, std::size_t critics, std::size_t answers) {
    return critics >= answers ? r % answers : r * answers / critics;
}

/// One critic's answers, as indices into the permuted answers.
struct reading {
    const participant* critic = nullptr;
    std::vector<std::size_t> order;
};

std::vector<reading> rotate(const std::vector<participant>& critics,
                            const std::vector<participant>& answers) {
    std::vector<reading> readings;
    for (std::size_t r = 0; r < critics.size(); ++r) {
        reading one{&critics[r], {}};
        const auto first = rotation(r, critics.size(), answers.size());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const auto answer = (first + i) % answers.size();
            if (answers[answer].seat != critics[r].seat) one.order.push_back(answer);
        }
        if (!one.order.empty()) readings.push_back(std::move(one));
    }
    return readings;
}

// Answers of a critic's own model, in the order of the readings, as long as enough remains.
void leave_out_kin(std::vector<reading>& readings, const std::vector<participant>& answers) {
    std::vector<std::size_t> critics_of(answers.size());
    for (const auto& one : readings)
        for (const auto answer : one.order) ++critics_of[answer];
    for (auto& one : readings) {
        auto left = one.order.size();
        std::erase_if(one.order, [&](std::size_t answer) {
            if (answers[answer].model != one.critic->model) return false;
            if (critics_of[answer] <= critics_kept || left <= answers_kept) return false;
            --critics_of[answer];
            --left;
            return true;
        });
    }
}

}  // namespace

std::vector<critic_view> plan_critique(const turn_seed& seed, std::span<const participant> answers,
                                       std::span<const participant> critics,
                                       std::optional<std::size_t> sample) {
    if (answers.empty()) return {};
    auto base = sorted(answers);
    auto panel = sorted(critics);
    seeded_stream(seed, "answers").shuffle(base);
    seeded_stream(seed, "critics").shuffle(panel);
    if (sample && *sample < panel.size()) panel.resize(*sample);

    auto readings = rotate(panel, base);
    leave_out_kin(readings, base);

    label_maker labels(seed);
    std::vector<critic_view> views;
    for (const auto& one : readings) {
        critic_view view{one.critic->seat, {}};
        for (const auto answer : one.order)
            view.answers.push_back({labels.next(), base[answer].seat});
        views.push_back(std::move(view));
    }
    std::sort(views.begin(), views.end(),
              [](const auto& a, const auto& b) { return a.critic < b.critic; });
    return views;
}

}  // namespace conclave::council
