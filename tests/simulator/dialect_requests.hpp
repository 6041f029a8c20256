// Requests in each vendor's own shape, and its streams taken apart, for the simulator's tests.
#pragma once

#include "simulator/loopback_connection.hpp"
#include "simulator/simulator_process.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// One vendor as tests address it.
struct vendor_under_test {
    std::string_view target;
    std::string_view path, stream_path;
};

inline constexpr vendor_under_test all_dialects[] = {
    {"openai", "/v1/chat/completions", "/v1/chat/completions"},
    {"openai-responses", "/v1/responses", "/v1/responses"},
    {"anthropic", "/v1/messages", "/v1/messages"},
    {"gemini", "/v1beta/models/m:generateContent",
     "/v1beta/models/m:streamGenerateContent?alt=sse"},
};

/// A request that asks `content` in the vendor's shape; `tools` are {name, parameters}.
nlohmann::json request_document(std::string_view target, const std::string& content,
                                bool streams = false,
                                const nlohmann::json& tools = nlohmann::json::array());

/// Sends `document` to `path` and returns the answer.
wire_answer post(const simulator_process& vendor, std::string_view path,
                 const nlohmann::json& document);
/// Asks `content` and returns the whole answer or stream.
wire_answer ask(const simulator_process& vendor, const vendor_under_test& whom, bool streams,
                const std::string& content = "Hello");

/// One server-sent event.
struct stream_event {
    std::string name;
    std::string data;
    nlohmann::json document() const { return nlohmann::json::parse(data); }
};

/// The events of a stream's body. `newline` is what ends its lines.
std::vector<stream_event> events_of(const std::string& body, std::string_view newline = "\n");

/// Makes `scenario` the only one of `target`; later requests are answered correctly.
void script(const simulator_process& vendor, std::string_view target,
            const nlohmann::json& scenario);

/// The visible words of all events of a stream.
std::string streamed_text(std::string_view target, const std::string& body);

}  // namespace simulator
