// Uses the simulator for the shapes, and a gateway of its own for each send.
#include "faults/vendor_answers.hpp"

#include "simulator/dialect_requests.hpp"
#include "simulator/simulator_process.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace faults {

using namespace conclave;

namespace {

constexpr vendor_form forms[] = {
    {"openai", provider_kind::openai, "/v1"},
    {"openai-responses", provider_kind::openai_responses, "/v1"},
    {"anthropic", provider_kind::anthropic, ""},
    {"gemini", provider_kind::gemini, ""},
    {"openai", provider_kind::openai, "/v1", true},
    {"openai-responses", provider_kind::openai_responses, "/v1", true},
    {"anthropic", provider_kind::anthropic, "", true},
    {"gemini", provider_kind::gemini, "", true},
};

std::string ask_simulator(const simulator::simulator_process& vendor, const vendor_form& form,
                          const nlohmann::json& twist) {
    nlohmann::json scenario = {
        {"text", "Hello, wide world"}, {"chunks", 4}, {"tokens_in", 45}, {"tokens_out", 67}};
    scenario.update(twist);
    simulator::script(vendor, form.target, scenario);
    for (const auto& dialect : simulator::all_dialects) {
        if (dialect.target == form.target) {
            auto document = simulator::request_document(form.target, "Hello", form.streams);
            if (form.streams && form.target == "openai") {
                document["stream_options"]["include_usage"] = true;
            }
            return simulator::post(vendor, form.streams ? dialect.stream_path : dialect.path,
                                   document)
                .body;
        }
    }
    throw std::runtime_error("the simulator has no vendor " + std::string(form.target));
}

std::size_t end_of_first_piece(const std::string& body) {
    const auto piece = body.find("Hell\"");
    const auto lf = body.find("\n\n", piece);
    const auto crlf = body.find("\r\n\r\n", piece);
    return crlf < lf ? crlf + 4 : lf + 2;
}

std::string bill_of(const spend_attempt& a) {
    const auto cost = a.cost ? *a.cost : money{};
    const std::string word = a.billable ? "billed" : "spent";
    switch (a.basis) {
        case cost_basis::exposure: return "exposed";
        case cost_basis::estimated: return word + " about";
        case cost_basis::known:
        case cost_basis::reported: break;
    }
    return cost == money{} ? "free" : word + " " + cost.to_usd_string();
}

std::string verdict_of(const std::vector<spend_attempt>& newest_first,
                       const std::string& error_code) {
    std::string out;
    for (auto a = newest_first.rbegin(); a != newest_first.rend(); ++a) {
        const bool is_last = a + 1 == newest_first.rend();
        out.append(out.empty() ? "" : "; ").append(a->attempt_class);
        out.append(is_last && !error_code.empty() ? " " + error_code : "");
        out.append(", ").append(bill_of(*a));
    }
    return out;
}

std::string broken_invariants(const gateway& gw) {
    std::string out;
    const auto report = gw.check().value();
    for (const auto& invariant : report.invariants) {
        out += invariant.ok ? "" : invariant.name + " ";
    }
    return out;
}

std::string detail(const error& e, std::string_view key) {
    for (const auto& d : e.details) {
        if (const auto* text = std::get_if<std::string>(&d.value); text && d.key == key) {
            return *text;
        }
    }
    return {};
}

void take(const result<reply>& answer, outcome& out, std::string& error_code) {
    if (answer) {
        out.text = answer->message.content;
        return;
    }
    out.error = to_string(answer.error().code);
    error_code = detail(answer.error(), "error_code");
}

// Looks on from beginning to end.
result<reply> watch(message_stream stream, std::string& shown,
                    const std::function<void()>& on_text) {
    while (auto event = stream.next()) {
        if (event->type == stream_event_type::delta) {
            shown += event->text;
            if (on_text) {
                on_text();
            }
        }
        if (event->reply) {
            return *std::move(event->reply);
        }
        if (event->error) {
            return *std::move(event->error);
        }
    }
    throw std::runtime_error("the stream ended without done or error");
}

new_provider provider_of(const vendor_form& form, const std::string& base_url, patience how) {
    return {.name = "vendor",
            .kind = form.kind,
            .base_url = base_url + std::string(form.path),
            .api_key = "key",
            .policy = {.first_byte_timeout_ms = how.attempt_timeout_ms,
                       .attempt_timeout_ms = how.attempt_timeout_ms,
                       .retries = how.retries,
                       .base_delay_ms = 10,
                       .jitter = jitter_mode::none},
            .default_model = "m"};
}

}  // namespace

std::string good_answer::head(std::string_view status) const {
    return "HTTP/1.1 " + std::string(status) + "\r\ncontent-type: " + type() + "\r\n";
}

std::string good_answer::response(std::string_view content) const {
    return head() + "content-length: " + std::to_string(content.size()) + "\r\n\r\n" +
           std::string(content);
}

std::string good_answer::chunked_head() const {
    return head() + "transfer-encoding: chunked\r\n\r\n";
}

std::string good_answer::chunk(std::string_view content) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", content.size());
    return std::string(size).append(content).append("\r\n");
}

std::vector<std::pair<vendor_form, good_answer>> good_answers() {
    const simulator::simulator_process vendor({"--no-quirks"});
    std::vector<std::pair<vendor_form, good_answer>> out;
    for (const auto& form : forms) {
        good_answer answer;
        answer.streams = form.streams;
        answer.body = ask_simulator(vendor, form, nlohmann::json::object());
        answer.without_usage = ask_simulator(vendor, form, {{"omit", {"usage"}}});
        answer.failure = ask_simulator(vendor, form, {{"error_after_events", 0}});
        answer.shown = form.streams ? end_of_first_piece(answer.body) : 0;
        out.emplace_back(form, std::move(answer));
    }
    return out;
}

namespace {

gateway open_gateway(const vendor_form& form, const std::string& base_url, patience how) {
    open_options options;
    options.providers = {provider_of(form, base_url, how)};
    options.prices = {{.provider = "vendor", .usd_per_1k_tokens = "0.002"}};
    return gateway::open(":memory:", std::move(options)).value();
}

}  // namespace

paying_caller::paying_caller(const vendor_form& form, const std::string& base_url, patience how)
    : streams_(form.streams),
      gateway_(open_gateway(form, base_url, how)),
      tenant_(gateway_.tenant(gateway_.tenants().create({.name = "Acme"}).value().id)) {
    const auto agent = tenant_.agents().create({.name = "A", .primary = "vendor"}).value();
    session_ = tenant_.sessions().create({.agent_id = agent.id, .customer_id = "c"}).value().id;
}

outcome paying_caller::send(const std::string& key, const std::function<void()>& on_text) {
    using std::chrono::steady_clock;
    const send_request request{.session_id = session_, .content = "Hello", .idempotency_key = key};
    outcome out;
    std::string error_code;
    const auto start = steady_clock::now();
    if (streams_) {
        std::string shown;
        take(watch(tenant_.messages().stream(request).value(), shown, on_text), out, error_code);
        out.text = shown;
    } else {
        take(tenant_.messages().send(request), out, error_code);
    }
    out.took_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start).count();
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::days one(1);
    const auto spend = tenant_.usage().spend(today - one, today + one, {.limit = 100}).value();
    out.verdict = verdict_of(spend.attempts, error_code);
    out.broken_invariants = broken_invariants(gateway_);
    return out;
}

}  // namespace faults
