// Reads control documents strictly.
#include "scenario.hpp"

#include "limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, fault>, 4> drops = {{
    {"before_read", fault::drop_before_read},
    {"after_request", fault::drop_after_request},
    {"mid_headers", fault::drop_mid_headers},
    {"mid_body", fault::drop_mid_body},
}};

[[noreturn]] void refuse(std::string field, std::string message) {
    throw control_error{std::move(field), std::move(message)};
}

std::int64_t read_integer(const json& value, const std::string& at, std::int64_t least,
                          std::int64_t most) {
    if (!value.is_number_integer() || value < least || value > most) {
        refuse(at,
               "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value.get<std::int64_t>();
}

std::string read_text(const json& value, const std::string& at) {
    if (!value.is_string()) {
        refuse(at, "must be a string");
    }
    return value.get<std::string>();
}

bool read_flag(const json& value, const std::string& at) {
    if (!value.is_boolean()) {
        refuse(at, "must be true or false");
    }
    return value.get<bool>();
}

void read_fault(scenario& out, fault value, const std::string& at) {
    if (out.spoilt != fault::none) {
        refuse(at,
               "excludes the other ways to end: drop, drop_after_events, truncate_body, "
               "hang, reset");
    }
    out.spoilt = value;
}

void add_header(scenario& out, std::string name, std::string value, const std::string& at) {
    const auto is_token = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_token)) {
        refuse(at, "must be named by letters, digits, - and _");
    }
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos) {
        refuse(at, "must be one line");
    }
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name == "content-length" || name == "transfer-encoding" || name == "connection") {
        refuse(at, "belongs to the simulator");
    }
    if (name == "content-type") {
        out.content_type = std::move(value);
    } else {
        out.header_lines += name + ": " + value + "\r\n";
    }
}

void read_headers(scenario& out, const json& value, const std::string& at) {
    if (!value.is_object()) {
        refuse(at, "must be an object");
    }
    for (const auto& [name, text] : value.items()) {
        const auto where = at + "." + name;
        add_header(out, name, read_text(text, where), where);
    }
}

void read_retry_after(scenario& out, const json& value, const std::string& at) {
    add_header(out, "retry-after", value.is_string() ? value.get<std::string>() : value.dump(), at);
    if (!value.is_string() && !value.is_number()) {
        refuse(at, "must be a number of seconds or a string");
    }
}

std::size_t read_count(const json& value, const std::string& at) {
    return static_cast<std::size_t>(read_integer(value, at, 0, scenario_number_max));
}

// The value that goes by a name in a table of names.
template <class Value, std::size_t Count>
Value read_name(const std::array<std::pair<std::string_view, Value>, Count>& table,
                const json& value, const std::string& at) {
    std::string names;
    for (const auto& [name, meaning] : table) {
        if (value == name) {
            return meaning;
        }
        names.append(names.empty() ? "" : ", ").append(name);
    }
    refuse(at, "must be one of " + names);
}

constexpr std::array<std::pair<std::string_view, ending>, 4> endings = {{
    {"close", ending::cut},
    {"half_close", ending::finish},
    {"reset", ending::reset},
    {"hang", ending::hang},
}};

constexpr std::array<std::pair<std::string_view, finish_reason>, 4> finishes = {{
    {"stop", finish_reason::stop},
    {"length", finish_reason::length},
    {"tool_calls", finish_reason::tool_calls},
    {"content_filter", finish_reason::content_filter},
}};

constexpr std::array<std::pair<std::string_view, bool omissions::*>, 3> omitted = {{
    {"usage", &omissions::usage},
    {"finish", &omissions::finish},
    {"end", &omissions::end},
}};

void read_omissions(scenario& out, const json& value, const std::string& at) {
    if (!value.is_array()) {
        refuse(at, "must be a list");
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        out.omits.*read_name(omitted, value[i], at + "[" + std::to_string(i) + "]") = true;
    }
}

answer_part read_tool_call(const json& value, const std::string& at) {
    if (!value.is_object() || !value.contains("name")) {
        refuse(at, "must be an object with a name");
    }
    answer_part call{part_kind::tool_call, {}, {}, {}};
    for (const auto& [key, member] : value.items()) {
        const auto where = at + "." + key;
        if (key == "name") {
            call.name = read_text(member, where);
        } else if (key == "id") {
            call.id = read_text(member, where);
        } else if (key == "arguments") {
            call.text = member.is_string() ? member.get<std::string>() : member.dump();
        } else {
            refuse(where, "is not a field of a tool call");
        }
    }
    return call;
}

void read_tool_calls(scenario& out, const json& value, const std::string& at) {
    if (!value.is_array() || value.size() > scripted_calls_max) {
        refuse(at, "must be a list of at most " + std::to_string(scripted_calls_max));
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        out.tool_calls.push_back(read_tool_call(value[i], at + "[" + std::to_string(i) + "]"));
    }
}

void read_json(scenario& out, const json& value, const std::string&) { out.text = value.dump(); }

void read_drop(scenario& out, const json& value, const std::string& at) {
    read_fault(out, read_name(drops, value, at), at);
}

template <fault What, auto Member>
void cut_after(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_count(value, at);
    read_fault(out, What, at);
}

template <fault What>
void flag_fault(scenario& out, const json& value, const std::string& at) {
    if (read_flag(value, at)) {
        read_fault(out, What, at);
    }
}

template <auto Member>
void text(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_text(value, at);
}

template <auto Member>
void number(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_integer(value, at, 0, scenario_number_max);
}

template <auto Member>
void count(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_count(value, at);
}

template <auto Member>
void flag(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_flag(value, at);
}

template <auto Member, int Least>
void status(scenario& out, const json& value, const std::string& at) {
    out.*Member = static_cast<int>(read_integer(value, at, Least, 599));
}

