// Streams: each vendor's events in order, the pace they come at, and every way they go wrong.
#include "simulator/dialect_requests.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

namespace {

using nlohmann::json;
using namespace simulator;

constexpr auto& openai = all_dialects[0];
constexpr auto& responses = all_dialects[1];
constexpr auto& anthropic = all_dialects[2];
constexpr auto& gemini = all_dialects[3];

std::string newline_of(const vendor_under_test& dialect) {
    return dialect.target == "gemini" ? "\r\n" : "\n";
}

wire_answer stream(const simulator_process& vendor, const vendor_under_test& from,
                   const json& scenario) {
    script(vendor, from.target, scenario);
    return ask(vendor, from, true);
}

std::vector<stream_event> events(const vendor_under_test& dialect, const wire_answer& answer) {
    return events_of(answer.body, newline_of(dialect));
}

std::string names(const std::vector<stream_event>& list) {
    std::string out;
    for (const auto& event : list) {
        out += (out.empty() ? "" : " ") + event.name;
    }
    return out;
}

// A request whose answer is read by hand.
std::unique_ptr<loopback_connection> open_stream(const simulator_process& vendor,
                                                 const vendor_under_test& from) {
    auto wire = std::make_unique<loopback_connection>(vendor.port());
    const auto body = request_document(from.target, "Hello", true).dump();
    wire->send("POST " + std::string(from.stream_path) +
               " HTTP/1.1\r\nanthropic-version: 2023-06-01\r\ncontent-length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
    return wire;
}

std::int64_t health(const simulator_process& vendor, const char* member) {
    const auto answer = loopback_connection(vendor.port()).request("GET", "/_health");
    return json::parse(answer.body)[member].get<std::int64_t>();
}

std::int64_t ms_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start)
        .count();
}

const json two_calls = {
    {"thinking", "Hm."},
    {"text", "Wait."},
    {"tool_calls",
     {{{"name", "get_time"}, {"arguments", {{"zone", "Europe/Berlin"}}}}, {{"name", "ping"}}}},
    {"tokens_in", 100},
    {"tokens_out", 50},
    {"reasoning_tokens", 12}};

}  // namespace

TEST_CASE("each vendor's stream is whole and says what its answer says") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto answer = ask(vendor, dialect, true, "Grüße aus Köln, und guten Tag");
        CHECK(answer.status == 200);
        CHECK(answer.complete);
        CHECK(answer.head.find("content-type: text/event-stream") != std::string::npos);
        CHECK(streamed_text(dialect.target, answer.body) ==
              "You said: Grüße aus Köln, und guten Tag");
        const auto entry = json::parse(vendor.journal_text()).back();
        CHECK(entry["stream"] == true);
        CHECK(entry["answered_status"] == 200);
        CHECK(entry["tokens_out"] == 11);
    }
    CHECK(health(vendor, "open_streams") == 0);
}

TEST_CASE("OpenAI's stream tells usage only when asked, and ends with [DONE]") {
    const simulator_process vendor({"--no-quirks"});
    script(vendor, "openai", two_calls);
    auto list = events(openai, ask(vendor, openai, true));
    CHECK(list.back().data == "[DONE]");
    CHECK(list.front().document()["choices"][0]["delta"]["role"] == "assistant");
    std::string arguments, thinking;
    for (const auto& event : list) {
        CHECK(event.data.find("usage") == std::string::npos);
        if (event.data == "[DONE]") {
            continue;
        }
        const auto delta = event.document()["choices"][0]["delta"];
        thinking += delta.value("reasoning_content", "");
        for (const auto& call : delta.value("tool_calls", json::array())) {
            if (call["index"] == 0) {
                arguments += call["function"]["arguments"].get<std::string>();
            }
        }
    }
    CHECK(thinking == "Hm.");
    CHECK(arguments == R"({"zone":"Europe/Berlin"})");
    CHECK(list[list.size() - 2].document()["choices"][0]["finish_reason"] == "tool_calls");

    script(vendor, "openai", two_calls);
    auto document = request_document("openai", "Hello", true);
    document["stream_options"]["include_usage"] = true;
    list = events(openai, post(vendor, openai.path, document));
    const auto usage = list[list.size() - 2].document();
    CHECK(usage["choices"].empty());
    CHECK(usage["usage"]["total_tokens"] == 150);
    CHECK(list[0].document()["usage"].is_null());
}

