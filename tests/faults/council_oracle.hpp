// What must come of a turn that was killed, said without the code that recovers it.
#pragma once

#include "faults/council_world.hpp"
#include "faults/oracle.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace conclave::faults {

/// What the database holds of one attempt of a turn's call.
struct stored_attempt {
    std::string stage;
    int member = 0;
    bool answered = false;
    std::string text;
};

/// What the database holds of the turn of one question.
struct stored_turn {
    bool begun = false;
    bool succeeded = false;
    std::string options;  ///< with which it was begun
    std::string seed;     ///< its bytes
    std::vector<stored_attempt> attempts;
    std::int64_t tokens_billed = 0;
    std::string text;  ///< of its reply

    bool has_lost_calls() const;
};

stored_turn read_turn(const std::string& database, int number);

/// The text of the turn once it is sent again: that of the machine, run from the beginning over
/// the stored answers, with the calls that have none absent. Absent: nothing may come of it, as
/// policy forbids to repeat a call that may have run.
std::optional<std::string> text_to_come(const stored_turn& turn, int number, bool strict);

/// How often each call was heard of, by journal_line.
std::map<std::string, int> read_calls_heard(const std::string& journal);

/// No attempt was sent twice, no durable answer asked for again, no call repeated that the quorum
/// did without, and the bill is of each answer once.
findings judge_calls(const stored_turn& turn, int number, const std::map<std::string, int>& heard,
                     bool strict);

}  // namespace conclave::faults
