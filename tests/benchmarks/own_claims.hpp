// The first commit of a send alone: T1 of the library's own store, handed to its writer and back.
#pragma once

#include <memory>
#include <string>

namespace bench {

class own_claims {
   public:
    /// In a new file, durable.
    explicit own_claims(const std::string& path);
    ~own_claims();

    /// How long the next one took, in a session of its own. What it needs was made after the one
    /// before, so that it meets the machine as the caller left it.
    double claim_us();

   private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace bench
