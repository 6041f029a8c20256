// The vendor simulator seen from outside: shapes, scenarios on the wire, habits, journal.
#include "simulator/simulator_process.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using nlohmann::json;
using simulator::loopback_connection;
using simulator::simulator_process;
using simulator::wire_answer;

constexpr auto chat_path = "/v1/chat/completions";
constexpr auto a_path = "/vendor-a/generate";
constexpr auto b_path = "/vendor-b/complete";

std::string chat(const std::string& content) {
    return json{{"model", "gpt-4o-mini"},
                {"messages",
                 {{{"role", "system"}, {"content", "Be brief."}},
                  {{"role", "user"}, {"content", content}}}}}
        .dump();
}

// Makes `scenario` the only one of the OpenAI vendor; the next request is answered correctly.
void script(const simulator_process& vendor, const json& scenario) {
    vendor.control(json{
        {"target", "openai"}, {"scenarios", json::array({scenario})}, {"default", json::object()}}
                       .dump());
}

wire_answer ask(const simulator_process& vendor, const std::string& content = "Hello") {
    return loopback_connection(vendor.port()).request("POST", chat_path, chat(content));
}

std::int64_t ms_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start)
        .count();
}

}  // namespace

TEST_CASE("each vendor answers in its own shape") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());

    const auto body = chat("Hello");
    const auto openai = wire.request("POST", chat_path, body);
    REQUIRE(openai.status == 200);
    const auto chat_answer = json::parse(openai.body);
    CHECK(chat_answer["model"] == "gpt-4o-mini");
    CHECK(chat_answer["choices"][0]["message"]["content"] == "You said: Hello");
    CHECK(chat_answer["choices"][0]["finish_reason"] == "stop");
    CHECK(chat_answer["usage"]["prompt_tokens"] == (body.size() + 3) / 4);
    CHECK(chat_answer["usage"]["completion_tokens"] == 4);
    CHECK(wire.request("POST", "/openai/v1/chat/completions", body).status == 200);
    CHECK(json::parse(wire.request("GET", "/v1/models").body)["data"][0]["object"] == "model");

    const auto a = wire.request("POST", a_path, R"({"model":"m","prompt":"Hi"})");
    CHECK(
        json::parse(a.body) ==
        json{{"outputText", "You said: Hi"}, {"tokensIn", 7}, {"tokensOut", 3}, {"latencyMs", 0}});
    const auto b = wire.request("POST", b_path, R"({"input":[{"role":"user","content":"Hi"}]})");
    CHECK(json::parse(b.body) == json{{"choices", {{{"message", {{"content", "You said: Hi"}}}}}},
                                      {"usage", {{"input_tokens", 11}, {"output_tokens", 3}}}});
}

TEST_CASE("a connection is kept alive, and given up when the client asks") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());
    for (int i = 0; i < 3; ++i) {
        REQUIRE(wire.request("POST", chat_path, chat("Hello")).status == 200);
    }
    const auto last = wire.request("POST", chat_path, chat("Hello"), "connection: close\r\n");
    CHECK(last.complete);
    CHECK(wire.read_to_end().empty());

    REQUIRE(ask(vendor).status == 200);
    const auto journal = json::parse(vendor.journal_text());
    REQUIRE(journal.size() == 5);
    CHECK(journal[0]["connection_id"] == journal[3]["connection_id"]);
    CHECK(journal[0]["connection_id"] != journal[4]["connection_id"]);
}

TEST_CASE("two requests in one packet and one request byte by byte are both understood") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());
    const std::string get = "GET /_health HTTP/1.1\r\nhost: x\r\n\r\n";
    wire.send(get + get);
    CHECK(wire.receive().status == 200);
    CHECK(wire.receive().status == 200);
    const auto body = chat("Hello");
    const auto post = "POST " + std::string(chat_path) + " HTTP/1.1\r\nX-Request-Id: r1\r\n" +
                      "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (const char byte : post) {
        wire.send({&byte, 1});
    }
    CHECK(wire.receive().status == 200);
    CHECK(json::parse(vendor.journal_text())[0]["headers"]["x-request-id"] == "r1");
}

