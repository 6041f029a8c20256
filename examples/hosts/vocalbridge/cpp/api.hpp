// The REST surface: routes, and what each of them does.
#pragma once

#include <conclave/asio.hpp>
#include <conclave/conclave.hpp>

#include "http.hpp"

#include <asio/awaitable.hpp>

#include <string>

namespace vocalbridge {

/// Answers requests on the loop of its caller: nothing here blocks it. Calls of the gateway that
/// block run on the gateway's reader threads, and nobody waits for a vendor but a coroutine.
class api {
   public:
    explicit api(conclave::gateway gw) : gw_(std::move(gw)) {}

    /// Never throws. `r` and `request_id` must live until it is done.
    asio::awaitable<answer> respond(const request& r, const std::string& request_id) const;

   private:
    asio::awaitable<answer> dispatch(const request& r, const std::string& request_id) const;
    asio::awaitable<answer> send(conclave::tenant tenant, conclave::send_request what) const;

    conclave::gateway gw_;
};

}  // namespace vocalbridge
