// vendor_simulator: model vendors on loopback HTTP, deterministic by seed. See README.md.
#include "endpoints.hpp"
#include "server.hpp"
#include "vendors.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int exit_usage = 2;
constexpr const char* usage =
    "usage: vendor_simulator [--port N] [--port-file FILE] [--seed N] [--threads N]\n"
    "                        [--journal-file FILE] [--no-journal] [--no-quirks]\n"
    "                        [--exit-on-stdin-eof]\n";

struct options {
    std::uint16_t port = 0;
    std::uint64_t seed = 0;
    unsigned threads = 1;
    std::string port_file;
    std::string journal_file;
    bool journal = true;
    bool quirks = true;
    bool exit_on_stdin_eof = false;
};

template <class Number>
bool read_number(std::string_view text, Number& out) {
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, out);
    return read.ec == std::errc{} && read.ptr == end;
}

bool read_value(options& out, std::string_view name, std::string_view value) {
    if (name == "--port") {
        return read_number(value, out.port);
    }
    if (name == "--seed") {
        return read_number(value, out.seed);
    }
    if (name == "--threads") {
        return read_number(value, out.threads) && out.threads >= 1 && out.threads <= 64;
    }
    if (name == "--port-file") {
        out.port_file = value;
        return true;
    }
    if (name == "--journal-file") {
        out.journal_file = value;
        return true;
    }
    return false;
}

std::optional<options> read_options(int argc, char** argv) {
    options out;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--no-journal") {
            out.journal = false;
        } else if (name == "--no-quirks") {
            out.quirks = false;
        } else if (name == "--exit-on-stdin-eof") {
            out.exit_on_stdin_eof = true;
        } else if (i + 1 == argc || !read_value(out, name, argv[++i])) {
            return std::nullopt;
        }
    }
    return out;
}

int open_journal(const std::string& path) {
    if (path.empty()) {
        return -1;
    }
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        throw std::runtime_error("cannot open journal file " + path);
    }
    return file;
}

// A reader sees no file or the whole number.
void publish_port(const std::string& path, std::uint16_t port) {
    const auto draft = path + ".draft";
    if (!(std::ofstream(draft) << port << '\n'
                               << std::flush) ||
        std::rename(draft.c_str(), path.c_str()) != 0) {
        throw std::runtime_error("cannot write port file " + path);
    }
}

// The process that started the simulator holds the other end: however it dies, this one follows.
void exit_with_stdin(asio::posix::stream_descriptor& in) {
    static char byte;
    in.async_read_some(asio::buffer(&byte, 1), [&in](asio::error_code error, std::size_t) {
        if (error) {
            std::_Exit(EXIT_SUCCESS);
        }
        exit_with_stdin(in);
    });
}

// Ten thousand clients need more descriptors than a process usually begins with.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int run(const options& chosen) {
    raise_descriptor_limit();
    simulator::vendors vendors(chosen.seed, chosen.quirks,
                               {chosen.journal, open_journal(chosen.journal_file)});
    const simulator::endpoints endpoints(vendors);
    asio::io_context context(static_cast<int>(chosen.threads));
    const simulator::server server(context, endpoints, chosen.port);
    asio::posix::stream_descriptor in(context);
    if (chosen.exit_on_stdin_eof) {
        in.assign(STDIN_FILENO);
        exit_with_stdin(in);
    }
    if (!chosen.port_file.empty()) {
        publish_port(chosen.port_file, server.port());
    }
    std::vector<std::thread> others;
    for (unsigned i = 1; i < chosen.threads; ++i) {
        others.emplace_back([&] { context.run(); });
    }
    context.run();
    for (auto& other : others) {
        other.join();
    }
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    const auto chosen = read_options(argc, argv);
    if (!chosen) {
        std::fputs(usage, stderr);
        return exit_usage;
    }
    try {
        return run(*chosen);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "vendor_simulator: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