TEST_CASE("a response's events are named, numbered and end with the whole") {
    const simulator_process vendor({"--no-quirks"});
    const auto list = events(responses, stream(vendor, responses, two_calls));
    for (std::size_t i = 0; i < list.size(); ++i) {
        CHECK(list[i].document()["sequence_number"] == i);
        CHECK(list[i].document()["type"] == list[i].name);
    }
    CHECK(names(list) ==
          "response.created response.in_progress response.output_item.added "
          "response.reasoning_summary_part.added response.reasoning_summary_text.delta "
          "response.reasoning_summary_text.done response.reasoning_summary_part.done "
          "response.output_item.done response.output_item.added response.content_part.added "
          "response.output_text.delta response.output_text.done response.content_part.done "
          "response.output_item.done response.output_item.added "
          "response.function_call_arguments.delta response.function_call_arguments.delta "
          "response.function_call_arguments.done response.output_item.done "
          "response.output_item.added response.function_call_arguments.delta "
          "response.function_call_arguments.done response.output_item.done "
          "response.completed");
    const auto whole = list.back().document()["response"];
    CHECK(whole["output"].size() == 4);
    CHECK(whole["usage"]["total_tokens"] == 150);
}

TEST_CASE("Anthropic's stream opens, tells and closes each block") {
    const simulator_process vendor({"--no-quirks"});
    const auto list = events(anthropic, stream(vendor, anthropic, two_calls));
    CHECK(names(list) ==
          "message_start content_block_start ping content_block_delta content_block_delta "
          "content_block_stop content_block_start content_block_delta content_block_stop "
          "content_block_start content_block_delta content_block_delta content_block_delta "
          "content_block_stop content_block_start content_block_delta content_block_stop "
          "message_delta message_stop");
    CHECK(list[0].document()["message"]["usage"]["output_tokens"] == 1);
    CHECK(list[4].document()["delta"]["type"] == "signature_delta");
    CHECK(list[10].document()["delta"]["partial_json"] == "");
    CHECK(list[11].document()["delta"]["partial_json"].get<std::string>() +
              list[12].document()["delta"]["partial_json"].get<std::string>() ==
          R"({"zone":"Europe/Berlin"})");
    // A tool without arguments says nothing but the empty beginning.
    CHECK(list[15].document()["delta"]["partial_json"] == "");
    const auto last = list[list.size() - 2].document();
    CHECK(last["delta"]["stop_reason"] == "tool_use");
    CHECK(last["usage"]["output_tokens"] == 50);
    CHECK(last["usage"]["input_tokens"] == 100);
}