TEST_CASE("scenarios are used in order, then the default for ever") {
    const simulator_process vendor;
    vendor.control(R"({"target":"*","scenarios":[{"status":500},{"status":503}],
                       "default":{"text":"ok","tokens_in":45,"tokens_out":67}})");
    loopback_connection wire(vendor.port());
    for (const auto* path : {chat_path, a_path, b_path}) {
        const auto body = R"({"model":"m","messages":[{"role":"user","content":"x"}],"input":"x"})";
        CHECK(wire.request("POST", path, body).status == 500);
        CHECK(wire.request("POST", path, body).status == 503);
        CHECK(wire.request("POST", path, body).status == 200);
    }
    const auto a = wire.request("POST", a_path, R"({"prompt":"x"})");
    CHECK(json::parse(a.body)["tokensIn"] == 45);
    CHECK(json::parse(a.body)["tokensOut"] == 67);
    CHECK(json::parse(a.body)["outputText"] == "ok");

    vendor.control(R"({"target":"vendor-a","default":{"status":418}})");
    CHECK(wire.request("POST", a_path, R"({"prompt":"x"})").status == 418);
    CHECK(wire.request("POST", b_path, R"({"input":"x"})").status == 200);
}

TEST_CASE("errors have each vendor's own shape and delay") {
    const simulator_process vendor;
    vendor.control(R"({"target":"*","default":{"status":429,"retry_after_ms":700,"text":"slow"}})");
    loopback_connection wire(vendor.port());
    const auto openai = wire.request("POST", chat_path, chat("Hello"));
    CHECK(openai.status == 429);
    CHECK(openai.head.find("retry-after-ms: 700\r\n") != std::string::npos);
    CHECK(json::parse(openai.body)["error"]["code"] == "rate_limit_exceeded");
    const auto b = wire.request("POST", b_path, R"({"input":"x"})");
    CHECK(b.head.find("retry-after") == std::string::npos);
    CHECK(json::parse(b.body) ==
          json{{"error", {{"type", "rate_limited"}, {"message", "slow"}, {"retryAfterMs", 700}}}});
    vendor.control(R"({"target":"vendor-a","default":{"status":500}})");
    const auto a = wire.request("POST", a_path, R"({"prompt":"x"})");
    CHECK(json::parse(a.body) ==
          json{{"error", {{"code", "INTERNAL"}, {"message", "Internal Server Error"}}}});
}

TEST_CASE("body, headers and retry_after are sent as given") {
    const simulator_process vendor;
    script(vendor, {{"status", 503},
                    {"body", "<html>"},
                    {"headers", {{"Content-Type", "text/html"}, {"X-Should-Retry", "false"}}},
                    {"retry_after", 2}});
    const auto answer = ask(vendor);
    CHECK(answer.status == 503);
    CHECK(answer.body == "<html>");
    CHECK(answer.head.find("content-type: text/html\r\n") != std::string::npos);
    CHECK(answer.head.find("application/json") == std::string::npos);
    CHECK(answer.head.find("x-should-retry: false\r\n") != std::string::npos);
    CHECK(answer.head.find("retry-after: 2\r\n") != std::string::npos);
}

TEST_CASE("latency delays the answer and is reported") {
    const simulator_process vendor;
    vendor.control(R"({"target":"vendor-a","default":{"latency_ms":80}})");
    const auto start = std::chrono::steady_clock::now();
    const auto answer =
        loopback_connection(vendor.port()).request("POST", a_path, R"({"prompt":"x"})");
    CHECK(ms_since(start) >= 80);
    CHECK(json::parse(answer.body)["latencyMs"] == 80);
}

TEST_CASE("drop before_read closes unread, unjournalled, and uses up the scenario") {
    const simulator_process vendor;
    script(vendor, {{"drop", "before_read"}});
    loopback_connection wire(vendor.port());
    wire.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 100\r\n\r\n");
    CHECK(wire.receive().status == 0);
    CHECK(vendor.count("openai") == 0);
    const auto health = loopback_connection(vendor.port()).request("GET", "/_health");
    CHECK(json::parse(health.body)["dropped_before_read"] == 1);
    CHECK(ask(vendor).status == 200);
}

TEST_CASE("drop after_request closes without a byte and is journalled") {
    const simulator_process vendor;
    script(vendor, {{"drop", "after_request"}});
    const auto answer = ask(vendor);
    CHECK(answer.head.empty());
    CHECK_FALSE(answer.reset);
    const auto entry = json::parse(vendor.journal_text()).at(0);
    CHECK(entry["fault"] == "after_request");
    CHECK(entry["answered_status"].is_null());
}

TEST_CASE("reset ends with RST") {
    const simulator_process vendor;
    script(vendor, {{"reset", true}});
    const auto answer = ask(vendor);
    CHECK(answer.head.empty());
    CHECK(answer.reset);
    CHECK(vendor.count("openai") == 1);
}

