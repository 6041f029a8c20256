// Who sits at the table, and what was fixed before anybody was asked.
#pragma once

#include <conclave/council.hpp>
#include <conclave/provider.hpp>

#include "council/labels.hpp"
#include "metering/price.hpp"
#include "model/route.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

enum class stage : std::uint8_t {
    generate,
    critique,
    synthesis,
    gate,          ///< the best answer and its synthesis are compared, the best answer first
    gate_swapped,  ///< and the other way round, at the same time
};

inline constexpr std::array all_stages{stage::generate, stage::critique, stage::synthesis,
                                       stage::gate, stage::gate_swapped};

/// "generate", "critique" ...: also the stage of a call's row.
std::string_view name_of(stage s) noexcept;
std::optional<stage> stage_of(std::string_view name) noexcept;

/// A model and its place. Its number, by which calls are known, is its index.
struct seat {
    route target;
    std::string name;
    bool streams = true;  ///< its provider tells answers piece by piece
    std::optional<metering::price> price = {};
};

/// So many critics judge a synthesis at the gate, each in both orders.
inline constexpr std::size_t gate_critics = 2;

/// The seats of a council: members, then extra critics, then a synthesiser who is neither.
struct table {
    std::vector<seat> seats;
    std::size_t members = 0;
    std::size_t asked = 0;        ///< of the members; the others were given up for the budget
    std::size_t critics_end = 0;  ///< one past the last extra critic
    std::optional<std::size_t> synthesizer;  ///< absent: `auto`

    std::optional<std::size_t> find(std::string_view name) const;
    participant judge(std::size_t seat) const;
    /// Where the options of the council name it.
    std::string field_of(std::size_t seat) const;
};

/// Of options that passed agents::check_council. Prices, and models that routes leave to their
/// providers, are the caller's to fill in.
table set_table(const council_options& o);

/// How many of the answers behind the best a synthesiser is shown.
std::size_t further_answers(const council_options& o, std::size_t others);

/// What is fixed before the first call.
struct terms {
    council_options options;
    council::table table;
    turn_seed seed{};
    /// The prompt of a single model: what each member is asked, but for the model.
    std::shared_ptr<const provider_request> question;
    /// Whether a call that may have been executed may be made a second time.
    bool may_repeat = true;

    std::int64_t deadline_ms() const;
    /// When a stage has to be over, counted from the beginning of the turn: the time that earlier
    /// ones leave over is its own, and none takes what is kept for the synthesis.
    std::int64_t stage_end_ms(stage s) const;
    /// What of the time is a stage's own, before others leave any over.
    std::int64_t share_ms(stage s) const;
    /// Whether critics compare the synthesis with the best answer.
    bool has_gate() const { return options.gate == council_gate::panel; }
    /// How many answers are enough.
    std::size_t answers_needed() const;
};

}  // namespace conclave::council
