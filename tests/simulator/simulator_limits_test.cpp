// The vendor simulator's limits, each at the limit and one past it, and refused control documents.
#include "simulator/limits.hpp"
#include "simulator/simulator_process.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>
#include <utility>

namespace {

using nlohmann::json;
using simulator::loopback_connection;
using simulator::simulator_process;

constexpr auto chat_path = "/v1/chat/completions";

std::string chat_of_size(std::size_t bytes) {
    const std::string head = R"({"model":"m","messages":[{"role":"user","content":")";
    const std::string tail = R"("}]})";
    return head + std::string(bytes - head.size() - tail.size(), 'x') + tail;
}

int control_status(const simulator_process& vendor, const std::string& document) {
    return loopback_connection(vendor.port()).request("POST", "/_control", document).status;
}

}  // namespace

TEST_CASE("a body past the limit is 413, announced or chunked") {
    const simulator_process vendor({"--no-quirks"});
    constexpr auto most = simulator::request_body_bytes_max;
    const auto post = [&](std::size_t bytes) {
        return loopback_connection(vendor.port()).request("POST", chat_path, chat_of_size(bytes));
    };
    CHECK(post(most).status == 200);
    const auto refused = post(most + 1);
    CHECK(refused.status == 413);
    CHECK(refused.complete);

    const auto post_chunked = [&](std::size_t bytes) {
        char size[20];
        std::snprintf(size, sizeof size, "%zx\r\n", bytes);
        loopback_connection wire(vendor.port());
        wire.send("POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" +
                  std::string(size) + chat_of_size(bytes) + "\r\n0\r\n\r\n");
        return wire.receive().status;
    };
    CHECK(post_chunked(most) == 200);
    CHECK(post_chunked(most + 1) == 413);
    CHECK(vendor.count("openai") == 2);
}

TEST_CASE("headers past the limits are 431") {
    const simulator_process vendor;
    const auto get = [&](const std::string& headers) {
        loopback_connection wire(vendor.port());
        wire.send("GET /_health HTTP/1.1\r\n" + headers + "\r\n");
        return wire.receive().status;
    };
    std::string lines;
    for (std::size_t i = 0; i < simulator::request_headers_max; ++i) {
        lines += "x-h: 1\r\n";
    }
    CHECK(get(lines) == 200);
    CHECK(get(lines + "x-h: 1\r\n") == 431);

    const auto room = simulator::request_header_bytes_max - std::string("/_healthx").size();
    CHECK(get("x: " + std::string(room, 'v') + "\r\n") == 200);
    CHECK(get("x: " + std::string(room + 1, 'v') + "\r\n") == 431);
}

TEST_CASE("what is not HTTP is 400") {
    const simulator_process vendor;
    loopback_connection wire(vendor.port());
    wire.send("nonsense\r\n\r\n");
    CHECK(wire.receive().status == 400);
    CHECK(wire.read_to_end().empty());
}

TEST_CASE("the journal in memory is bounded, the count is not") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());
    constexpr auto most = simulator::journal_entries_max;
    const auto body = chat_of_size(60);
    for (std::size_t i = 0; i < most; ++i) {
        REQUIRE(wire.request("POST", chat_path, body).status == 200);
    }
    auto journal = json::parse(vendor.journal_text());
    CHECK(journal.size() == most);
    CHECK(journal.front()["n"] == 1);
    wire.request("POST", chat_path, body);
    journal = json::parse(vendor.journal_text());
    CHECK(journal.size() == most);
    CHECK(journal.front()["n"] == 2);
    CHECK(vendor.count("openai") == most + 1);
}

TEST_CASE("the journal in memory is bounded in bytes") {
    const simulator_process vendor({"--no-quirks"});
    constexpr auto most = simulator::journal_body_bytes_max;
    constexpr auto big = simulator::request_body_bytes_max;
    static_assert(most % big == 0);
    loopback_connection wire(vendor.port());
    for (std::size_t i = 0; i < most / big; ++i) {
        REQUIRE(wire.request("POST", chat_path, chat_of_size(big)).status == 200);
    }
    const auto entries = [&] {
        const auto text = vendor.journal_text();
        std::size_t count = 0;
        for (auto at = text.find("{\"n\":"); at != text.npos; at = text.find("{\"n\":", at + 1)) {
            ++count;
        }
        return count;
    };
    CHECK(entries() == most / big);
    wire.request("POST", chat_path, chat_of_size(60));
    CHECK(entries() == most / big);
}