TEST_CASE("Gemini's stream has whole calls and a growing usage") {
    const simulator_process vendor({"--no-quirks"});
    const auto answer = stream(vendor, gemini, two_calls);
    CHECK(answer.body.find("event:") == std::string::npos);
    const auto list = events(gemini, answer);
    REQUIRE(list.size() == 5);
    CHECK(list[0].document()["candidates"][0]["content"]["parts"][0]["thought"] == true);
    CHECK(list[2].document()["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] ==
          json{{"zone", "Europe/Berlin"}});
    CHECK_FALSE(list[3].document()["candidates"][0].contains("finishReason"));
    CHECK(list[4].document()["candidates"][0]["finishReason"] == "STOP");
    std::int64_t told = 0;
    for (const auto& event : list) {
        const auto total = event.document()["usageMetadata"]["totalTokenCount"];
        CHECK(total >= told);
        told = total;
    }
    CHECK(told == 150);

    const auto array = loopback_connection(vendor.port())
                           .request("POST", "/v1beta/models/m:streamGenerateContent",
                                    request_document("gemini", "Hello").dump());
    CHECK(array.head.find("content-type: application/json") != std::string::npos);
    const auto documents = json::parse(array.body);
    CHECK(documents.back()["candidates"][0]["finishReason"] == "STOP");
}

TEST_CASE("chunks cut a text evenly and never a code point") {
    const simulator_process vendor({"--no-quirks"});
    const std::string text = "äöüßäöüßäöüß€𝄞abc";
    for (const auto& dialect : all_dialects) {
        for (const int chunks : {1, 2, 5, 11, 20, 1000}) {
            CAPTURE(dialect.target, chunks);
            const auto answer = stream(vendor, dialect, {{"text", text}, {"chunks", chunks}});
            CHECK(streamed_text(dialect.target, answer.body) == text);
            for (const auto& event : events(dialect, answer)) {
                CHECK((event.data == "[DONE]" || json::accept(event.data)));
            }
        }
    }
    const auto of_twenty = stream(vendor, gemini, {{"text", std::string(40, 'x')}, {"chunks", 20}});
    CHECK(events(gemini, of_twenty).size() == 21);
    CHECK(streamed_text("openai", stream(vendor, openai, {{"text", ""}}).body).empty());
}

TEST_CASE("a stream breaks off after the events or bytes a scenario says") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto cut = stream(vendor, dialect, {{"drop_after_events", 2}});
        CHECK(cut.status == 200);
        CHECK_FALSE(cut.complete);
        CHECK(events(dialect, cut).size() == 2);
        CHECK(json::parse(vendor.journal_text()).back()["fault"] == "drop_after_events");

        const auto headless = stream(vendor, dialect, {{"drop_after_events", 0}});
        CHECK(headless.status == 200);
        CHECK(headless.body.empty());
        CHECK_FALSE(headless.complete);

        CHECK_FALSE(stream(vendor, dialect, {{"truncate_body", 40}}).complete);
        const auto half = stream(vendor, dialect, {{"drop", "mid_body"}});
        CHECK_FALSE(half.complete);
        CHECK_FALSE(half.body.empty());
        CHECK(stream(vendor, dialect, {{"drop", "after_request"}}).head.empty());
        CHECK(stream(vendor, dialect, {{"drop", "mid_headers"}}).status == 0);
        CHECK(stream(vendor, dialect, {{"reset", true}}).reset);
    }
    CHECK(health(vendor, "open_streams") == 0);
}

TEST_CASE("a broken answer ends the way a scenario says") {
    const simulator_process vendor({"--no-quirks"});
    for (const bool streams : {false, true}) {
        CAPTURE(streams);
        const auto cut = [&](const char* ending) {
            script(vendor, "openai", {{"truncate_body", 30}, {"end_by", ending}});
            return ask(vendor, openai, streams);
        };
        CHECK_FALSE(cut("close").reset);
        CHECK(cut("reset").reset);
        CHECK_FALSE(cut("half_close").complete);

        script(vendor, "openai", {{"truncate_body", 30}, {"end_by", "hang"}});
        const auto wire = open_stream(vendor, openai);
        std::string received;
        while (wire->readable(100)) {
            const auto bytes = wire->receive_some().body;
            REQUIRE_FALSE(bytes.empty());  // neither closed nor reset
            received += bytes;
        }
        CHECK(received.find("\r\n\r\n") + 4 + 30 == received.size());
    }
}

TEST_CASE("a half-closed connection still reads") {
    const simulator_process vendor({"--no-quirks"});
    script(vendor, "openai", {{"drop_after_events", 1}, {"end_by", "half_close"}});
    const auto wire = open_stream(vendor, openai);
    CHECK_FALSE(wire->receive().complete);
    for (int i = 0; i < 100; ++i) {
        wire->send("still there\r\n");  // a closed peer would answer with RST
        CHECK_FALSE(wire->receive_some().reset);
    }
}

