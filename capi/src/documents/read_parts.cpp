// The parts that many documents have.
#include "capi/src/documents/read.hpp"
#include "json/print.hpp"

namespace conclave::capi {

std::string text_or_empty(json::object_reader& in, std::string_view key) {
    return in.optional_string(key, any_text).value_or(std::string());
}

std::optional<std::string> optional_text(json::object_reader& in, std::string_view key) {
    return in.optional_string(key, any_text);
}

std::optional<std::string> optional_metadata(json::object_reader& in) {
    return optional_object_text(in, "metadata");
}

std::optional<std::string> optional_object_text(json::object_reader& in, std::string_view key) {
    const auto* v = in.optional_object(key);
    if (v == nullptr) return std::nullopt;
    return json::print(*v);
}

std::string object_text(json::object_reader& in, std::string_view key) {
    const auto* v = in.optional_object(key);
    return v == nullptr ? std::string() : json::print(*v);
}

std::vector<tool_call> read_tool_calls(json::object_reader& in, std::string_view key) {
    std::vector<tool_call> calls;
    const auto* list = in.optional_array(key, list_items_max);
    if (list == nullptr) return calls;
    for (std::size_t i = 0; i < list->size(); ++i) {
        json::object_reader inner((*list)[i], in.path(key, i));
        tool_call call;
        call.id = text_or_empty(inner, "id");
        call.name = inner.required_string("name", any_text);
        if (auto arguments = object_text(inner, "arguments"); !arguments.empty())
            call.arguments = std::move(arguments);
        in.take(inner.finish());
        calls.push_back(std::move(call));
    }
    return calls;
}

std::optional<timestamp> optional_timestamp(json::object_reader& in, std::string_view key) {
    const auto text = in.optional_string(key, any_text);
    if (!text) return std::nullopt;
    auto time = parse_timestamp(*text, in.path(key));
    if (time) return *time;
    in.take(std::move(time).error());
    return std::nullopt;
}

date required_date(json::object_reader& in, std::string_view key) {
    const auto text = in.required_string(key, any_text);
    if (!in.ok()) return {};
    auto day = parse_date(text, in.path(key));
    if (day) return *day;
    in.take(std::move(day).error());
    return {};
}

page_request read_page_request(json::object_reader& in) {
    page_request page;
    page.limit = in.optional_integer("limit");
    page.cursor = optional_text(in, "cursor");
    return page;
}

namespace {

policy read_policy(json::object_reader& in) {
    policy p;
    p.preset = optional_text(in, "preset");
    p.connect_timeout_ms = in.optional_integer("connect_timeout_ms");
    p.first_byte_timeout_ms = in.optional_integer("first_byte_timeout_ms");
    p.attempt_timeout_ms = in.optional_integer("attempt_timeout_ms");
    p.total_timeout_ms = in.optional_integer("total_timeout_ms");
    p.retries = in.optional_integer("retries");
    p.base_delay_ms = in.optional_integer("base_delay_ms");
    p.factor = in.optional_number("factor", 1, limits::retry_factor);
    p.max_delay_ms = in.optional_integer("max_delay_ms");
    p.jitter = in.optional_choice<jitter_mode>(
        "jitter",
        {{"none", jitter_mode::none}, {"equal", jitter_mode::equal}, {"full", jitter_mode::full}});
    p.max_retry_after_ms = in.optional_integer("max_retry_after_ms");
    p.on_ambiguous = in.optional_choice<ambiguous_policy>(
        "on_ambiguous", {{"retry", ambiguous_policy::retry}, {"stop", ambiguous_policy::stop}});
    p.on_crash = in.optional_choice<crash_policy>(
        "on_crash", {{"recover", crash_policy::recover}, {"report", crash_policy::report}});
    p.in_progress = in.optional_choice<in_progress_policy>(
        "in_progress", {{"wait", in_progress_policy::wait}, {"fail", in_progress_policy::fail}});
    p.on_cancel = in.optional_choice<cancel_policy>(
        "on_cancel", {{"detach", cancel_policy::detach}, {"abort", cancel_policy::abort}});
    return p;
}

}  // namespace

policy optional_policy(json::object_reader& in, std::string_view key) {
    const auto* v = in.optional_value(key);
    if (v == nullptr) return {};
    policy p;
    if (const auto* preset = v->as_string()) {
        p.preset = *preset;
        return p;
    }
    json::object_reader inner(*v, in.path(key));
    p = read_policy(inner);
    in.take(inner.finish());
    return p;
}

}  // namespace conclave::capi
