// Draws calls and runs turns on a virtual clock.
#include "straggler_model.hpp"

#include "council/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace bench {

namespace {

namespace council = conclave::council;

constexpr double timeout_ms = 120'000;
constexpr double never = std::numeric_limits<double>::infinity();
constexpr double sheet_share = 0.7;  // of the time of an answer
constexpr double synthesis_share = 0.9;
constexpr double quick_failure_ms = 300;

double normal(dice& random) { return std::normal_distribution<double>()(random); }
double uniform(dice& random) { return std::uniform_real_distribution<double>()(random); }

drawn_call draw_call(const straggler_model& m, double median_s, double share, dice& random) {
    drawn_call c;
    c.latency_ms = 1'000 * share * median_s * std::exp(0.40 * normal(random));
    const bool slow = uniform(random) < m.tail;
    const double pareto = std::pow(uniform(random), -1 / 1.2);
    if (slow) c.latency_ms *= 2 * pareto;
    const double kind = uniform(random);
    const bool again = uniform(random) < m.failures;
    c.hangs = kind < m.hangs;
    if (!c.hangs && kind < m.hangs + m.failures) {
        c.latency_ms = again ? 2 * quick_failure_ms : c.latency_ms + quick_failure_ms;
        c.fails = again;
    }
    return c;
}

/// A call that runs.
struct running {
    std::size_t seat = 0;
    drawn_call drawn;
    double asked = 0;
    double ends = never;
    std::optional<std::int64_t> usual_ms;
};

enum class fate { pending, answered, failed, cut };

struct stage_result {
    std::vector<fate> fates;
    double ended = 0;
    double paid = 0;
};

conclave::route route_of(std::size_t seat) { return {"p", std::to_string(seat)}; }

/// One stage on the virtual clock.
class stage_clock {
   public:
    stage_clock(const straggler_model& m, const straggler_rule& rule, council::latency_book& book,
                const char* stage, double begin, double deadline)
        : model_(m), rule_(rule), book_(book), stage_(stage), now_(begin), deadline_(deadline) {}

    void ask(std::size_t seat, const drawn_call& drawn) {
        running r{seat, drawn, now_, never, std::nullopt};
        if (!drawn.hangs) r.ends = now_ + drawn.latency_ms;
        if (rule_.forever) r.ends = std::min(r.ends, now_ + timeout_ms);
        r.usual_ms = book_.quantile(route_of(seat), stage_, rule_.q);
        calls_.push_back(r);
        result_.fates.push_back(fate::pending);
    }

    /// `have(fates)`: whether the quorum is met.
    template <class F>
    stage_result run(F&& have) {
        while (is_pending()) {
            double next = next_event();
            if (!rule_.forever) next = std::min(next, decide(have(result_.fates)));
            if (!is_pending()) break;
            now_ = next;
            settle();
        }
        result_.ended = now_;
        return result_;
    }

   private:
    bool is_pending() const {
        return std::find(result_.fates.begin(), result_.fates.end(), fate::pending) !=
               result_.fates.end();
    }

    double speaks(const running& r) const {
        return r.drawn.hangs ? never : r.asked + model_.speaks_at * r.drawn.latency_ms;
    }

    double next_event() const {
        double next = never;
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            if (result_.fates[i] != fate::pending) continue;
            next = std::min(next, calls_[i].ends);
            if (speaks(calls_[i]) > now_) next = std::min(next, speaks(calls_[i]));
        }
        return next;
    }

    // Returns when to look again.
    double decide(bool quorum_met) {
        std::vector<council::pending_seat> pending;
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            if (result_.fates[i] != fate::pending) continue;
            const auto& r = calls_[i];
            council::pending_seat p{i, static_cast<std::int64_t>(r.asked), r.usual_ms, {}, true};
            if (model_.speaks_at < 1 && speaks(r) <= now_)
                p.last_text_ms = static_cast<std::int64_t>(now_);
            pending.push_back(p);
        }
        const council::stage_limits limits{rule_.mode, static_cast<std::int64_t>(deadline_)};
        const auto now = static_cast<std::int64_t>(std::ceil(now_));
        const auto decision = council::decide_cuts(limits, quorum_met, pending, now);
        for (const auto& [i, why] : decision.cuts) cut(i);
        return std::max(now_, static_cast<double>(decision.look_again_ms));
    }

    void cut(std::size_t i) {
        const auto& r = calls_[i];
        result_.fates[i] = fate::cut;
        const double waited = now_ - r.asked;
        result_.paid += r.drawn.hangs ? 0 : std::min(1.0, waited / r.drawn.latency_ms);
        book_.note(route_of(r.seat), stage_, {static_cast<std::int64_t>(waited), true},
                   static_cast<std::int64_t>(deadline_));
    }

    void settle() {
        for (std::size_t i = 0; i < calls_.size(); ++i) {
            const auto& r = calls_[i];
            if (result_.fates[i] != fate::pending || r.ends > now_) continue;
            const bool in_time = !r.drawn.hangs && now_ - r.asked < timeout_ms;
            result_.fates[i] = in_time && !r.drawn.fails ? fate::answered : fate::failed;
            result_.paid += in_time && !r.drawn.fails ? 1 : 0;
            if (result_.fates[i] == fate::answered)
                book_.note(route_of(r.seat), stage_, {static_cast<std::int64_t>(now_ - r.asked)},
                           static_cast<std::int64_t>(deadline_));
        }
    }

    const straggler_model& model_;
    const straggler_rule& rule_;
    council::latency_book& book_;
    const char* stage_;
    double now_;
    double deadline_;
    std::vector<running> calls_;
    stage_result result_;
};

std::size_t count(const std::vector<fate>& fates, fate f) {
    return static_cast<std::size_t>(std::count(fates.begin(), fates.end(), f));
}

