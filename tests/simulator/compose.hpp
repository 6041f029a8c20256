// What a model says: what the scenario tells it, or else something sensible of its own.
#pragma once

#include "answer.hpp"
#include "request_facts.hpp"
#include "scenario.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

/// Fills in what is said, why it ends and how many tokens that was. `dice` fixes what is made up.
void compose(const scenario& act, const request_facts& facts, std::uint64_t dice,
             model_answer& answer);

/// The message of the error a scenario puts into a stream.
std::string_view error_words(const scenario& act);

/// Tokens of so many bytes: a quarter, rounded up.
std::int64_t tokens_of(std::size_t bytes);

/// Evenly distributed, and the same on every machine.
std::uint64_t mix(std::uint64_t x);

}  // namespace simulator
