// What callers were told: the client's witness.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/result.hpp>

#include "faults/crash_world.hpp"
#include "faults/witness_file.hpp"

#include <string>
#include <vector>

namespace conclave::faults {

struct client_entry {
    world_key key;
    bool success = false;
    bool fresh = false;     ///< a success that says `replayed: false`
    std::string document;   ///< of a success
    std::string code;       ///< of an error
    bool in_doubt = false;  ///< an error that says `executed` or `outcome_unknown`
};

/// Written before a caller goes on, so that a result which anybody acted upon is in it.
class client_log {
   public:
    explicit client_log(const std::string& path) : file_(path) {}
    void add(world_key key, const result<reply>& outcome);

    static std::vector<client_entry> read(const std::string& path);

   private:
    witness_file file_;
};

/// Whether an error says that more may have happened than nothing.
bool says_in_doubt(const error& e);

/// A document with its mark of a replay taken off: then all of one key must be equal.
std::string without_replay_mark(std::string document);

}  // namespace conclave::faults
