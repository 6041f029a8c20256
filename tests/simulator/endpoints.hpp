// Routes a request to a vendor or to the control endpoints.
#pragma once

#include "http_message.hpp"
#include "vendors.hpp"

#include <string_view>

namespace simulator {

/// Thread-safe. Refers to `vendors`, which must outlive it.
class endpoints {
   public:
    explicit endpoints(vendors& all) : vendors_(all) {}

    /// True when the connection is to be closed before the request's body is read.
    bool drops_unread(const http_request& head) const;
    /// Answers a complete request.
    void answer(const http_request& request, http_reply& reply) const;
    /// Answers what is not a request this server takes (400, 413, 431); the connection then ends.
    static void refuse(int status, std::string_view message, http_reply& reply);

   private:
    void answer_control(const http_request& request, http_reply& reply) const;

    vendors& vendors_;
};

}  // namespace simulator
