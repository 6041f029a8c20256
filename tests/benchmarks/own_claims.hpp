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

    /// Makes what the next claim needs: a session of its own.
    void prepare();
    /// How long the claim that was prepared took.
    double claim_us();

   private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace bench
