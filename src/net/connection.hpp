// One connection to a host: carries one exchange at a time.
#pragma once

#include "net/byte_stream.hpp"
#include "net/client_context.hpp"
#include "net/dialer.hpp"
#include "net/http_exchange.hpp"
#include "net/response_parser.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace conclave::net {

class host_pool;

/// Owned by its pool until it is closed. Reads are always awaited, also while it is idle or
/// writing, so that a peer that closes or speaks out of turn is noticed.
class connection final : public std::enable_shared_from_this<connection>,
                         public exchange_holder,
                         response_parser::listener {
   public:
    connection(client_context& context, host_pool& pool);

    /// Connects for the sake of `first` and then carries it.
    void open(std::shared_ptr<http_exchange> first);
    /// Of an idle connection: looks whether the peer has closed or spoken meanwhile.
    bool still_idle();
    /// Carries the exchange; the connection must stand and be idle.
    void run(std::shared_ptr<http_exchange> next);
    /// Closes; the exchange ends later.
    void cancel(http_exchange& held) override;
    /// Closes, and cancels the exchange if there is one.
    void close();

   private:
    enum class phase {
        dialing,
        writing,   ///< the request, while the first byte of the answer is awaited too
        awaiting,  ///< the first byte
        reading,
        idle,
        closed
    };

    void on_dialled(dialled d);
    void serialise();
    void flush();
    void on_written();
    void wait_readable();
    void wait_writable();
    void on_readable();
    void read_answer();
    void on_idle_readable();
    bool consume(std::string_view bytes);
    bool on_head(const http_head& head) override;
    bool on_body(std::string_view bytes) override;
    void on_end_of_stream();
    void on_broken();
    void complete(bool nothing_left);
    /// How long the connection may be kept after its answer; 0 or less: not at all.
    std::int64_t keep_ms(bool nothing_left) const;
    void fail(exchange_failure failure, std::string message);
    void enter(phase next, instant ends_at);
    void on_deadline();
    bool request_written() const { return stream_ && stream_->bytes_sent() > sent_before_; }
    void shut();

    client_context& context_;
    host_pool& pool_;
    phase phase_ = phase::dialing;
    std::shared_ptr<http_exchange> exchange_;
    std::shared_ptr<dialer> dialer_;
    std::unique_ptr<byte_stream> stream_;
    lazy_timer timer_;
    response_parser parser_;
    std::string head_;  ///< request line and headers, and the body where it is small
    std::size_t written_ = 0;
    std::size_t to_write_ = 0;
    std::uint64_t sent_before_ = 0;
    bool read_awaited_ = false;
    bool write_awaited_ = false;
    bool write_failed_ = false;
};

}  // namespace conclave::net
