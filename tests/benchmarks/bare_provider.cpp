// Calls a provider without anything around it.
#include "bare_provider.hpp"

#include "measure.hpp"
#include "runtime/rendezvous.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace bench {

using namespace conclave;

namespace {

constexpr std::int64_t usual_timeout_ms = 10'000;

class body_sink final : public net::exchange_sink {
   public:
    explicit body_sink(completion<result<bool>> done) : done_(std::move(done)) {}
    void on_head(const net::http_head&) override {}
    void on_body(std::string_view) override {}
    void on_end(const net::exchange_end& end) override {
        done_(end.failure == net::exchange_failure::none);
    }

   private:
    completion<result<bool>> done_;
};

/// Tells of the first piece of text, and of the end.
class token_sink final : public net::exchange_sink {
   public:
    token_sink(completion<result<bool>> first, completion<result<bool>> done)
        : first_(std::move(first)), done_(std::move(done)) {}
    void on_head(const net::http_head&) override {}
    void on_body(std::string_view bytes) override {
        if (!first_) return;
        seen_ += bytes;
        if (seen_.find("You") != seen_.npos) std::exchange(first_, {})(true);
    }
    void on_end(const net::exchange_end& end) override {
        if (first_) first_(false);
        done_(end.failure == net::exchange_failure::none);
    }

   private:
    completion<result<bool>> first_;
    completion<result<bool>> done_;
    std::string seen_;
};

std::string request_body(std::string begin, int turns_before) {
    begin += R"("model":"m","messages":[)";
    for (int i = 0; i < turns_before; ++i)
        begin += R"({"role":"user","content":"Hello"},)"
                 R"({"role":"assistant","content":"You said: Hello"},)";
    return begin + R"({"role":"user","content":"Hello"}]})";
}

}  // namespace

bare_provider::bare_provider(const std::string& base_url)
    : url_(base_url + "/v1/chat/completions"),
      client_(net::http_client::open(loop_.context(), loop_, clock_, {}).value()) {
    loop_.start();
}

bare_provider::~bare_provider() {
    runtime::rendezvous<bool> closed;
    loop_.post([this, done = closed.arrival()]() mutable {
        client_->close();
        done(true);
    });
    (void)closed.wait();
    loop_.stop();
}

void bare_provider::send(std::string body, std::int64_t timeout_ms,
                         std::shared_ptr<net::exchange_sink> sink) {
    loop_.post([this, body = std::move(body), timeout_ms, sink = std::move(sink)]() mutable {
        net::http_request r;
        r.url = url_;
        r.headers = {{"content-type", "application/json"}};
        r.body = std::move(body);
        r.total_timeout_ms = timeout_ms;
        client_->send(std::move(r), std::move(sink));
    });
}

void bare_provider::call(int turns_before) {
    runtime::rendezvous<bool> answered;
    send(request_body("{", turns_before), usual_timeout_ms,
         std::make_shared<body_sink>(answered.arrival()));
    if (!*answered.wait()) throw std::runtime_error("the bare call failed");
}

void bare_provider::start_stream(int turns_before, std::int64_t timeout_ms,
                                 completion<result<bool>> first, completion<result<bool>> done) {
    send(request_body(R"({"stream":true,)", turns_before), timeout_ms,
         std::make_shared<token_sink>(std::move(first), std::move(done)));
}

double bare_provider::first_token_us(int turns_before) {
    runtime::rendezvous<bool> first;
    runtime::rendezvous<bool> ended;
    const auto start = wall_us();
    start_stream(turns_before, usual_timeout_ms, first.arrival(), ended.arrival());
    const bool came = *first.wait();
    const auto took = wall_us() - start;
    if (!came || !*ended.wait()) throw std::runtime_error("the bare stream failed");
    return took;
}

}  // namespace bench
