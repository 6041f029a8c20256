// Answers that try to steer their critics, and answers that say who wrote them.
#pragma once

#include <string>
#include <string_view>

namespace conclave::council {

/// Whether a text asks to be scored, breaks out of its role, or imitates a score sheet. Only ever
/// flagged as `injection_suspect`, never removed: a legitimate answer may quote such text.
bool is_injection_suspect(std::string_view text);

/// The text for critics, with a model's words about its own identity ("As Claude, ...", "I'm
/// GPT-4") replaced by "[an assistant]". Names of models that are merely its subject stay.
std::string mask_self_identification(std::string_view text);

}  // namespace conclave::council
