// The two vendors of the vocalbridge system as the gateway's tests use them, and time for them.
#pragma once

#include "house.hpp"
#include "simulator/simulator_process.hpp"
#include "unit/providers/vendors.hpp"

#include <future>
#include <optional>
#include <string>
#include <thread>

namespace house {

/// The real HTTP vendors, without habits of their own.
class simulated_vendors {
   public:
    gateway open() const {
        return open_priced(
            ":memory:", on_virtual_time(),
            {::vendors::vendor_a(process_.base_url()), ::vendors::vendor_b(process_.base_url())});
    }
    void tell(const std::string& target, const std::string& scenarios,
              const std::string& later = "{}") {
        process_.control(R"({"target":")" + target + R"(","scenarios":[)" + scenarios +
                         R"(],"default":)" + later + "}");
    }
    std::uint64_t calls(std::string_view target) const { return process_.count(target); }

   private:
    simulator::simulator_process process_{{"--no-quirks"}};
};

/// Sends, moving virtual time five times as fast as real time until the reply is there: fast for
/// time-outs, slow enough for a vendor on loopback to answer in time.
inline result<reply> send_while_time_passes(const gateway& gw, const household& who,
                                            const send_request& request) {
    std::promise<result<reply>> promise;
    auto future = promise.get_future();
    who.tenant.messages().start_send(
        request, [&promise](result<reply> r) { promise.set_value(std::move(r)); });
    while (future.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
        gw.advance(5).value();
    return future.get();
}

inline result<reply> send_while_time_passes(const gateway& gw, const household& who,
                                            std::string key) {
    return send_while_time_passes(gw, who, who.request(std::move(key)));
}

/// Between the end of each attempt and the beginning of the next.
inline std::vector<std::int64_t> gaps_ms(const std::vector<spend_attempt>& attempts) {
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < attempts.size(); ++i)
        gaps.push_back((attempts[i].created_at - attempts[i - 1].created_at).count() -
                       attempts[i - 1].latency_ms);
    return gaps;
}

inline std::string path_of(const std::vector<spend_attempt>& attempts) {
    std::string path;
    for (const auto& a : attempts) path += (path.empty() ? "" : " ") + a.provider;
    return path;
}

}  // namespace house
