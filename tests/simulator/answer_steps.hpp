// The order in which a stream tells an answer, the same for every vendor.
#pragma once

#include "answer.hpp"

#include <optional>
#include <string_view>

namespace simulator {

enum class step_kind { begin, part_begin, delta, part_end, finish, usage, end };

/// One step of a stream. A vendor tells it by none, one or several events.
struct answer_step {
    step_kind kind = step_kind::begin;
    std::size_t part = 0;    ///< index into the answer's parts
    std::size_t call = 0;    ///< how many parts before this one are tool calls
    std::string_view piece;  ///< of a delta; into the answer
    std::size_t deltas = 0;  ///< told so far, this one included
};

/// Walks through an answer. Holds a few numbers, no text: ten thousand streams are cheap.
class answer_steps {
   public:
    /// Each part is told in `chunks` pieces, or, for 0, in pieces of about 16 bytes; never in
    /// pieces that split a code point. With `endless` the last piece of the last text is told for
    /// ever.
    answer_steps(const model_answer& answer, std::size_t chunks, bool endless);

    /// The next step; nothing after the end.
    std::optional<answer_step> next();

   private:
    step_kind following();
    step_kind next_part(std::size_t part);
    bool is_omitted(step_kind kind) const;
    std::string_view take_piece(std::string_view text);

    const model_answer& answer_;
    const std::size_t chunks_;
    const bool endless_;
    bool begun_ = false;
    answer_step at_;
    std::size_t told_ = 0;  // bytes of the current part
    std::size_t pieces_ = 0;
};

}  // namespace simulator
