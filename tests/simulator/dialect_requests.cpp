// Writes requests and reads streams by the vendors' documented shapes.
#include "simulator/dialect_requests.hpp"

namespace simulator {

using nlohmann::json;

namespace {

json tool_document(std::string_view target, const json& tool) {
    if (target == "openai") {
        return {{"type", "function"}, {"function", tool}};
    }
    if (target == "openai-responses") {
        auto out = tool;
        out["type"] = "function";
        return out;
    }
    return {{"name", tool["name"]}, {"input_schema", tool["parameters"]}};
}

}  // namespace

json request_document(std::string_view target, const std::string& content, bool streams,
                      const json& tools) {
    if (target == "gemini") {
        json out = {{"contents", {{{"role", "user"}, {"parts", {{{"text", content}}}}}}}};
        if (!tools.empty()) {
            out["tools"] = {{{"functionDeclarations", tools}}};
        }
        return out;
    }
    const json messages = {{{"role", "user"}, {"content", content}}};
    json out = {{"model", "m"}, {target == "openai-responses" ? "input" : "messages", messages}};
    if (target == "anthropic") {
        out["max_tokens"] = 100;
    }
    if (streams) {
        out["stream"] = true;
    }
    for (const auto& tool : tools) {
        out["tools"].push_back(tool_document(target, tool));
    }
    return out;
}

wire_answer post(const simulator_process& vendor, std::string_view path, const json& document) {
    return loopback_connection(vendor.port())
        .request("POST", path, document.dump(), "anthropic-version: 2023-06-01\r\n");
}

wire_answer ask(const simulator_process& vendor, const vendor_under_test& whom, bool streams,
                const std::string& content) {
    return post(vendor, streams ? whom.stream_path : whom.path,
                request_document(whom.target, content, streams));
}

void script(const simulator_process& vendor, std::string_view target, const json& scenario) {
    vendor.control(json{
        {"target", target}, {"scenarios", json::array({scenario})}, {"default", json::object()}}
                       .dump());
}

std::vector<stream_event> events_of(const std::string& body, std::string_view newline) {
    std::vector<stream_event> out;
    stream_event event;
    std::size_t begin = 0;
    for (auto end = body.find(newline); end != body.npos; end = body.find(newline, begin)) {
        const auto line = body.substr(begin, end - begin);
        begin = end + newline.size();
        if (line.empty()) {
            out.push_back(std::move(event));
            event = {};
        } else if (line.rfind("event: ", 0) == 0) {
            event.name = line.substr(7);
        } else if (line.rfind("data: ", 0) == 0) {
            event.data = line.substr(6);
        }
    }
    return out;
}

std::string streamed_text(std::string_view target, const std::string& body) {
    std::string out;
    for (const auto& event : events_of(body, target == "gemini" ? "\r\n" : "\n")) {
        if (event.data == "[DONE]") {
            continue;
        }
        const auto document = event.document();
        const auto text = [&](const char* pointer) {
            const json::json_pointer at(pointer);
            const auto& found = document.contains(at) ? document[at] : json();
            return found.is_string() ? found.get<std::string>() : std::string();
        };
        if (target == "openai") {
            out += text("/choices/0/delta/content");
        } else if (target == "gemini") {
            out += text("/candidates/0/content/parts/0/text");
        } else if (target == "anthropic") {
            out += text("/delta/text");
        } else if (event.name == "response.output_text.delta") {
            out += text("/delta");
        }
    }
    return out;
}

}  // namespace simulator
