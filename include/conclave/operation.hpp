// A call under way that its starter may end.
#pragma once

#include <conclave/export.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace conclave {

/// What start_* calls return. May be dropped: the call goes on and its completion still runs.
/// Thread-safe. Since 0.1.
class operation {
   public:
    operation() = default;
    explicit operation(std::function<void()> cancel) : cancel_(std::move(cancel)) {}

    /// Asks the call to end its wait; its completion then gets CANCELLED, unless it was done
    /// already. Cancelling does not refund: a provider that was called is let finish, its answer is
    /// stored and billed once, and the same idempotency key finds it (see cancel_policy). Never
    /// blocks.
    void cancel() const {
        if (cancel_) cancel_();
    }

   private:
    std::function<void()> cancel_;
};

}  // namespace conclave
