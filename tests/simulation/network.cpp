// Answers, refusals, cuts and silence.
#include "simulation/network.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace conclave::simulation {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view marker_begin = "<<";
constexpr std::string_view marker_end = ">>";
// As they stand in a prompt that is a document inside a request.
constexpr std::string_view question_member = R"(\"question\":)";
constexpr std::string_view answer_label = R"({\"id\":\")";
constexpr std::size_t label_size = 4;

/// "http://name/v1/chat/completions"
std::string host_of(std::string_view url) {
    url.remove_prefix(std::string_view("http://").size());
    return std::string(url.substr(0, url.find('/')));
}

}  // namespace

std::string marker_text(std::string_view marker) {
    return std::string(marker_begin).append(marker).append(marker_end);
}

std::string find_marker(std::string_view text) {
    // What a council's critics read tells of earlier messages after the question.
    const auto question = text.rfind(question_member);
    const auto begin = question == std::string_view::npos ? text.rfind(marker_begin)
                                                          : text.find(marker_begin, question);
    if (begin == std::string_view::npos) return {};
    const auto from = begin + marker_begin.size();
    return std::string(text.substr(from, text.find(marker_end, from) - from));
}

bool simulated_vendors::is_reachable(const std::string& name) {
    const auto& t = tempers_.at(name);
    const auto all = t.answers + t.refuses + t.breaks + t.rejects + t.hangs + t.resets;
    return scheduler_.chance().between(1, all + t.unreachable) <= all;
}

/// A critic's scores, where answers are to be scored; most of them can be read.
std::string simulated_vendors::content_for(std::string_view request_body) {
    auto& chance = scheduler_.chance();
    std::string items;
    for (auto at = request_body.find(answer_label); at != std::string_view::npos;
         at = request_body.find(answer_label, at + 1)) {
        items += items.empty() ? "" : ",";
        items += std::string(answer_label) +
                 std::string(request_body.substr(at + answer_label.size(), label_size)) +
                 R"(\",\"flaws\":\"f\",\"severity\":\"minor\",\"score\":)" +
                 std::to_string(chance.between(1, 10)) + "}";
    }
    if (items.empty() || chance.one_in(6)) return "answer " + std::to_string(receipts_.size());
    return R"({\"assessments\":[)" + items + "]}";
}

simulated_vendors::answer simulated_vendors::good_answer(const vendor_temper& temper,
                                                         std::string_view request_body) {
    auto& chance = scheduler_.chance();
    answer a;
    a.body = R"({"model":"dated-model","choices":[{"message":{"content":")" +
             content_for(request_body) + R"("},"finish_reason":"stop"}])";
    if (temper.tells_usage) {
        const auto in = chance.between(0, 4'000);
        const auto out = chance.between(0, 900);
        a.body += R"(,"usage":{"prompt_tokens":)" + std::to_string(in) +
                  R"(,"completion_tokens":)" + std::to_string(out) +
                  R"(,"prompt_tokens_details":{"cached_tokens":)" +
                  std::to_string(chance.between(0, in)) +
                  R"(},"completion_tokens_details":{"reasoning_tokens":)" +
                  std::to_string(chance.between(0, out)) + "}}";
    }
    a.body += '}';
    return a;
}

simulated_vendors::answer simulated_vendors::receive(const std::string& name,
                                                     std::string_view request_body) {
    auto& chance = scheduler_.chance();
    const auto& t = tempers_.at(name);
    receipt r{name, find_marker(request_body), true};
    answer a;
    auto roll =
        chance.between(1, t.answers + t.refuses + t.breaks + t.rejects + t.hangs + t.resets);
    const auto is = [&roll](std::int64_t share) { return (roll -= share) <= 0; };
    if (is(t.answers)) {
        a = good_answer(t, request_body);
    } else if (is(t.refuses)) {
        r.executed = false;
        a.status = chance.pick({429, 503, 529});
        if (chance.one_in(2))
            a.headers.emplace_back("retry-after-ms",
                                   std::to_string(chance.pick({50, 700, 9'999, 10'001})));
    } else if (is(t.breaks)) {
        a.status = chance.pick({500, 502, 504});
    } else if (is(t.rejects)) {
        r.executed = false;
        a.status = chance.pick({400, 401, 404});
    } else if (is(t.hangs)) {
        a.how = answer::kind::hang;
    } else {
        a = good_answer(t, request_body);
        a.how = answer::kind::cut;
    }
    a.latency_ms = chance.between(0, t.slowest_ms);
    receipts_.push_back(std::move(r));
    return a;
}

/// One request on its way: connects, is received, is answered or not.
class simulated_network::exchange final : public net::exchange,
                                          public std::enable_shared_from_this<exchange> {
   public:
    exchange(simulated_network& network, net::http_request request,
             std::shared_ptr<net::exchange_sink> sink)
        : network_(network), request_(std::move(request)), sink_(std::move(sink)) {}

    void start() {
        const auto began = network_.scheduler_.now();
        deadline_ = network_.executor_.run_at(
            began + milliseconds(request_.total_timeout_ms), [self = shared_from_this()] {
                self->end({net::exchange_failure::timeout, self->written_, {}});
            });
        const auto connect_ms = network_.scheduler_.chance().between(0, 5);
        later(connect_ms, [self = shared_from_this()] { self->connected(); });
    }

    void cancel() override {
        network_.executor_.post([self = shared_from_this()] {
            self->end({net::exchange_failure::cancelled, self->written_, {}});
        });
    }

   private:
    void later(std::int64_t ms, completion<void> task) {
        next_ = network_.executor_.run_at(network_.scheduler_.now() + milliseconds(ms),
                                          std::move(task));
    }

    void connected() {
        const auto host = host_of(request_.url);
        if (!network_.vendors_.is_reachable(host))
            return end({net::exchange_failure::connect, false, {}});
        written_ = true;
        answer_ = network_.vendors_.receive(host, request_.body);
        const auto first_byte_ms = request_.first_byte_timeout_ms;
        if (answer_->how == simulated_vendors::answer::kind::hang ||
            answer_->latency_ms >= first_byte_ms)
            return later(first_byte_ms, [self = shared_from_this()] {
                self->end({net::exchange_failure::timeout, true, {}});
            });
        later(answer_->latency_ms, [self = shared_from_this()] { self->answered(); });
    }

    void answered() {
        sink_->on_head({answer_->status, answer_->headers});
        const std::string_view body = answer_->body;
        if (answer_->how == simulated_vendors::answer::kind::cut) {
            sink_->on_body(body.substr(0, body.size() / 2));
            return end({net::exchange_failure::reset, true, {}});
        }
        sink_->on_body(body.substr(0, body.size() / 3));
        sink_->on_body(body.substr(body.size() / 3));
        end({net::exchange_failure::none, true, {}});
    }

    void end(const net::exchange_end& how) {
        auto sink = std::exchange(sink_, nullptr);
        if (!sink) return;
        network_.executor_.cancel(deadline_);
        network_.executor_.cancel(next_);
        sink->on_end(how);
    }

    simulated_network& network_;
    net::http_request request_;
    std::shared_ptr<net::exchange_sink> sink_;
    std::optional<simulated_vendors::answer> answer_;
    bool written_ = false;
    executor::timer_id deadline_ = 0;
    executor::timer_id next_ = 0;
};

std::shared_ptr<net::exchange> simulated_network::send(net::http_request request,
                                                       std::shared_ptr<net::exchange_sink> sink) {
    auto e = std::make_shared<exchange>(*this, std::move(request), std::move(sink));
    e->start();
    return e;
}

}  // namespace conclave::simulation