TEST_CASE("drop mid_headers cuts inside the header block") {
    const simulator_process vendor;
    script(vendor, {{"drop", "mid_headers"}});
    const auto answer = ask(vendor);
    CHECK(answer.status == 0);
    CHECK(answer.head.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
}

TEST_CASE("drop mid_body and truncate_body announce more than they send") {
    const simulator_process vendor;
    script(vendor, {{"drop", "mid_body"}, {"body", "0123456789"}});
    const auto half = ask(vendor);
    CHECK(half.status == 200);
    CHECK(half.body == "01234");
    CHECK_FALSE(half.complete);

    script(vendor, {{"truncate_body", 3}, {"body", "0123456789"}});
    const auto cut = ask(vendor);
    CHECK(cut.head.find("content-length: 10\r\n") != std::string::npos);
    CHECK(cut.body == "012");
    CHECK_FALSE(cut.complete);

    script(vendor, {{"truncate_body", 4}, {"body", "0123456789"}, {"chunked", true}});
    CHECK_FALSE(ask(vendor).complete);
}

TEST_CASE("malformed is a whole answer that is not JSON") {
    const simulator_process vendor;
    script(vendor, {{"malformed", true}});
    const auto answer = ask(vendor);
    CHECK(answer.status == 200);
    CHECK(answer.complete);
    CHECK_FALSE(json::accept(answer.body));
}

TEST_CASE("hang never answers and leaves with the client") {
    const simulator_process vendor;
    script(vendor, {{"hang", true}});
    {
        loopback_connection wire(vendor.port());
        wire.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}");
        CHECK(wire.receive().status == 400);  // not a readable request: the scenario is kept
    }
    loopback_connection wire(vendor.port());
    const auto body = chat("Hello");
    wire.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK_FALSE(wire.readable(100));
    CHECK(ask(vendor).status == 200);
}

TEST_CASE("chunked answers are whole, trailing garbage follows a whole answer") {
    const simulator_process vendor;
    script(vendor, {{"chunked", true}, {"text", std::string(1000, 'x')}});
    const auto chunked = ask(vendor);
    CHECK(chunked.head.find("transfer-encoding: chunked\r\n") != std::string::npos);
    CHECK(chunked.head.find("content-length") == std::string::npos);
    CHECK(chunked.complete);
    CHECK(json::parse(chunked.body)["choices"][0]["message"]["content"] == std::string(1000, 'x'));

    script(vendor, {{"trailing_garbage", true}});
    loopback_connection wire(vendor.port());
    CHECK(json::accept(wire.request("POST", chat_path, chat("Hello")).body));
    wire.send("GET /_health HTTP/1.1\r\nconnection: close\r\n\r\n");
    CHECK(wire.read_to_end().rfind("TRAILING GARBAGE\r\nHTTP/1.1 200", 0) == 0);
}

TEST_CASE("a request the vendor cannot read is 400 and says why") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());
    const auto refusal = [&](const char* path, const char* body) {
        const auto answer = wire.request("POST", path, body);
        CHECK(answer.status == 400);
        return json::parse(answer.body)["error"]["message"].get<std::string>();
    };
    CHECK(refusal(chat_path, "nonsense").find("JSON object") != std::string::npos);
    CHECK(refusal(chat_path, R"({"messages":[]})").find("model") != std::string::npos);
    CHECK(refusal(chat_path, R"({"model":"m"})").find("messages") != std::string::npos);
    CHECK(refusal(a_path, "{}").find("prompt") != std::string::npos);
    CHECK(refusal(b_path, R"({"input":[]})").find("input") != std::string::npos);
    CHECK(wire.request("GET", chat_path).status == 405);
    CHECK(wire.request("POST", "/v1/other", "{}").status == 404);
}

