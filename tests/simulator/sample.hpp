// A JSON value that fits a JSON Schema.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace simulator {

/// Fills the required members of the schema, all of them if it requires none. Texts are taken from
/// what the user said where nothing else is asked for. Understands type, properties, required,
/// items, enum, const, default, minimum and maximum, and types in capitals; anything else is passed
/// over. `dice` fixes the choices.
nlohmann::json sample(const nlohmann::json& schema, std::string_view said, std::uint64_t dice);

}  // namespace simulator
