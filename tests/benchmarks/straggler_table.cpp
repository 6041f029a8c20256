// Plays deliberations.
#include "straggler_table.hpp"

#include "council/deliberation.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

namespace {

namespace council = conclave::council;
using conclave::call_class;
using conclave::instant;
using council::stage;

std::string answer_of(std::size_t seat) {
    return "Answer number " + std::to_string(seat + 1) + std::string(60, '.');
}

const std::string improved = "An answer that is better than each of them, in several words.";

council::terms terms_of(const straggler_model& m, const straggler_rule& rule, std::uint64_t turn) {
    conclave::council_options options;
    for (std::size_t i = 0; i < m.medians_s.size(); ++i)
        options.members.push_back({"p/" + std::to_string(i)});
    options.straggler = {rule.mode, rule.q};
    options.deadline_ms = static_cast<std::int64_t>(rule.deadline_ms);
    council::terms t;
    t.options = std::move(options);
    t.table = council::set_table(t.options);
    t.seed = council::make_turn_seed(std::to_string(turn), "straggler");
    auto question = std::make_shared<conclave::provider_request>();
    question->turns.push_back({conclave::message_role::user, "How do I deploy?"});
    question->max_tokens = 100;
    t.question = std::move(question);
    return t;
}

/// A deliberation, the calls that it has made, and the clock.
class table {
   public:
    table(const straggler_model& m, const straggler_rule& rule, const drawn_turn& drawn,
          council::latency_book& book)
        : drawn_(drawn),
          book_(book),
          d_(council::open(terms_of(m, rule, drawn.opinions)).value()) {}

    turn_result play() {
        take(council::begin(d_, {now_, book_}));
        while (!over_) {
            const auto next =
                std::min_element(calls_.begin(), calls_.end(),
                                 [](const auto& a, const auto& b) { return a.ends < b.ends; });
            const bool ends_first =
                next != calls_.end() && next->ends <= wake_ && next->ends != instant::max();
            if (!ends_first && wake_ == instant::max())
                throw std::runtime_error("straggler: nothing would ever happen");
            now_ = std::max(now_, ends_first ? next->ends : wake_);
            if (ends_first)
                end(static_cast<std::size_t>(next - calls_.begin()), false);
            else
                take(council::on_wake(d_, {now_, book_}));
        }
        return result();
    }

   private:
    struct call {
        std::size_t number = 0;
        council::stage at = stage::generate;
        std::size_t seat = 0;
        const drawn_call* drawn = nullptr;
        instant asked{};
        instant ends{};
    };

    void take(council::step s) {
        wake_ = s.wake.value_or(instant::max());
        if (s.concluded || s.failed) over_ = now_;
        if (s.concluded)
            fallback_ = s.concluded->synthesis == council::synthesis_status::fallback_best;
        for (const auto& a : s.asks) ask(a);
        for (const auto number : s.cuts) {
            const auto at = std::find_if(calls_.begin(), calls_.end(),
                                         [&](const auto& c) { return c.number == number; });
            if (at != calls_.end()) end(static_cast<std::size_t>(at - calls_.begin()), true);
        }
    }