namespace {

// Statuses and reported latencies of the first 400 requests; slow ones are not waited for.
std::string habits_of(const simulator_process& vendor) {
    loopback_connection wire(vendor.port());
    std::string out;
    for (int i = 0; i < 400; ++i) {
        out += wire.request("POST", b_path, R"({"input":"x"})").body + '\n';
    }
    return out;
}

std::size_t occurrences(const std::string& text, const std::string& of) {
    std::size_t count = 0;
    for (auto at = text.find(of); at != text.npos; at = text.find(of, at + of.size())) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("habits are fixed by the seed and the request number") {
    const simulator_process seven({"--seed", "7"}), again({"--seed", "7"}), eight({"--seed", "8"});
    const auto first = habits_of(seven);
    CHECK(first == habits_of(again));
    CHECK(first != habits_of(eight));
    seven.reset();
    CHECK(first == habits_of(seven));
    const auto limited = occurrences(first, "retryAfterMs");
    CHECK(limited > 20);  // 10 % of 400, four standard deviations either way
    CHECK(limited < 65);

    const simulator_process calm({"--seed", "7", "--no-quirks"});
    CHECK(occurrences(habits_of(calm), "retryAfterMs") == 0);
}

TEST_CASE("vendor A sometimes fails and is sometimes slower than two seconds") {
    const simulator_process vendor({"--seed", "7"});
    int failed = 0;
    int slow = 0;
    const std::string body = R"({"prompt":"x"})";
    const auto post = "POST " + std::string(a_path) +
                      " HTTP/1.1\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
                      body;
    for (int i = 0; i < 100 && slow == 0; ++i) {
        const auto start = std::chrono::steady_clock::now();
        loopback_connection wire(vendor.port());
        wire.send(post);
        const auto answer = wire.receive();
        failed += answer.status == 500 ? 1 : 0;
        if (answer.status == 200 && json::parse(answer.body)["latencyMs"] > 2000) {
            ++slow;
            CHECK(ms_since(start) > 2000);
        }
    }
    CHECK(failed > 0);
    CHECK(slow == 1);
}

TEST_CASE("the journal holds what was received, without secrets") {
    const simulator_process vendor({"--no-quirks"});
    const auto body = chat("key-\"1\"");
    loopback_connection(vendor.port())
        .request("POST", std::string(chat_path) + "?x=1", body,
                 "Authorization: Bearer sk-secret\r\nIdempotency-Key: k1\r\n");
    const auto text = vendor.journal_text();
    CHECK(text.find("sk-secret") == std::string::npos);
    auto entry = json::parse(text).at(0);
    CHECK(entry["at_ms"].is_number_unsigned());
    entry.erase("at_ms");
    CHECK(entry == json{{"n", 1},
                        {"target", "openai"},
                        {"number", 1},
                        {"method", "POST"},
                        {"path", chat_path},
                        {"headers",
                         {{"authorization", "Bearer ***"},
                          {"idempotency-key", "k1"},
                          {"x-request-id", nullptr}}},
                        {"body", body},
                        {"last_user_content", "key-\"1\""},
                        {"model", "gpt-4o-mini"},
                        {"stream", false},
                        {"turns", 2},
                        {"tools", 0},
                        {"tool_results", json::array()},
                        {"answered_status", 200},
                        {"fault", "none"},
                        {"tokens_in", (body.size() + 3) / 4},
                        {"tokens_out", 5},
                        {"connection_id", 1}});
    CHECK(vendor.count("openai") == 1);
    CHECK(vendor.count("vendor-b") == 0);
    vendor.reset();
    CHECK(vendor.journal_text() == "[]");
    CHECK(vendor.count("openai") == 0);
}

TEST_CASE("the journal file has the line before the answer, also in a killed simulator") {
    const auto path = (std::filesystem::temp_directory_path() /
                       ("simulator-journal-" + std::to_string(::getpid())))
                          .string();
    const auto lines = [&] {
        std::ostringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    };
    {
        const simulator_process vendor({"--no-journal", "--no-quirks", "--journal-file", path});
        CHECK(ask(vendor, "key \"1\"\n").status == 200);
        script(vendor, {{"hang", true}});
        loopback_connection wire(vendor.port());
        const auto body = chat("key 2");
        wire.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
        while (vendor.count("openai") < 2) {
            std::this_thread::yield();
        }
        ::kill(vendor.pid(), SIGKILL);
    }
    CHECK(lines() == "1\topenai\t\"key \\\"1\\\"\\n\"\t0\n2\topenai\t\"key 2\"\t0\n");
    {
        const simulator_process vendor({"--journal-file", path});
        vendor.reset();
        CHECK(lines().empty());
    }
    std::filesystem::remove(path);
}

TEST_CASE("without a journal requests are only counted") {
    const simulator_process vendor({"--no-journal", "--no-quirks"});
    loopback_connection wire(vendor.port());
    const auto answer = json::parse(wire.request("POST", chat_path, chat("Hello")).body);
    CHECK(answer["model"] == "gpt-4o-mini");
    CHECK(wire.request("POST", chat_path, "nonsense").status == 200);
    CHECK(vendor.journal_text() == "[]");
    CHECK(vendor.count("openai") == 2);
}

TEST_CASE("several threads lose no request") {
    const simulator_process vendor({"--threads", "2", "--no-quirks"});
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&] {
            loopback_connection wire(vendor.port());
            for (int n = 0; n < 250; ++n) {
                wire.request("POST", chat_path, chat("Hello"));
            }
        });
    }
    for (auto& client : clients) {
        client.join();
    }
    CHECK(vendor.count("openai") == 1000);
    CHECK(json::parse(vendor.journal_text()).back()["n"] == 1000);
}
