// VocalBridge on conclave, as a C++ host.
//
//     vocalbridge_host         serves until SIGINT or SIGTERM
//     vocalbridge_host seed    fills the store and prints the API keys
#include "log.hpp"
#include "seed.hpp"
#include "server.hpp"
#include "service.hpp"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

using namespace vocalbridge;
using namespace std::chrono_literals;

/// How long requests under way may take once the host is told to stop.
constexpr auto farewell_time = 10s;

void serve(const settings& s) {
    // Outlives the gateway's threads: their completions are posted to it.
    asio::io_context loop(1);
    const auto gw = open_service(s);
    const api rest(gw);
    server http(loop, {asio::ip::make_address(s.host), s.port}, rest);

    asio::signal_set signals(loop, SIGINT, SIGTERM);
    asio::steady_timer patience(loop);
    signals.async_wait([&](asio::error_code, int) {
        patience.expires_after(farewell_time);
        patience.async_wait([&](asio::error_code error) {
            if (!error) loop.stop();
        });
        http.stop([&] { patience.cancel(); });
    });
    log(log_line("info")
            .text("event", "listening")
            .text("host", s.host)
            .number("port", http.port()));
    loop.run();
    gw.close();
    log(log_line("info").text("event", "stopped"));
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view command = argc > 1 ? argv[1] : "";
    if (argc > 2 || (argc == 2 && command != "seed")) {
        std::cerr << "usage: vocalbridge_host [seed]\n";
        return 2;
    }
    try {
        const auto s = read_environment();
        if (command == "seed")
            seed(open_service(s), std::cout);
        else
            serve(s);
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        std::cerr << "vocalbridge_host: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
