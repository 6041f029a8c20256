// The provider call alone, through the client that sends use.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/result.hpp>

#include "net/http_client.hpp"
#include "runtime/activity.hpp"
#include "runtime/clocks.hpp"
#include "runtime/io_loop.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace bench {

class bare_provider {
   public:
    explicit bare_provider(const std::string& base_url);
    ~bare_provider();
    bare_provider(const bare_provider&) = delete;
    bare_provider& operator=(const bare_provider&) = delete;

    /// Asks as a send does that comes after so many turns of its session. Returns when the answer
    /// is there.
    void call(int turns_before);
    /// The same for a stream; how long its first token took to come to the caller. Returns when the
    /// stream has ended.
    double first_token_us(int turns_before);
    /// Begins a stream; what it says of its first token and of its end comes on a thread that must
    /// not be kept waiting.
    void start_stream(int turns_before, std::int64_t timeout_ms,
                      conclave::completion<conclave::result<bool>> first,
                      conclave::completion<conclave::result<bool>> done);

   private:
    void send(std::string body, std::int64_t timeout_ms,
              std::shared_ptr<conclave::net::exchange_sink> sink);

    const std::string url_;
    conclave::runtime::system_clock clock_;
    conclave::runtime::activity work_;
    conclave::runtime::io_loop loop_{clock_, nullptr, work_};
    std::unique_ptr<conclave::net::http_client> client_;
};

}  // namespace bench