TEST_CASE("an error in mid-stream has each vendor's own shape") {
    const simulator_process vendor({"--no-quirks"});
    const json failing = {
        {"error_after_events", 3}, {"error_status", 529}, {"error_text", "Overloaded"}};
    auto list = events(anthropic, stream(vendor, anthropic, failing));
    REQUIRE(list.size() == 4);
    CHECK(list[3].name == "error");
    CHECK(list[3].document() ==
          json{{"type", "error"},
               {"error", {{"type", "overloaded_error"}, {"message", "Overloaded"}}}});

    list = events(responses, stream(vendor, responses, failing));
    REQUIRE(list.size() == 5);
    CHECK(list[3].name == "error");
    CHECK(list[3].document()["error"]["message"] == "Overloaded");
    CHECK(list[4].name == "response.failed");
    CHECK(list[4].document()["sequence_number"] == 4);
    CHECK(list[4].document()["response"]["status"] == "failed");

    auto asked = request_document("openai", "Hello", true);
    asked["stream_options"]["include_usage"] = true;
    script(vendor, "openai", failing);
    list = events(openai, post(vendor, openai.path, asked));
    REQUIRE(list.size() == 6);
    CHECK(list[3].document()["error"]["message"] == "Overloaded");
    CHECK(list[4].document()["usage"]["total_tokens"] == 0);
    CHECK(list[5].data == "[DONE]");

    const auto first = stream(vendor, gemini, {{"error_after_events", 0}, {"error_status", 503}});
    CHECK(first.complete);
    list = events(gemini, first);
    REQUIRE(list.size() == 1);
    CHECK(list[0].document()["error"]["status"] == "UNAVAILABLE");
    const auto entry = json::parse(vendor.journal_text()).back();
    CHECK(entry["tokens_out"] == 0);
}

TEST_CASE("a stream can lack its end, its finish and its usage") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto bare =
            stream(vendor, dialect, {{"omit", {"usage", "finish", "end"}}, {"text", "x"}});
        CHECK(bare.complete);
        CHECK(streamed_text(dialect.target, bare.body) == "x");
        for (const auto* word :
             {"[DONE]", "message_stop", "response.completed", "finishReason", "usageMetadata",
              "message_delta", "\"finish_reason\":\"stop\"", "input_tokens"}) {
            CAPTURE(word);
            CHECK(bare.body.find(word) == std::string::npos);
        }
    }
}

TEST_CASE("a malformed stream has one event that is not JSON") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto answer = stream(vendor, dialect, {{"malformed", true}});
        CHECK(answer.complete);
        int bad = 0;
        for (const auto& event : events(dialect, answer)) {
            bad += event.data != "[DONE]" && !json::accept(event.data) ? 1 : 0;
        }
        CHECK(bad == 1);
    }
}

TEST_CASE("a scripted body is a stream's events as they are") {
    const simulator_process vendor({"--no-quirks"});
    const std::string body = ": hello\n\ndata: 1\n\nevent: x\r\ndata: 2\r\n\r\ndata: rest";
    const auto answer = stream(vendor, openai, {{"body", body}});
    CHECK(answer.body == body);
    CHECK(answer.complete);
    CHECK(stream(vendor, openai, {{"body", body}, {"drop_after_events", 2}}).body ==
          ": hello\n\ndata: 1\n\n");
    CHECK(stream(vendor, openai, {{"body", ""}}).complete);
}

TEST_CASE("delays and stalls are kept") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        auto start = std::chrono::steady_clock::now();
        stream(vendor, dialect, {{"text", "abcdef"}, {"chunks", 6}, {"chunk_delay_ms", 10}});
        CHECK(ms_since(start) >= 50);

        script(vendor, dialect.target, {{"stall_after_events", 1}, {"stall_ms", 200}});
        start = std::chrono::steady_clock::now();
        const auto wire = open_stream(vendor, dialect);
        const auto answer = wire->receive();
        CHECK(answer.complete);
        CHECK(ms_since(start) >= 200);
    }
    // A plain answer stalls in its middle, or where the scenario says.
    for (const auto& where :
         {json{{"stall_ms", 100}}, json{{"stall_ms", 100}, {"stall_after_bytes", 5}}}) {
        script(vendor, "openai", where);
        const auto start = std::chrono::steady_clock::now();
        const auto answer = ask(vendor, openai, false);
        CHECK(json::accept(answer.body));
        CHECK(ms_since(start) >= 100);
    }
}

