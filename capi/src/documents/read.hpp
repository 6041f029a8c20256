// From the contract's documents to what the C++ API takes. Each reader fits object_reader: what is
// wrong is kept and told by its finish(). Values are checked by the C++ API itself.
#pragma once

#include <conclave/gateway.hpp>

#include "json/object_reader.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::capi {

/// Any text without NUL; its own limits are checked where it is used.
inline constexpr text_rule any_text{
    .min_bytes = 0, .max_bytes = limits::json_bytes, .controls = control_characters::all_but_nul};

/// Of any list in a document; shorter limits are checked where they belong.
inline constexpr std::size_t list_items_max = 1'000;

/// Reads `document` whole with `read(in)`; the first thing wrong, or the value.
template <class Read>
auto read_document(const json::value& document, Read read)
    -> result<decltype(read(std::declval<json::object_reader&>()))> {
    json::object_reader in(document);
    auto value = read(in);
    if (auto ok = in.finish(); !ok) return std::move(ok).error();
    return value;
}

std::string text_or_empty(json::object_reader& in, std::string_view key);
std::optional<std::string> optional_text(json::object_reader& in, std::string_view key);
std::optional<std::string> optional_metadata(json::object_reader& in);
std::optional<std::string> optional_object_text(json::object_reader& in, std::string_view key);
/// The object as text; empty when absent.
std::string object_text(json::object_reader& in, std::string_view key);
std::optional<timestamp> optional_timestamp(json::object_reader& in, std::string_view key);
date required_date(json::object_reader& in, std::string_view key);
policy optional_policy(json::object_reader& in, std::string_view key);
page_request read_page_request(json::object_reader& in);

/// The document of conclave_open.
struct open_document {
    std::string store;
    open_options options;
};
open_document read_open(json::object_reader& in);

/// A callback provider gets its handler from the caller of this.
new_provider read_new_provider(json::object_reader& in);
new_price read_new_price(json::object_reader& in);
price_source read_price_source(json::object_reader& in);
/// It gets its handler from the caller of this.
new_tool read_new_tool(json::object_reader& in);

new_tenant read_new_tenant(json::object_reader& in);
tenant_update read_tenant_update(json::object_reader& in);
new_api_key read_new_api_key(json::object_reader& in);
new_agent read_new_agent(json::object_reader& in);
agent_update read_agent_update(json::object_reader& in);
new_session read_new_session(json::object_reader& in);
session_filter read_session_filter(json::object_reader& in);
session_update read_session_update(json::object_reader& in);
export_format read_export_format(json::object_reader& in);

/// What usage.rollup is asked for.
struct rollup_request {
    date from{};
    date to{};
    std::vector<usage_dimension> group_by = {};
};
rollup_request read_rollup_request(json::object_reader& in);

embeddings_request read_embeddings_request(json::object_reader& in);
send_request read_send_request(json::object_reader& in);
council_request read_council_request(json::object_reader& in);
/// The error of a send with its field as the contract has it: `tool_results` and `parts` stand in
/// `content`.
error in_words_of_the_contract(error e);
resolve_request read_resolve_request(json::object_reader& in);

/// Tools that a model asks for: [{id?, name, arguments?}].
std::vector<tool_call> read_tool_calls(json::object_reader& in, std::string_view key);

/// What a host's tool gave.
tool_answer read_tool_result(json::object_reader& in);
/// What a host answers to a call of its provider.
provider_reply read_provider_answer(json::object_reader& in);
/// Why a host's handler has no answer.
struct host_failure {
    std::string message;
    std::optional<std::int64_t> retry_after_ms;
};
host_failure read_host_failure(json::object_reader& in);

}  // namespace conclave::capi
