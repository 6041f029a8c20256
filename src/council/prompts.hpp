// What members, critics and synthesisers are asked.
#pragma once

#include <conclave/provider.hpp>

#include "council/labels.hpp"
#include "council/score_sheet.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

using request = std::shared_ptr<provider_request>;

/// The prompt of a single model, without tools.
request ask_member(const provider_request& question);

/// What a critic judges: the text of each answer that it is shown, in the order of its view.
struct shown_text {
    std::string label;
    std::string text;
};

/// One request for all answers of a view. Everything that members or users wrote stands in one JSON
/// document as strings, which is material and no instruction; an answer that is too long lacks its
/// middle, and what models say of themselves is masked.
request ask_critic(const provider_request& question, const std::vector<shown_text>& answers);

/// The same critic once more, beside nothing but its own text.
request ask_critic_again(const score_sheet& sheet, const std::vector<std::string>& labels,
                         std::string_view text);

/// What a synthesiser works on.
struct synthesis_material {
    std::string winner;
    std::vector<std::string> flaws;   ///< that critics found in the winner, the worst first
    std::vector<std::string> others;  ///< further answers, best first: to fuse
};

request ask_synthesizer(const provider_request& question, const synthesis_material& material);

/// Which of two texts is the better answer, under the same precautions as ask_critic.
request ask_to_compare(const provider_request& question, const shown_text& first,
                       const shown_text& second);

/// The size of a critic's prompt apart from the answers.
std::size_t critic_prompt_bytes(const provider_request& question);
std::int64_t critic_tokens(std::size_t answers);

}  // namespace conclave::council