TEST_CASE("answers byte by byte are the same answers") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        const auto whole = stream(vendor, dialect, {{"text", "Good day."}, {"chunks", 3}});
        const auto bytes =
            stream(vendor, dialect, {{"text", "Good day."}, {"chunks", 3}, {"bytes_per_write", 1}});
        CHECK(bytes.complete);
        CHECK(streamed_text(dialect.target, bytes.body) ==
              streamed_text(dialect.target, whole.body));
    }
    script(vendor, "openai", {{"bytes_per_write", 50}, {"write_delay_ms", 5}});
    const auto start = std::chrono::steady_clock::now();
    CHECK(json::accept(ask(vendor, openai, false).body));
    CHECK(ms_since(start) >= 20);
}

TEST_CASE("an endless answer goes on until the client leaves") {
    const simulator_process vendor({"--no-quirks"});
    for (const auto& dialect : all_dialects) {
        CAPTURE(dialect.target);
        script(vendor, dialect.target, {{"endless", true}, {"text", "again"}});
        const auto wire = open_stream(vendor, dialect);
        std::size_t bytes = 0;
        while (bytes < 1u << 20) {
            bytes += wire->receive_some().body.size();
        }
        CHECK(health(vendor, "open_streams") == 1);  // and the server still has time for others
        wire->leave();
        while (health(vendor, "open_streams") > 0) {
            std::this_thread::yield();
        }
    }
    script(vendor, "openai", {{"endless", true}});
    loopback_connection wire(vendor.port());
    const auto body = request_document("openai", "Hello").dump();
    wire.send("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
    std::size_t bytes = 0;
    while (bytes < 1u << 20) {
        bytes += wire.receive_some().body.size();
    }
}

TEST_CASE("a client that leaves a waiting stream frees its place") {
    const simulator_process vendor({"--no-quirks"});
    script(vendor, "openai", {{"stall_ms", 1'000'000'000}});
    {
        const auto wire = open_stream(vendor, openai);
        CHECK_FALSE(wire->receive_some().body.empty());
        CHECK(health(vendor, "open_streams") == 1);
    }
    while (health(vendor, "open_streams") > 0) {
        std::this_thread::yield();
    }
}

TEST_CASE("a connection is kept after a stream") {
    const simulator_process vendor({"--no-quirks"});
    loopback_connection wire(vendor.port());
    const auto body = request_document("openai", "Hello", true).dump();
    for (int i = 0; i < 3; ++i) {
        const auto answer = wire.request("POST", openai.path, body);
        CHECK(answer.complete);
        CHECK(events(openai, answer).back().data == "[DONE]");
    }
    const auto journal = json::parse(vendor.journal_text());
    CHECK(journal[0]["connection_id"] == journal[2]["connection_id"]);
}

namespace {

std::size_t resident_bytes(pid_t pid) {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("many slow streams are cheap and all come to their end, in one thread") {
    constexpr std::size_t streams = 500;
    constexpr std::size_t bytes_each_max = std::size_t{STREAM_KIB_MAX} << 10;
    const simulator_process vendor({"--no-quirks", "--no-journal"});
    vendor.control(R"({"target":"*","default":
                      {"text":"one two three four five","chunks":20,"chunk_delay_ms":50}})");
    const auto before = resident_bytes(vendor.pid());
    std::vector<std::unique_ptr<loopback_connection>> open;
    for (std::size_t i = 0; i < streams; ++i) {
        open.push_back(open_stream(vendor, all_dialects[i % 4]));
    }
    while (health(vendor, "open_streams") < static_cast<std::int64_t>(streams)) {
        std::this_thread::yield();
    }
    CHECK(resident_bytes(vendor.pid()) - before < streams * bytes_each_max);
    for (std::size_t i = 0; i < streams; ++i) {
        const auto answer = open[i]->receive();
        CHECK(answer.complete);
        CHECK(streamed_text(all_dialects[i % 4].target, answer.body) == "one two three four five");
    }
    CHECK(health(vendor, "open_streams") == 0);
}
