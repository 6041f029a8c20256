// The transport over real sockets: HTTP/1.1 and TLS with kept connections.
#include "net/http_client.hpp"

#include "net/client_context.hpp"
#include "net/host_pool.hpp"
#include "net/http_exchange.hpp"
#include "net/request_head.hpp"
#include "net/url.hpp"

#include <string_view>
#include <unordered_map>
#include <utility>

namespace conclave::net {

class http_client::core {
   public:
    core(asio::io_context& io, executor& times, const clock& now, http_client_options options,
         std::optional<proxy> through)
        : context_{io, times, now, std::move(options), std::move(through), nullptr, {}, {}} {}

    std::shared_ptr<exchange> send(http_request request, std::shared_ptr<exchange_sink> sink) {
        auto made = std::make_shared<http_exchange>(context_, std::move(request), std::move(sink));
        if (closed_) {
            made->finish_later(exchange_failure::cancelled, false, "the client is closed");
            return made;
        }
        auto address = parse_url(made->request.url);
        const auto checked = check_request(made->request);
        if (!address || !checked) {
            made->finish_later(exchange_failure::bad_request, false,
                               (address ? checked.error() : address.error()).message);
            return made;
        }
        made->address = *std::move(address);
        pool_for(made->address).admit(made);
        return made;
    }

    void close() {
        closed_ = true;
        for (auto& [key, pool] : pools_) pool->close();
    }

   private:
    host_pool& pool_for(const url& address) {
        const bool forward = context_.through && !address.tls;
        auto key = forward ? std::string("proxy")
                           : (address.tls ? "https://" : "http://") + address.host_and_port();
        if (const auto known = pools_.find(key); known != pools_.end()) return *known->second;
        if (pools_.size() >= remembered_hosts) {
            std::erase_if(pools_, [](const auto& each) { return each.second->empty(); });
        }
        auto pool = std::make_unique<host_pool>(context_, address);
        return *pools_.emplace(std::move(key), std::move(pool)).first->second;
    }

    client_context context_;
    bool closed_ = false;
    std::unordered_map<std::string, std::unique_ptr<host_pool>> pools_;
};

http_client::http_client(std::unique_ptr<core> c) : core_(std::move(c)) {}

http_client::~http_client() { core_->close(); }

result<std::unique_ptr<http_client>> http_client::open(asio::io_context& io, executor& times,
                                                       const clock& now,
                                                       http_client_options options) {
    std::optional<proxy> through;
    if (!options.proxy.empty()) {
        auto parsed = parse_proxy(options.proxy);
        if (!parsed) return std::move(parsed).error();
        through = *std::move(parsed);
    }
    if (auto ok = tls_context::check(options.trust); !ok) return std::move(ok).error();
    auto made = std::make_unique<core>(io, times, now, std::move(options), std::move(through));
    return std::unique_ptr<http_client>(new http_client(std::move(made)));
}

std::shared_ptr<exchange> http_client::send(http_request request,
                                            std::shared_ptr<exchange_sink> sink) {
    return core_->send(std::move(request), std::move(sink));
}

void http_client::close() { core_->close(); }

}  // namespace conclave::net
