// Starts, asks and stops a vendor simulator.
#include "simulator/simulator_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace simulator {
namespace {

constexpr std::chrono::seconds start_time_max{20};
constexpr std::chrono::milliseconds start_poll{1};

// A private folder, removed with its contents.
class scratch_folder {
   public:
    scratch_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "simulator-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder for the simulator's port file");
        }
        path_ = pattern;
    }
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::string file(const char* name) const { return (path_ / name).string(); }

   private:
    std::filesystem::path path_;
};

}  // namespace

simulator_process::simulator_process(std::vector<std::string> arguments) {
    const scratch_folder folder;
    const auto port_file = folder.file("port");
    start(arguments, port_file);
    try {
        await_port(port_file);
    } catch (...) {
        stop();
        throw;
    }
}

simulator_process::~simulator_process() { stop(); }

void simulator_process::start(const std::vector<std::string>& arguments,
                              const std::string& port_file) {
    std::vector<std::string> words = {VENDOR_SIMULATOR, "--exit-on-stdin-eof", "--port-file",
                                      port_file};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw std::runtime_error("cannot make a pipe for the simulator");
    }
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    const int failure =
        ::posix_spawn(&pid_, VENDOR_SIMULATOR, &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[0]);
    if (failure != 0) {
        ::close(ends[1]);
        throw std::runtime_error("cannot start " VENDOR_SIMULATOR);
    }
    lifeline_ = ends[1];
}

void simulator_process::await_port(const std::string& port_file) {
    const auto give_up = std::chrono::steady_clock::now() + start_time_max;
    while (!(std::ifstream(port_file) >> port_)) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            throw std::runtime_error("the simulator ended at once");
        }
        if (std::chrono::steady_clock::now() > give_up) {
            throw std::runtime_error("the simulator did not write its port in time");
        }
        std::this_thread::sleep_for(start_poll);
    }
}

void simulator_process::stop() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    ::close(lifeline_);
}

std::string simulator_process::base_url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
}

std::string simulator_process::call(std::string_view method, std::string_view path,
                                    std::string_view body) const {
    const auto answer = loopback_connection(port_).request(method, path, body);
    if (answer.status != 200 || !answer.complete) {
        throw std::runtime_error("simulator answered " + std::to_string(answer.status) + " to " +
                                 std::string(path) + ": " + answer.body);
    }
    return answer.body;
}

void simulator_process::control(std::string_view document) const {
    call("POST", "/_control", document);
}

void simulator_process::reset() const { call("POST", "/_reset"); }

std::string simulator_process::journal_text() const { return call("GET", "/_journal"); }

std::uint64_t simulator_process::count(std::string_view target) const {
    const auto counts = call("GET", "/_journal?count=1");
    const auto member = '"' + std::string(target) + "\":";
    const auto at = counts.find(member);
    if (at == counts.npos) {
        throw std::runtime_error("the simulator has no vendor " + std::string(target));
    }
    return std::strtoull(counts.c_str() + at + member.size(), nullptr, 10);
}

}  // namespace simulator
