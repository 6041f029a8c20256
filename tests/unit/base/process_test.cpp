// This process and its children.
#include "base/process.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace conclave;

namespace {

/// Whether a child of fork, and its child, know who they are.
bool know_themselves(int generations) {
    const auto child = ::fork();
    if (child == 0) {
        const bool knows = current_process() == ::getpid() && current_process() == ::getpid();
        ::_exit(knows && (generations == 1 || know_themselves(generations - 1)) ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a process knows its number, and its children theirs", "[process]") {
    CHECK(current_process() == ::getpid());
    CHECK(know_themselves(2));
    CHECK(current_process() == ::getpid());
}
