// What a send may ask for, at every limit and one past it, and what makes two sends the same.
#include "messaging/order.hpp"

#include "base/limits.hpp"
#include "crypto/sha256.hpp"
#include "crypto/text_forms.hpp"
#include "unit/messaging/send_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace conclave;
using namespace conclave::messaging;
using namespace conclave::messaging::test;

namespace {

template <class Change>
result<send_order> validate_with(Change change) {
    auto r = a_request();
    change(r);
    return validate(tenant_scope("tnt_1"), std::move(r));
}

/// "VALIDATION_ERROR content", or "" when valid.
template <class Change>
std::string problem(Change change) {
    const auto checked = validate_with(change);
    if (checked) return "";
    const auto& e = checked.error();
    std::string text(to_string(e.code));
    for (const auto& d : e.details)
        if (d.key == "field") text += " " + std::get<std::string>(d.value);
    return text;
}

std::string object_of_size(std::size_t bytes) {
    const std::string frame = R"({"a":""})";
    auto text = frame;
    text.insert(6, std::string(bytes - frame.size(), 'x'));
    return text;
}

}  // namespace

TEST_CASE("a valid request becomes an order", "[order]") {
    const auto o = an_order();
    CHECK(o.key.operation == send_operation);
    CHECK(o.key.key_hash == crypto::sha256(std::string_view("key-1")));
    CHECK(o.key_text == "key-1");
    CHECK(o.session == "ses_1");
    CHECK(o.content == "Hello");
    CHECK(o.metadata == "{}");
    CHECK(o.request == "req_1");
}

TEST_CASE("keys are 1 to 255 printable characters without spaces", "[order]") {
    const auto with = [](std::string key) {
        return problem([&](auto& r) { r.idempotency_key = key; });
    };
    CHECK(with("") == "IDEMPOTENCY_KEY_REQUIRED idempotency_key");
    CHECK(with("k") == "");
    CHECK(with(std::string(limits::idempotency_key_bytes, 'k')) == "");
    CHECK(with("!~") == "");
    const std::string bad = "IDEMPOTENCY_KEY_INVALID idempotency_key";
    CHECK(with(std::string(limits::idempotency_key_bytes + 1, 'k')) == bad);
    for (const char* key : {" ", "a b", "a\x7f", "a\n", "caf\xc3\xa9"}) CHECK(with(key) == bad);
    CHECK(with(std::string("a\0b", 3)) == bad);
}

TEST_CASE("content is 1 byte to 1 MiB of UTF-8 without NUL", "[order]") {
    const auto with = [](std::string text) { return problem([&](auto& r) { r.content = text; }); };
    CHECK(with("x") == "");
    CHECK(with("\x01\n") == "");
    CHECK(with(std::string(limits::content_bytes, 'x')) == "");
    CHECK(with("") == "VALIDATION_ERROR content");
    CHECK(with(std::string(limits::content_bytes + 1, 'x')) == "PAYLOAD_TOO_LARGE content");
    CHECK(with(std::string("a\0b", 3)) == "VALIDATION_ERROR content");
    CHECK(with("\xff") == "VALIDATION_ERROR content");
}

TEST_CASE("session and request ids have their limits", "[order]") {
    const auto session = [](std::size_t bytes) {
        return problem([&](auto& r) { r.session_id = std::string(bytes, 's'); });
    };
    CHECK(session(0) == "VALIDATION_ERROR session_id");
    CHECK(session(limits::id_bytes) == "");
    CHECK(session(limits::id_bytes + 1) == "VALIDATION_ERROR session_id");
    const auto request = [](std::size_t bytes) {
        return problem([&](auto& r) { r.request_id = std::string(bytes, 'r'); });
    };
    CHECK(request(0) == "");
    CHECK(request(limits::request_id_bytes) == "");
    CHECK(request(limits::request_id_bytes + 1) == "VALIDATION_ERROR request_id");
}

TEST_CASE("only users and tools send", "[order]") {
    for (const auto role : {message_role::system, message_role::assistant})
        CHECK(problem([&](auto& r) { r.role = role; }) == "VALIDATION_ERROR role");
}