/// Who answered, and who wins by the sheets that came.
struct outcome {
    std::vector<std::size_t> seats;  ///< whose answers there are
    turn scores;

    std::size_t winner() const {
        const auto n = seats.size();
        council::score_table table(scores.ballots.size(), n);
        for (std::size_t j = 0; j < scores.ballots.size(); ++j)
            for (std::size_t i = 0; i < n; ++i)
                if (const auto& s = scores.ballots[j].cells[i].score) table.set(j, i, *s);
        const std::vector<std::size_t> serious(n);
        return council::choose(council::rule::robust, candidates_of(n), table, serious, {})
            .order[0];
    }
};

// Critic k of the scores is the member seats[k]; members without an answer come behind.
std::vector<std::size_t> critics_of(const outcome& o, std::size_t members) {
    auto critics = o.seats;
    for (std::size_t i = 0; i < members; ++i)
        if (std::find(o.seats.begin(), o.seats.end(), i) == o.seats.end()) critics.push_back(i);
    return critics;
}

bool enough_sheets(const std::vector<fate>& fates, const std::vector<std::size_t>& critics,
                   const outcome& o) {
    if (2 * count(fates, fate::answered) < critics.size()) return false;
    for (const auto seat : o.seats) {
        std::size_t scores = 0;
        for (std::size_t k = 0; k < critics.size(); ++k)
            scores += fates[k] == fate::answered && critics[k] != seat ? 1 : 0;
        if (scores < std::min<std::size_t>(2, critics.size() - 1)) return false;
    }
    return true;
}

// Hedged at the author's own 95th percentile with a member of middling speed; the first one counts.
turn_result synthesise(const straggler_rule& rule, const drawn_turn& d, std::size_t author,
                       double began, council::latency_book& book, turn_result t) {
    const auto& own = d.syntheses[author];
    const auto time_of = [](const drawn_call& c) {
        return c.hangs || c.fails ? never : c.latency_ms;
    };
    if (rule.forever) {
        t.ms = began + std::min(time_of(own), timeout_ms);
        t.fallback = time_of(own) > timeout_ms;
        t.paid += 1;
        return t;
    }
    const auto usual = book.quantile(route_of(author), "synthesis", 0.95);
    const auto& other = d.syntheses[author == d.worth.size() / 2 ? 0 : d.worth.size() / 2];
    const double hedged = usual ? static_cast<double>(*usual) : never;
    const double first = std::min(time_of(own), hedged + time_of(other));
    const double left = rule.deadline_ms - began;
    t.fallback = first > left;
    t.ms = began + std::min(first, left);
    t.paid += std::min(1.0, first / own.latency_ms) + (first > hedged ? 1 : 0);
    if (own.latency_ms <= left && !own.hangs)
        book.note(route_of(author), "synthesis", {static_cast<std::int64_t>(own.latency_ms)},
                  static_cast<std::int64_t>(left));
    return t;
}

}  // namespace

drawn_turn draw(const straggler_model& m, dice& random) {
    drawn_turn d;
    const auto n = static_cast<double>(m.medians_s.size());
    double mean = 0, square = 0;
    for (const double s : m.medians_s) mean += std::log(s) / n;
    for (const double s : m.medians_s) square += std::pow(std::log(s) - mean, 2) / n;
    for (const double s : m.medians_s) {
        const double slowness = square > 0 ? (std::log(s) - mean) / std::sqrt(square) : 0;
        d.worth.push_back((m.quality_goes_with_slowness ? 0.5 * slowness : 0) +
                          1.1 * normal(random));
        d.answers.push_back(draw_call(m, s, 1, random));
        d.sheets.push_back(draw_call(m, s, sheet_share, random));
        d.syntheses.push_back(draw_call(m, s, synthesis_share, random));
    }
    d.opinions = random();
    return d;
}

turn_result run(const straggler_model& m, const straggler_rule& rule, const drawn_turn& d,
                council::latency_book& book) {
    const auto n = m.medians_s.size();
    const double until[] = {0.45 * rule.deadline_ms, 0.70 * rule.deadline_ms};
    turn_result t;

    stage_clock answering(m, rule, book, "generate", 0, until[0]);
    for (std::size_t i = 0; i < n; ++i) answering.ask(i, d.answers[i]);
    const auto quorum = std::max<std::size_t>(2, (n + 1) / 2);
    const auto generated =
        answering.run([&](const auto& fates) { return count(fates, fate::answered) >= quorum; });
    outcome o;
    for (std::size_t i = 0; i < n; ++i)
        if (generated.fates[i] == fate::answered) o.seats.push_back(i);
    t.answers = o.seats.size();
    t.ms = generated.ended;
    t.paid = generated.paid;
    if (t.answers < quorum) return t;

    const auto critics = critics_of(o, n);
    stage_clock judging(m, rule, book, "critique", generated.ended, until[1]);
    for (const auto seat : critics) judging.ask(seat, d.sheets[seat]);
    const auto judged =
        judging.run([&](const auto& fates) { return enough_sheets(fates, critics, o); });
    t.paid += judged.paid;

    dice opinions(d.opinions);
    std::vector<double> worth;
    for (const auto seat : o.seats) worth.push_back(d.worth[seat]);
    o.scores = play({scenario::base, o.seats.size(), critics.size() - o.seats.size()},
                    std::move(worth), opinions);
    for (std::size_t k = 0; k < critics.size(); ++k)
        if (judged.fates[k] != fate::answered)
            for (auto& cell : o.scores.ballots[k].cells) cell.score.reset();
    const auto author = o.seats[o.winner()];
    t.regret = *std::max_element(d.worth.begin(), d.worth.end()) - d.worth[author];
    return synthesise(rule, d, author, judged.ended, book, t);
}

}  // namespace bench