    void ask(const council::ask& a) {
        call c{a.call, a.stage, a.seat, nullptr, now_, instant::max()};
        c.drawn = &(a.stage == stage::generate   ? drawn_.answers
                    : a.stage == stage::critique ? drawn_.sheets
                                                 : drawn_.syntheses)[a.seat];
        if (!c.drawn->hangs)
            c.ends = now_ + std::chrono::microseconds(
                                static_cast<std::int64_t>(std::ceil(1'000 * c.drawn->latency_ms)));
        c.ends = std::min(c.ends, a.deadline);
        calls_.push_back(c);
    }

    /// As messaging tells the machine, and the book, of a call that ended or was cut.
    void end(std::size_t i, bool cut) {
        const auto c = calls_[i];
        calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(i));
        const auto ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(now_ - c.asked).count();
        const bool late =
            c.drawn->hangs || now_ < c.asked + std::chrono::microseconds(static_cast<std::int64_t>(
                                                   1'000 * c.drawn->latency_ms));
        council::call_end e;
        e.call = c.number;
        e.result.latency_ms = ms;
        if (cut || late)
            e.result.outcome = call_class::ambiguous;
        else if (c.drawn->fails)
            e.result.outcome = call_class::refused;
        else
            e.result.text = text_of(c);
        paid_ += c.drawn->hangs ? 0 : std::min(1.0, static_cast<double>(ms) / c.drawn->latency_ms);
        if (e.result.outcome == call_class::ok || cut)
            book_.note(d_.terms.table.seats[c.seat].target, council::name_of(c.at), {ms, cut},
                       d_.terms.share_ms(c.at));
        if (!over_) take(council::on_call_end(d_, std::move(e), {now_, book_}));
    }

    std::string text_of(const call& c) {
        if (c.at == stage::generate) return answer_of(c.seat);
        return c.at == stage::critique ? sheet_of(c.seat) : improved;
    }

    /// What the critics say is drawn once it is known who is judged.
    void draw_opinions() {
        for (const auto seat : d_.answered) critics_.push_back(seat);
        for (std::size_t i = 0; i < d_.terms.table.members; ++i)
            if (std::find(d_.answered.begin(), d_.answered.end(), i) == d_.answered.end())
                critics_.push_back(i);
        std::vector<double> worth;
        for (const auto seat : d_.answered) worth.push_back(drawn_.worth[seat]);
        dice opinions(drawn_.opinions);
        const auto judged = d_.answered.size();
        opinions_ = bench::play({scenario::base, judged, critics_.size() - judged},
                                std::move(worth), opinions);
    }

    std::string sheet_of(std::size_t critic) {
        if (critics_.empty()) draw_opinions();
        const auto place = [](const std::vector<std::size_t>& seats, std::size_t seat) {
            return static_cast<std::size_t>(std::find(seats.begin(), seats.end(), seat) -
                                            seats.begin());
        };
        const auto& ballot = opinions_.ballots[place(critics_, critic)];
        std::string text;
        for (const auto& view : d_.views) {
            if (static_cast<std::size_t>(view.critic) != critic) continue;
            for (const auto& shown : view.answers) {
                const auto answer = place(d_.answered, static_cast<std::size_t>(shown.seat));
                const auto score = static_cast<int>(ballot.cells[answer].score.value());
                text += text.empty() ? R"({"assessments":[)" : ",";
                text += R"({"id":")" + shown.label +
                        R"(","flaws":"f","strengths":"s","severity":"minor","score":)" +
                        std::to_string(score) + "}";
            }
        }
        return text + "]}";
    }

    turn_result result() const {
        turn_result t;
        t.ms = std::chrono::duration<double, std::milli>(*over_ - instant()).count();
        t.answers = d_.answered.size();
        t.paid = paid_;
        t.fallback = fallback_;
        if (d_.judged) {
            const auto winner = static_cast<std::size_t>(d_.judged->winner().seat);
            t.regret =
                *std::max_element(drawn_.worth.begin(), drawn_.worth.end()) - drawn_.worth[winner];
        }
        return t;
    }

    const drawn_turn& drawn_;
    council::latency_book& book_;
    council::deliberation d_;
    instant now_{};
    instant wake_ = instant::max();
    std::vector<call> calls_;
    std::vector<std::size_t> critics_;
    turn opinions_;
    double paid_ = 0;
    bool fallback_ = false;
    std::optional<instant> over_;
};

}  // namespace

turn_result deliberate(const straggler_model& m, const straggler_rule& rule, const drawn_turn& d,
                       council::latency_book& book) {
    return table(m, rule, d, book).play();
}

}  // namespace bench