TEST_CASE("overrides have their limits", "[order]") {
    const auto model = [](std::size_t bytes) {
        return problem([&](auto& r) { r.overrides.model = std::string(bytes, 'm'); });
    };
    CHECK(model(1) == "");
    CHECK(model(limits::name_bytes) == "");
    CHECK(model(0) == "VALIDATION_ERROR overrides.model");
    CHECK(model(limits::name_bytes + 1) == "VALIDATION_ERROR overrides.model");
    const auto temperature = [](double t) {
        return problem([&](auto& r) { r.overrides.temperature = t; });
    };
    CHECK(temperature(0.0) == "");
    CHECK(temperature(2.0) == "");
    for (const double t : {-0.001, 2.001, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()})
        CHECK(temperature(t) == "VALIDATION_ERROR overrides.temperature");
    const auto max_tokens = [](std::int64_t n) {
        return problem([&](auto& r) { r.overrides.max_tokens = n; });
    };
    CHECK(max_tokens(1) == "");
    CHECK(max_tokens(limits::max_tokens) == "");
    CHECK(max_tokens(0) == "VALIDATION_ERROR overrides.max_tokens");
    CHECK(max_tokens(limits::max_tokens + 1) == "VALIDATION_ERROR overrides.max_tokens");
}

TEST_CASE("metadata is a JSON object of at most 16 KiB, kept as it is", "[order]") {
    const auto with = [](std::string text) { return problem([&](auto& r) { r.metadata = text; }); };
    CHECK(with(object_of_size(limits::metadata_bytes)) == "");
    CHECK(with(object_of_size(limits::metadata_bytes + 1)) == "PAYLOAD_TOO_LARGE metadata");
    CHECK(with("[]") == "VALIDATION_ERROR metadata");
    CHECK(with("{") == "VALIDATION_ERROR metadata");
    CHECK(validate_with([](auto& r) { r.metadata = R"( { "b": 1 } )"; })->metadata ==
          R"( { "b": 1 } )");
}

TEST_CASE("a caller's deadline is 1 ms to 24 hours", "[order]") {
    const auto with = [](std::int64_t ms) { return problem([&](auto& r) { r.deadline_ms = ms; }); };
    CHECK(with(1) == "");
    CHECK(with(limits::policy_time_ms) == "");
    CHECK(with(0) == "VALIDATION_ERROR deadline_ms");
    CHECK(with(limits::policy_time_ms + 1) == "VALIDATION_ERROR deadline_ms");
}

TEST_CASE("whatever makes a send another one changes its fingerprint", "[order][fingerprint]") {
    const auto print = [](auto change) {
        return fingerprint(validate_with(change).value(), tenant_key());
    };
    const auto same = print([](auto&) {});
    CHECK(print([](auto& r) { r.session_id = "ses_2"; }) != same);
    CHECK(print([](auto& r) { r.content = "Hello!"; }) != same);
    CHECK(print([](auto& r) { r.overrides.model = "m2"; }) != same);
    CHECK(print([](auto& r) { r.overrides.temperature = 0.0; }) != same);
    CHECK(print([](auto& r) { r.overrides.max_tokens = 1; }) != same);
    CHECK(print([](auto& r) { r.metadata = R"({"a":1})"; }) != same);
    CHECK(fingerprint(an_order(), digest{}) != same);
    auto other_operation = an_order();
    other_operation.key.operation = "council.run";
    CHECK(fingerprint(other_operation, tenant_key()) != same);
}

TEST_CASE("what does not belong to a send leaves its fingerprint alone", "[order][fingerprint]") {
    const auto print = [](auto change) {
        return fingerprint(validate_with(change).value(), tenant_key());
    };
    const auto same = print([](auto&) {});
    CHECK(print([](auto& r) { r.request_id = "req_2"; }) == same);
    CHECK(print([](auto& r) { r.deadline_ms = 5; }) == same);
    CHECK(print([](auto& r) { r.idempotency_key = "key-2"; }) == same);
    CHECK(print([](auto& r) { r.metadata = "{}"; }) == same);
    CHECK(print([](auto& r) { r.metadata = " { } "; }) == same);
    CHECK(print([](auto& r) { r.metadata = R"({"a":1,"b":2})"; }) ==
          print([](auto& r) { r.metadata = R"({ "b": 2, "a": 1 })"; }));
}

TEST_CASE("fields cannot flow into one another", "[order][fingerprint]") {
    const auto print = [](const char* session, const char* content) {
        auto r = a_request();
        r.session_id = session;
        r.content = content;
        return fingerprint(an_order(std::move(r)), tenant_key());
    };
    CHECK(print("ses_1user", "x") != print("ses_1", "userx"));
    CHECK(print("ab", "c") != print("a", "bc"));
}

