// Keeps what tasks leave for the end.
#include "base/burst.hpp"

#include <utility>

namespace conclave {

namespace {

thread_local burst* current = nullptr;

}  // namespace

burst::burst() { current = this; }

burst::~burst() {
    current = nullptr;
    for (auto& task : last_) task();
}

bool burst::runs_here() noexcept { return current != nullptr; }

void burst::at_end(completion<void> task) { current->last_.push_back(std::move(task)); }

}  // namespace conclave
