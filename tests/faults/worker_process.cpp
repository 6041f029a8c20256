// Starts and kills workers.
#include "faults/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <vector>

namespace conclave::faults {

namespace {

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

worker_process::worker_process(const worker_orders& orders) {
    std::vector<std::string> words{KILL_WORKER,
                                   orders.world_file,
                                   orders.client_file,
                                   std::to_string(orders.seed),
                                   std::to_string(orders.first_key),
                                   std::to_string(orders.keys),
                                   std::to_string(orders.threads),
                                   std::to_string(orders.sends),
                                   orders.bug};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    const int failure = ::posix_spawn(&pid_, KILL_WORKER, &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    events_ = ends[0];
    if (failure == 0) return;
    ::close(events_);
    throw std::runtime_error("cannot start " KILL_WORKER);
}

worker_process::~worker_process() {
    kill();
    ::close(events_);
}

std::string worker_process::take_events() {
    std::array<char, 256> buffer{};
    const auto count = ::read(events_, buffer.data(), buffer.size());
    if (count == 0) ended_ = true;
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

void worker_process::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait_for(pid_);
    pid_ = -1;
}

bool worker_process::join() {
    if (pid_ < 0) return true;
    const int status = wait_for(pid_);
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace conclave::faults
