// Starts short-lived threads.
#include "runtime/apart.hpp"

#include <thread>
#include <utility>

namespace conclave::runtime {

void run_apart(completion<void> task) {
    std::thread([task = std::move(task)]() mutable { task(); }).detach();
}

}  // namespace conclave::runtime
