// Vendors and the network to them, in virtual time.
#pragma once

#include "base/executor.hpp"
#include "net/transport.hpp"
#include "simulation/scheduler.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::simulation {

/// How often a vendor does what, in shares of the whole.
struct vendor_temper {
    std::int64_t answers = 10;
    std::int64_t refuses = 1;      ///< 429, 503, 529
    std::int64_t breaks = 1;       ///< 500, 502, 504
    std::int64_t rejects = 0;      ///< 400, 401, 404
    std::int64_t hangs = 0;        ///< no answer before any timeout
    std::int64_t resets = 0;       ///< executed, then the connection is cut
    std::int64_t unreachable = 0;  ///< no byte arrives
    std::int64_t slowest_ms = 300;
    bool tells_usage = true;
};

/// One request that arrived whole: what no gateway can falsify.
struct receipt {
    std::string vendor;
    std::string marker;  ///< which send it was for
    bool executed = false;
};

/// The vendors' side: outlives every gateway.
class simulated_vendors {
   public:
    struct answer {
        enum class kind { whole, cut, hang } how = kind::whole;
        int status = 200;
        net::header_list headers;
        std::string body;
        std::int64_t latency_ms = 0;
    };

    explicit simulated_vendors(scheduler& s) : scheduler_(s) {}

    void add(const std::string& name, vendor_temper temper) { tempers_[name] = temper; }
    bool is_reachable(const std::string& name);
    answer receive(const std::string& name, std::string_view request_body);
    const std::vector<receipt>& receipts() const { return receipts_; }

   private:
    answer good_answer(const vendor_temper& temper, std::string_view request_body);
    std::string content_for(std::string_view request_body);

    scheduler& scheduler_;
    std::map<std::string, vendor_temper> tempers_;
    std::vector<receipt> receipts_;
};

/// Brings requests of one gateway to the vendors. Ends with the gateway.
class simulated_network final : public net::transport {
   public:
    simulated_network(executor& e, scheduler& s, simulated_vendors& vendors)
        : executor_(e), scheduler_(s), vendors_(vendors) {}

    std::shared_ptr<net::exchange> send(net::http_request request,
                                        std::shared_ptr<net::exchange_sink> sink) override;

   private:
    class exchange;

    executor& executor_;
    scheduler& scheduler_;
    simulated_vendors& vendors_;
};

/// Stands in the content of a message, so that the vendors' receipts tell which send they are of.
std::string marker_text(std::string_view marker);
/// The last marker in a text; empty if there is none.
std::string find_marker(std::string_view text);

}  // namespace conclave::simulation
