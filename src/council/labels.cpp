// Orders and labels the answers for each critic.
#include "council/labels.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace conclave::council {

namespace {

// No vowels, so no words; nothing that looks like a digit (B D G I L O Q S Z). Letters of one label
// differ, which leaves out HTTP and its like.
constexpr std::string_view alphabet = "CFHJKMNPRTVWX";

constexpr std::size_t critics_kept = 3;  ///< of an answer, before a critic of its model is left out
constexpr std::size_t answers_kept = 2;  ///< of a critic: fewer cannot be compared

class label_maker {
   public:
    label_maker(const turn_seed& seed, std::string_view purpose) : stream_(seed, purpose) {}

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

/// One critic's answers, as indices into the permuted answers.
struct reading {
    participant critic;
    std::vector<std::size_t> order;
};

// Every `count`-th, evenly spaced.
template <class T>
std::vector<T> thin_out(const std::vector<T>& all, std::size_t count) {
    std::vector<T> some;
    for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
    return some;
}

/// Gives each critic the place among the permuted answers at which it begins.
class rotation_plan {
   public:
    rotation_plan(const std::vector<participant>& answers, const std::vector<participant>& critics)
        : answers_(answers) {
        for (std::size_t i = 0; i < answers.size(); ++i)
            for (const auto& critic : critics)
                if (critic.seat == answers[i].seat) authors_.push_back({critic, ordered(i + 1)});
        for (const auto& critic : critics)
            if (!is_author(critic)) guests_.push_back(critic);
    }

    // The first of the permuted critics tell how many of either kind are drawn.
    void sample(const std::vector<participant>& drawn) {
        const auto authors = static_cast<std::size_t>(std::count_if(
            drawn.begin(), drawn.end(), [&](const auto& critic) { return is_author(critic); }));
        authors_ = thin_out(authors_, authors);
        guests_.resize(drawn.size() - authors);
    }

    std::vector<reading> readings(std::size_t first_guest) && {
        const auto n = answers_.size();
        for (std::size_t r = 0; r < guests_.size(); ++r) {
            const auto step = guests_.size() >= n ? r : r * n / guests_.size();
            authors_.push_back({guests_[r], ordered(first_guest + step)});
        }
        return std::move(authors_);
    }

   private:
    bool is_author(const participant& critic) const {
        return std::any_of(answers_.begin(), answers_.end(),
                           [&](const auto& a) { return a.seat == critic.seat; });
    }

    std::vector<std::size_t> ordered(std::size_t first) const {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < answers_.size(); ++i)
            order.push_back((first + i) % answers_.size());
        return order;
    }

    const std::vector<participant>& answers_;
    std::vector<reading> authors_;  ///< in the order of the permuted answers
    std::vector<participant> guests_;
};

void leave_out_own(std::vector<reading>& readings, const std::vector<participant>& answers) {
    for (auto& one : readings)
        std::erase_if(one.order, [&](std::size_t a) { return answers[a].seat == one.critic.seat; });
    std::erase_if(readings, [](const reading& one) { return one.order.empty(); });
}

// Answers of a critic's own model, in the order of the readings, as long as enough remains.
void leave_out_kin(std::vector<reading>& readings, const std::vector<participant>& answers) {
    std::vector<std::size_t> critics_of(answers.size());
    for (const auto& one : readings)
        for (const auto answer : one.order) ++critics_of[answer];
    for (auto& one : readings) {
        auto left = one.order.size();
        std::erase_if(one.order, [&](std::size_t answer) {
            if (answers[answer].model != one.critic.model) return false;
            if (critics_of[answer] <= critics_kept || left <= answers_kept) return false;
            --critics_of[answer];
            --left;
            return true;
        });
    }
}

}  // namespace

std::vector<std::string> draw_labels(const turn_seed& seed, std::string_view purpose,
                                     std::size_t count) {
    label_maker labels(seed, purpose);
    std::vector<std::string> all;
    while (all.size() < count) all.push_back(labels.next());
    return all;
}

std::vector<critic_view> plan_critique(const turn_seed& seed, std::span<const participant> answers,
                                       std::span<const participant> critics,
                                       std::optional<std::size_t> sample) {
    if (answers.empty()) return {};
    auto base = sorted(answers);
    auto panel = sorted(critics);
    seeded_stream(seed, "answers").shuffle(base);
    seeded_stream chance(seed, "critics");
    chance.shuffle(panel);
    rotation_plan plan(base, panel);
    if (sample && *sample < panel.size()) {
        panel.resize(*sample);
        plan.sample(panel);
    }
    auto readings = std::move(plan).readings(chance.below(base.size()));
    leave_out_own(readings, base);
    leave_out_kin(readings, base);

    label_maker labels(seed, "label");
    std::vector<critic_view> views;
    for (const auto& one : readings) {
        critic_view view{one.critic.seat, {}};
        for (const auto answer : one.order)
            view.answers.push_back({labels.next(), base[answer].seat});
        views.push_back(std::move(view));
    }
    std::sort(views.begin(), views.end(),
              [](const auto& a, const auto& b) { return a.critic < b.critic; });
    return views;
}

}  // namespace conclave::council
