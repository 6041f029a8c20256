// Reads control documents strictly.
#include "scenario.hpp"

#include "limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
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
        refuse(at, "only one of drop, truncate_body, hang and reset may be given");
    }
    out.spoilt = value;
}

fault read_drop(const json& value, const std::string& at) {
    for (const auto& [name, drop] : drops) {
        if (value == name) {
            return drop;
        }
    }
    refuse(at, "must be before_read, after_request, mid_headers or mid_body");
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

// One row per field of a scenario.
void read_field(scenario& out, const std::string& key, const json& value, const std::string& at) {
    const auto number = [&] { return read_integer(value, at, 0, scenario_number_max); };
    if (key == "status") {
        out.status = static_cast<int>(read_integer(value, at, 200, 599));
    } else if (key == "latency_ms") {
        out.latency_ms = number();
    } else if (key == "body") {
        out.body = read_text(value, at);
    } else if (key == "text") {
        out.text = read_text(value, at);
    } else if (key == "tokens_in") {
        out.tokens_in = number();
    } else if (key == "tokens_out") {
        out.tokens_out = number();
    } else if (key == "headers") {
        read_headers(out, value, at);
    } else if (key == "retry_after") {
        read_retry_after(out, value, at);
    } else if (key == "retry_after_ms") {
        out.retry_after_ms = number();
    } else if (key == "drop") {
        read_fault(out, read_drop(value, at), at);
    } else if (key == "truncate_body") {
        out.truncate_body_bytes = static_cast<std::size_t>(number());
        read_fault(out, fault::truncate_body, at);
    } else if (key == "hang" || key == "reset") {
        if (read_flag(value, at)) {
            read_fault(out, key == "hang" ? fault::hang : fault::reset, at);
        }
    } else if (key == "malformed") {
        out.malformed = read_flag(value, at);
    } else if (key == "trailing_garbage") {
        out.trailing_garbage = read_flag(value, at);
    } else if (key == "chunked") {
        out.chunked = read_flag(value, at);
    } else {
        refuse(at, "is not a field of a scenario");
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
    if (out->body && (out->text || out->malformed)) {
        refuse(at + ".body", "excludes text and malformed");
    }
    return out;
}

std::optional<std::size_t> read_target(const json& document) {
    const auto target = document.value("target", json());
    const auto found = std::find(vendor_names.begin(), vendor_names.end(), target);
    if (found == vendor_names.end()) {
        if (target != "*") {
            refuse("target", "must be openai, vendor-a, vendor-b or *");
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
