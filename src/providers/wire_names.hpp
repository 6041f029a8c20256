// What vendors and their models call the parts of a request, and which they do not take.
#pragma once

#include <conclave/provider.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::providers {

/// A part of a request on which models disagree.
enum class parameter {
    instructions,       ///< the role that carries them
    max_tokens,         ///< the name of the member
    temperature,        ///< likewise
    stop,               ///< likewise
    output_schema,      ///< the form in which it is told
    stream_usage,       ///< the member that asks for the usage of a stream
    thinking_state,     ///< what asks for thinking that can be handed back
    call_ids,           ///< the form that ids of tool calls must have, where not any will do
    schema_with_tools,  ///< as output_schema, where tools are offered too
    call_signature,     ///< what stands for the signature of a call that has none
};
inline constexpr std::size_t parameters = 10;

/// The word of a parameter, as `new_provider::parameter_names` has it.
std::optional<parameter> parse_parameter(std::string_view word);

/// What one model is told and by which names. An empty name: it does not take the parameter, which
/// is then left out. The provider's own settings decide, else the last row of the table that fits.
class wire_names {
   public:
    wire_names(const new_provider& provider, std::string_view model);

    const std::string& operator[](parameter p) const { return names_[static_cast<std::size_t>(p)]; }
    bool takes(parameter p) const { return !(*this)[p].empty(); }

   private:
    std::array<std::string, parameters> names_;
};

}  // namespace conclave::providers