TEST_CASE("a bad control document is 400, names the field and changes nothing") {
    const simulator_process vendor;
    vendor.control(R"({"target":"*","default":{"status":418}})");
    const std::pair<const char*, const char*> refused[] = {
        {"nonsense", "$"},
        {"[]", "$"},
        {"{}", "target"},
        {R"({"target":"vendor-c"})", "target"},
        {R"({"target":"*","other":1})", "other"},
        {R"({"target":"*","scenarios":{}})", "scenarios"},
        {R"({"target":"*","scenarios":[{},1]})", "scenarios[1]"},
        {R"({"target":"*","default":[]})", "default"},
        {R"({"target":"*","default":{"satus":200}})", "default.satus"},
        {R"({"target":"*","default":{"status":199}})", "default.status"},
        {R"({"target":"*","default":{"status":600}})", "default.status"},
        {R"({"target":"*","default":{"status":"200"}})", "default.status"},
        {R"({"target":"*","default":{"latency_ms":-1}})", "default.latency_ms"},
        {R"({"target":"*","default":{"latency_ms":1.5}})", "default.latency_ms"},
        {R"({"target":"*","default":{"latency_ms":1000000001}})", "default.latency_ms"},
        {R"({"target":"*","default":{"tokens_in":18446744073709551615}})", "default.tokens_in"},
        {R"({"target":"*","default":{"tokens_out":-1}})", "default.tokens_out"},
        {R"({"target":"*","default":{"text":1}})", "default.text"},
        {R"({"target":"*","default":{"body":{}}})", "default.body"},
        {R"({"target":"*","default":{"body":"x","text":"y"}})", "default.body"},
        {R"({"target":"*","default":{"body":"x","malformed":true}})", "default.body"},
        {R"({"target":"*","default":{"headers":[]}})", "default.headers"},
        {R"({"target":"*","default":{"headers":{"x":1}}})", "default.headers.x"},
        {R"({"target":"*","default":{"headers":{"x y":"1"}}})", "default.headers.x y"},
        {R"({"target":"*","default":{"headers":{"x":"1\r\ny: 2"}}})", "default.headers.x"},
        {R"({"target":"*","default":{"headers":{"Content-Length":"1"}}})",
         "default.headers.Content-Length"},
        {R"({"target":"*","default":{"retry_after":[]}})", "default.retry_after"},
        {R"({"target":"*","default":{"retry_after_ms":"1"}})", "default.retry_after_ms"},
        {R"({"target":"*","default":{"drop":"later"}})", "default.drop"},
        {R"({"target":"*","default":{"drop":true}})", "default.drop"},
        {R"({"target":"*","default":{"truncate_body":true}})", "default.truncate_body"},
        {R"({"target":"*","default":{"hang":1}})", "default.hang"},
        {R"({"target":"*","default":{"hang":true,"reset":true}})", "default.reset"},
        {R"({"target":"*","default":{"malformed":"yes"}})", "default.malformed"},
        {R"({"target":"*","default":{"trailing_garbage":0}})", "default.trailing_garbage"},
        {R"({"target":"*","default":{"chunked":null}})", "default.chunked"},
        {R"({"target":"*","default":{"thinking":1}})", "default.thinking"},
        {R"({"target":"*","default":{"tool_calls":{}}})", "default.tool_calls"},
        {R"({"target":"*","default":{"tool_calls":[{}]}})", "default.tool_calls[0]"},
        {R"({"target":"*","default":{"tool_calls":[{"name":1}]}})", "default.tool_calls[0].name"},
        {R"({"target":"*","default":{"tool_calls":[{"name":"t","input":{}}]}})",
         "default.tool_calls[0].input"},
        {R"({"target":"*","default":{"body":"x","tool_calls":[{"name":"t"}]}})", "default.body"},
        {R"({"target":"*","default":{"json":1,"text":"x"}})", "default.json"},
        {R"({"target":"*","default":{"cached_tokens_in":-1}})", "default.cached_tokens_in"},
        {R"({"target":"*","default":{"finish":"end_turn"}})", "default.finish"},
        {R"({"target":"*","default":{"omit":"usage"}})", "default.omit"},
        {R"({"target":"*","default":{"omit":["usage","text"]}})", "default.omit[1]"},
        {R"({"target":"*","default":{"endless":1}})", "default.endless"},
        {R"({"target":"*","default":{"chunks":-1}})", "default.chunks"},
        {R"({"target":"*","default":{"stall_ms":1000000001}})", "default.stall_ms"},
        {R"({"target":"*","default":{"error_status":399}})", "default.error_status"},
        {R"({"target":"*","default":{"body":"x","error_after_events":1}})", "default.body"},
        {R"({"target":"*","default":{"drop_after_events":1,"truncate_body":1}})",
         "default.truncate_body"},
        {R"({"target":"*","default":{"end_by":"close"}})", "default.end_by"},
        {R"({"target":"*","default":{"hang":true,"end_by":"close"}})", "default.end_by"},
        {R"({"target":"*","default":{"drop":"mid_body","end_by":"fin"}})", "default.end_by"},
    };
    loopback_connection wire(vendor.port());
    for (const auto& [document, field] : refused) {
        CAPTURE(document);
        const auto answer = wire.request("POST", "/_control", document);
        CHECK(answer.status == 400);
        CHECK(json::parse(answer.body)["error"]["field"] == field);
    }
    CHECK(wire.request("POST", chat_path, chat_of_size(60)).status == 418);
}

TEST_CASE("a control document holds a limited number of scenarios, and these of calls") {
    const simulator_process vendor;
    json document = {{"target", "openai"}, {"scenarios", json::array()}};
    for (std::size_t i = 0; i < simulator::scenarios_max; ++i) {
        document["scenarios"].push_back(json::object());
    }
    CHECK(control_status(vendor, document.dump()) == 200);
    document["scenarios"].push_back(json::object());
    CHECK(control_status(vendor, document.dump()) == 400);
    document = {{"target", "*"}, {"default", {{"tool_calls", json::array()}}}};
    for (std::size_t i = 0; i < simulator::scripted_calls_max; ++i) {
        document["default"]["tool_calls"].push_back({{"name", "t"}});
    }
    CHECK(control_status(vendor, document.dump()) == 200);
    document["default"]["tool_calls"].push_back({{"name", "t"}});
    CHECK(control_status(vendor, document.dump()) == 400);
    document = {{"target", "*"}, {"default", {{"latency_ms", simulator::scenario_number_max}}}};
    CHECK(control_status(vendor, document.dump()) == 200);
}
