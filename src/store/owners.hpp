// Owners: live instances of the library on one file.
#pragma once

#include <conclave/time.hpp>

#include "model/send.hpp"

#include <vector>

namespace conclave::store {

struct register_owner {
    owner_ref owner;
    timestamp now{};
    struct outcome {};
};

/// Ends an owner that has no open sends left.
struct close_owner {
    std::string owner;
    timestamp now{};
    struct outcome {};
};

struct list_owners {
    struct answer {
        std::vector<owner_ref> owners;  ///< those not closed
    };
};

}  // namespace conclave::store