template <auto Member, const auto& Table>
void name(scenario& out, const json& value, const std::string& at) {
    out.*Member = read_name(Table, value, at);
}

using field_reader = void (*)(scenario&, const json&, const std::string&);

const std::map<std::string_view, field_reader> fields = {
    // what the model says
    {"text", text<&scenario::text>},
    {"json", read_json},
    {"thinking", text<&scenario::thinking>},
    {"tool_calls", read_tool_calls},
    {"text_after_tools", text<&scenario::text_after_tools>},
    {"tokens_in", number<&scenario::tokens_in>},
    {"cached_tokens_in", number<&scenario::cached_tokens_in>},
    {"cache_write_tokens_in", number<&scenario::cache_write_tokens_in>},
    {"tokens_out", number<&scenario::tokens_out>},
    {"reasoning_tokens", number<&scenario::reasoning_tokens>},
    {"finish", name<&scenario::finish, finishes>},
    {"omit", read_omissions},
    {"endless", flag<&scenario::endless>},
    {"malformed", flag<&scenario::malformed>},
    // what the server makes of it
    {"status", status<&scenario::status, 200>},
    {"body", text<&scenario::body>},
    {"headers", read_headers},
    {"retry_after", read_retry_after},
    {"retry_after_ms", number<&scenario::retry_after_ms>},
    {"chunked", flag<&scenario::chunked>},
    {"trailing_garbage", flag<&scenario::trailing_garbage>},
    {"error_after_events", count<&scenario::error_after_events>},
    {"error_status", status<&scenario::error_status, 400>},
    {"error_text", text<&scenario::error_text>},
    // when it sends it
    {"latency_ms", number<&scenario::latency_ms>},
    {"chunks", count<&scenario::chunks>},
    {"chunk_delay_ms", number<&scenario::chunk_delay_ms>},
    {"stall_ms", number<&scenario::stall_ms>},
    {"stall_after_events", count<&scenario::stall_after_events>},
    {"stall_after_bytes", count<&scenario::stall_after_bytes>},
    {"bytes_per_write", count<&scenario::bytes_per_write>},
    {"write_delay_ms", number<&scenario::write_delay_ms>},
    // where it breaks off
    {"drop", read_drop},
    {"drop_after_events", cut_after<fault::drop_after_events, &scenario::drop_after_events>},
    {"truncate_body", cut_after<fault::truncate_body, &scenario::truncate_body_bytes>},
    {"hang", flag_fault<fault::hang>},
    {"reset", flag_fault<fault::reset>},
    {"end_by", name<&scenario::end_by, endings>},
};

void read_field(scenario& out, const std::string& key, const json& value, const std::string& at) {
    const auto field = fields.find(key);
    if (field == fields.end()) {
        refuse(at, "is not a field of a scenario");
    }
    field->second(out, value, at);
}

// Fields that mean nothing beside, or without, another one.
void check_combination(const scenario& read, const json& value, const std::string& at) {
    const bool has_words = read.text || read.thinking || !read.tool_calls.empty();
    if (read.body && (has_words || read.malformed || read.error_after_events)) {
        refuse(at + ".body", "excludes text, json, thinking, tool_calls, malformed and errors");
    }
    if (value.contains("json") && value.contains("text")) {
        refuse(at + ".json", "excludes text");
    }
    const bool breaks_off = read.spoilt != fault::none && read.spoilt != fault::hang &&
                            read.spoilt != fault::reset && read.spoilt != fault::drop_before_read;
    if (read.end_by && !breaks_off) {
        refuse(at + ".end_by", "needs drop, drop_after_events or truncate_body");
    }
}

scenario_ptr read_scenario(const json& value, const std::string& at) {
    if (!value.is_object()) {
        refuse(at, "must be an object");
    }
    auto out = std::make_shared<scenario>();
    for (const auto& [key, member] : value.items()) {
        read_field(*out, key, member, at + "." + key);
    }
    check_combination(*out, value, at);
    return out;
}

std::optional<std::size_t> read_target(const json& document) {
    const auto target = document.value("target", json());
    const auto found = std::find(vendor_names.begin(), vendor_names.end(), target);
    if (found == vendor_names.end()) {
        if (target != "*") {
            std::string names;
            for (const auto name : vendor_names) {
                names.append(name).append(", ");
            }
            refuse("target", "must be " + names + "or *");
        }
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - vendor_names.begin());
}

control read_control(const json& document) {
    if (!document.is_object()) {
        refuse("$", "must be a JSON object");
    }
    control out;
    out.vendor = read_target(document);
    for (const auto& [key, value] : document.items()) {
        if (key == "default") {
            out.plan.otherwise = read_scenario(value, key);
        } else if (key == "scenarios") {
            if (!value.is_array() || value.size() > scenarios_max) {
                refuse(key, "must be a list of at most " + std::to_string(scenarios_max));
            }
            for (std::size_t i = 0; i < value.size(); ++i) {
                out.plan.next.push_back(
                    read_scenario(value[i], "scenarios[" + std::to_string(i) + "]"));
            }
        } else if (key != "target") {
            refuse(key, "is not a field of a control document");
        }
    }
    return out;
}

}  // namespace

std::string_view fault_name(fault value) {
    switch (value) {
        case fault::none: return "none";
        case fault::drop_after_events: return "drop_after_events";
        case fault::truncate_body: return "truncate_body";
        case fault::hang: return "hang";
        case fault::reset: return "reset";
        default: break;
    }
    return std::find_if(drops.begin(), drops.end(),
                        [&](const auto& drop) { return drop.second == value; })
        ->first;
}

std::optional<control_error> parse_control(std::string_view document, control& out) {
    try {
        out = read_control(json::parse(document, nullptr, false));
    } catch (const control_error& error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace simulator
