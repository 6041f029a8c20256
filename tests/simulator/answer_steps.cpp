// Cuts an answer into the steps of a stream.
#include "answer_steps.hpp"

#include <algorithm>

namespace simulator {
namespace {

constexpr std::size_t usual_piece_bytes = 16;

bool splits_code_point(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
}

}  // namespace

answer_steps::answer_steps(const model_answer& answer, std::size_t chunks, bool endless)
    : answer_(answer), chunks_(chunks), endless_(endless) {}

// Piece i of n ends at size * i / n, moved on to the end of a code point.
std::string_view answer_steps::take_piece(std::string_view text) {
    const auto count =
        chunks_ > 0 ? chunks_ : (text.size() + usual_piece_bytes - 1) / usual_piece_bytes;
    const auto from = told_;
    while (told_ == from) {
        told_ = std::max(from, std::min(text.size(), text.size() * ++pieces_ / count));
    }
    while (splits_code_point(text, told_)) {
        ++told_;
    }
    return text.substr(from, told_ - from);
}

step_kind answer_steps::next_part(std::size_t part) {
    at_.part = part;
    told_ = 0;
    pieces_ = 0;
    return part < answer_.parts.size() ? step_kind::part_begin : step_kind::finish;
}

step_kind answer_steps::following() {
    switch (at_.kind) {
        case step_kind::begin: return next_part(0);
        case step_kind::part_begin:
        case step_kind::delta: {
            const auto& part = answer_.parts[at_.part];
            if (told_ < part.text.size()) {
                at_.piece = take_piece(part.text);
                return step_kind::delta;
            }
            const bool again = endless_ && part.kind == part_kind::text && !at_.piece.empty();
            return again ? step_kind::delta : step_kind::part_end;
        }
        case step_kind::part_end:
            at_.call += answer_.parts[at_.part].kind == part_kind::tool_call ? 1 : 0;
            return next_part(at_.part + 1);
        case step_kind::finish: return step_kind::usage;
        default: break;
    }
    return step_kind::end;
}

bool answer_steps::is_omitted(step_kind kind) const {
    return (kind == step_kind::finish && answer_.omits.finish) ||
           (kind == step_kind::usage && answer_.omits.usage) ||
           (kind == step_kind::end && answer_.omits.end);
}

std::optional<answer_step> answer_steps::next() {
    if (!begun_) {
        begun_ = true;
        return at_;
    }
    do {
        if (at_.kind == step_kind::end) {
            return std::nullopt;
        }
        at_.kind = following();
    } while (is_omitted(at_.kind));
    at_.deltas += at_.kind == step_kind::delta ? 1 : 0;
    return at_;
}

}  // namespace simulator