TEST_CASE("fingerprints of format 1 never change: they are stored", "[order][fingerprint]") {
    // As computed by Python's hmac module.
    CHECK(crypto::hex(fingerprint(an_order(), tenant_key())) ==
          "ea292d867d5fc550450c3331011ead202dcae1d66545dcf9b063a994dc9d1add");
}

namespace {

template <class Change>
auto with_results(Change change) {
    return [change](send_request& r) {
        r.role = message_role::tool;
        r.content.clear();
        r.tool_results = {{"c1", "one"}, {"c2", "two"}};
        change(r);
    };
}

}  // namespace

TEST_CASE("results of tools are checked, at every limit and past it", "[order][tools]") {
    const auto with = [](auto change) { return problem(with_results(change)); };
    CHECK(with([](auto&) {}) == "");
    CHECK(with([](auto& r) { r.content = "x"; }) == "VALIDATION_ERROR content");
    CHECK(with([](auto& r) { r.tool_results.clear(); }) == "VALIDATION_ERROR tool_results");
    CHECK(with([](auto& r) { r.role = message_role::user; }) == "VALIDATION_ERROR tool_results");
    const auto count = [&](std::size_t n) {
        return with([n](auto& r) {
            r.tool_results.clear();
            for (std::size_t i = 0; i < n; ++i) r.tool_results.push_back({std::to_string(i), ""});
        });
    };
    CHECK(count(limits::tool_calls) == "");
    CHECK(count(limits::tool_calls + 1) == "VALIDATION_ERROR tool_results");
    const auto id = [&](std::string text) {
        return with([text](auto& r) { r.tool_results[1].tool_call_id = text; });
    };
    CHECK(id("") == "VALIDATION_ERROR tool_results[1].tool_call_id");
    CHECK(id("c1") == "VALIDATION_ERROR tool_results[1].tool_call_id");
    CHECK(id(std::string(limits::name_bytes, 'c')) == "");
    CHECK(id(std::string(limits::name_bytes + 1, 'c')) ==
          "VALIDATION_ERROR tool_results[1].tool_call_id");
    const auto content = [&](std::string text) {
        return with([text](auto& r) { r.tool_results[0].content = text; });
    };
    CHECK(content("") == "");
    CHECK(content(std::string(limits::tool_result_bytes, 'x')) == "");
    CHECK(content(std::string(limits::tool_result_bytes + 1, 'x')) ==
          "PAYLOAD_TOO_LARGE tool_results[0].content");
    CHECK(content("\xff") == "VALIDATION_ERROR tool_results[0].content");
    CHECK(with([](auto& r) {
              r.tool_results.clear();
              for (int i = 0; i < 17; ++i)
                  r.tool_results.push_back({std::to_string(i), std::string(65'000, 'x')});
          }) == "PAYLOAD_TOO_LARGE tool_results");
}

TEST_CASE("results of tools are the content, and what the key stands for", "[order][tools]") {
    const auto make = [](auto change) { return validate_with(with_results(change)).value(); };
    const auto order = make([](auto&) {});
    CHECK(order.content ==
          R"([{"tool_call_id":"c1","content":"one"},{"tool_call_id":"c2","content":"two"}])");
    const auto print = [&](auto change) { return fingerprint(make(change), tenant_key()); };
    const auto same = print([](auto&) {});
    CHECK(print([](auto& r) { r.caller = std::make_shared<int>(1); }) == same);
    CHECK(print([](auto& r) { r.tool_results[0].content = "One"; }) != same);
    CHECK(print([](auto& r) { r.tool_results[0].tool_call_id = "c3"; }) != same);
    CHECK(print([](auto& r) { r.tool_results.pop_back(); }) != same);
    CHECK(print([](auto& r) { std::swap(r.tool_results[0], r.tool_results[1]); }) != same);
    // Nor does it equal a user's text of the same bytes.
    auto said = a_request();
    said.content = order.content;
    CHECK(fingerprint(an_order(said), tenant_key()) != same);
}

namespace {

using part_kind = content_part::kind;

content_part text_part(std::string text) { return {part_kind::text, std::move(text)}; }
content_part url_part(std::string url) { return {part_kind::image_url, std::move(url)}; }
content_part png_part(std::string base64) {
    return {part_kind::image, std::move(base64), "image/png"};
}

std::string parts_problem(std::vector<content_part> parts) {
    return problem([&](auto& r) {
        r.content.clear();
        r.parts = parts;
    });
}

}  // namespace

TEST_CASE("a message in parts says what its texts say", "[order]") {
    const auto o = validate_with([](auto& r) {
                       r.content.clear();
                       r.parts = {text_part("What is"), url_part("https://example.com/a.png"),
                                  png_part("iVBORw0KGgo="), text_part("on these?")};
                   }).value();
    CHECK(o.content == "What is\non these?");
    CHECK(o.parts.size() == 4);
    CHECK(validate_with([](auto& r) {
              r.content.clear();
              r.parts = {png_part("AAAA")};
          })
              .value()
              .content.empty());
}

TEST_CASE("what is wrong with parts is named", "[order]") {
    const std::string of_all = "VALIDATION_ERROR parts";
    const std::string of_first = "VALIDATION_ERROR parts[0]";
    CHECK(problem([](auto& r) { r.parts = {text_part("a")}; }) == "VALIDATION_ERROR content");
    CHECK(parts_problem({text_part("")}) == of_first);
    CHECK(parts_problem({text_part(std::string("a\0b", 3))}) == of_first);
    CHECK(parts_problem({{part_kind::text, "a", "image/png"}}) == of_first + ".media_type");
    CHECK(parts_problem({{part_kind::image, "AAAA", ""}}) == of_first + ".media_type");
    for (const auto* type : {"image/", "text/html", "image/a b", "IMAGE/png", "image"})
        CHECK(parts_problem({{part_kind::image, "AAAA", type}}) == of_first + ".media_type");
    for (const auto* data : {"", "A", "AAA", "AAAAA", "AA=A", "A===", "====", "AA A", "AAA\n"})
        CHECK(parts_problem({png_part(data)}) == of_first);
    for (const auto* data : {"AAAA", "AAA=", "AA==", "+/+/"})
        CHECK(parts_problem({png_part(data)}) == "");
    for (const auto* url : {"", "https://", "file:///etc/hosts", "data:image/png;base64,AAAA",
                            "https://a b", "https://a\n", "HTTPS://a"})
        CHECK(parts_problem({url_part(url)}) == of_first);
    for (const auto* url : {"https://a", "http://a/b?c=d", "gs://bucket/a.png"})
        CHECK(parts_problem({url_part(url)}) == "");
    const std::string scheme = "https://";
    const auto long_url = [&](std::size_t n) {
        return scheme + std::string(n - scheme.size(), 'a');
    };
    CHECK(parts_problem({url_part(long_url(limits::url_bytes))}) == "");
    CHECK(parts_problem({url_part(long_url(limits::url_bytes + 1))}) == of_first);
    CHECK(parts_problem(std::vector(limits::content_parts, text_part("a"))) == "");
    CHECK(parts_problem(std::vector(limits::content_parts + 1, text_part("a"))) == of_all);
    CHECK(parts_problem({png_part(std::string(limits::parts_bytes, 'A'))}) == "");
    CHECK(parts_problem({png_part(std::string(limits::parts_bytes, 'A')), text_part("a")}) ==
          "PAYLOAD_TOO_LARGE parts");
    CHECK(parts_problem({text_part(std::string(limits::content_bytes, 'a'))}) == "");
    CHECK(parts_problem({text_part(std::string(limits::content_bytes, 'a')), text_part("a")}) ==
          "PAYLOAD_TOO_LARGE parts");
}

TEST_CASE("each part, its kind, type and place make a send another one", "[order]") {
    const auto print_of = [](std::vector<content_part> parts, std::string content = "") {
        const auto order = validate_with([&](auto& r) {
                               r.content = content;
                               r.parts = parts;
                           }).value();
        return fingerprint(order, digest{});
    };
    const std::vector<std::vector<content_part>> all = {
        {text_part("a"), text_part("b")},
        {text_part("b"), text_part("a")},
        {text_part("a\nb")},
        {text_part("a"), png_part("AAAA")},
        {png_part("AAAA"), text_part("a")},
        {text_part("a"), png_part("AAAB")},
        {text_part("a"), {part_kind::image, "AAAA", "image/gif"}},
        {text_part("a"), url_part("https://a")},
        {text_part("a"), {part_kind::image_url, "https://a", "image/png"}},
    };
    std::vector<digest> seen = {print_of({}, "a\nb"), print_of({}, "a")};
    for (const auto& parts : all) {
        const auto print = print_of(parts);
        CHECK(std::find(seen.begin(), seen.end(), print) == seen.end());
        CHECK(print == print_of(parts));
        seen.push_back(print);
    }
}
