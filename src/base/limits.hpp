// Named limits: every queue, loop, buffer, document and header has one, tested at it and one past
// it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace conclave::limits {

// Text that users give, in bytes of UTF-8.
inline constexpr std::size_t name_bytes = 255;
inline constexpr std::size_t description_bytes = 4'096;
inline constexpr std::size_t instructions_bytes = 256 * 1024;
inline constexpr std::size_t content_bytes = 1024 * 1024;
inline constexpr std::size_t content_parts = 32;  ///< of one message
inline constexpr std::size_t parts_bytes = 4 * 1024 * 1024;
/// What an image that a provider fetches counts as in a prompt: no vendor makes more tokens of one.
inline constexpr std::size_t fetched_image_bytes = 16 * 1024;
inline constexpr std::size_t embeddings_inputs = 2'048;
inline constexpr std::size_t embeddings_bytes = 4 * 1024 * 1024;  ///< of all inputs
inline constexpr std::int64_t vector_dimensions = 65'536;
inline constexpr std::size_t metadata_bytes = 16 * 1024;
inline constexpr std::size_t label_bytes = 255;  ///< customer_id, subject, title, reason
inline constexpr std::size_t url_bytes = 2'048;
inline constexpr std::size_t idempotency_key_bytes = 255;
inline constexpr std::size_t id_bytes = 64;
inline constexpr std::size_t request_id_bytes = 128;  // a host's own, as of a proxy's header

// Documents.
inline constexpr std::size_t json_depth = 64;
inline constexpr std::size_t json_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t json_values = 1'000'000;

// Lists and pages.
inline constexpr std::int64_t page_items_default = 100;
inline constexpr std::int64_t page_items = 1'000;
inline constexpr std::size_t fallbacks = 8;
inline constexpr std::int64_t max_tokens = 100'000'000;
inline constexpr std::size_t scopes = 32;
inline constexpr std::int64_t range_days = 3'660;

// The prompt: the last messages up to whichever is reached first.
inline constexpr std::int64_t prompt_messages = 100;
inline constexpr std::size_t prompt_bytes = 512 * 1024;

/// What a process keeps of its sessions, so that their next turns need not be read.
inline constexpr std::size_t turn_cache_bytes = 2'560 * 1024;

// Resilience.
inline constexpr std::int64_t policy_time_ms = 24LL * 60 * 60 * 1000;
inline constexpr std::int64_t retries = 10;
inline constexpr double retry_factor = 100.0;
inline constexpr std::int64_t attempts_per_send = 100;

// Money.
inline constexpr std::int64_t price_nano_usd = 1'000'000LL * 1'000'000'000;  ///< 1,000,000 dollars
inline constexpr std::size_t price_tiers = 8;     ///< of one price, by length of the prompt
inline constexpr std::size_t service_tiers = 16;  ///< of one price
inline constexpr std::int64_t service_tier_factor = 1'000;
inline constexpr std::size_t price_document_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t price_document_rows = 10'000;
inline constexpr std::int64_t hold_output_tokens = 4'096;  ///< of a call without max_tokens
inline constexpr std::size_t top_agents = 10;
inline constexpr std::size_t usage_groups = 10'000;  // of one roll-up

// Tools.
inline constexpr std::size_t agent_tools = 64;
inline constexpr std::size_t tool_name_bytes = 64;
inline constexpr std::size_t tool_calls = 32;  ///< of one answer
inline constexpr std::size_t tool_result_bytes = 64 * 1024;
inline constexpr std::size_t sources = 32;  ///< of one result
inline constexpr std::size_t source_title_bytes = 1'024;
inline constexpr std::size_t source_snippet_bytes = 4'096;
inline constexpr std::int64_t tool_rounds = 8;  ///< that one send runs by itself

// JSON Schema: subschemas of one, and what checking a document may take.
inline constexpr std::size_t schema_bytes = 64 * 1024;
inline constexpr std::size_t schema_nodes = 2'000;
inline constexpr std::size_t schema_depth = 500;
inline constexpr std::size_t schema_steps = 200'000;
// The same of a schema that is closed for a vendor, with references followed.
inline constexpr std::size_t closed_schema_depth = 32;
inline constexpr std::size_t closed_schema_nodes = 2'048;

// A provider's answer.
inline constexpr std::size_t response_header_bytes = 64 * 1024;
inline constexpr std::size_t response_headers = 200;
inline constexpr std::size_t response_body_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t provider_message_bytes = 1'024;
/// To one host at a time, where the process has twice as many descriptors; each call in flight has
/// one of its own.
inline constexpr std::size_t connections_per_host = 16'384;

// One line and one event of a provider's stream.
inline constexpr std::size_t sse_line_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t sse_event_bytes = 8 * 1024 * 1024;

/// Of a chunk of a provider's stream without its text: the next one is compared with it.
inline constexpr std::size_t chunk_frame_bytes = 1'024;

/// The most text of one event of a stream.
inline constexpr std::size_t delta_bytes = 16 * 1024;
inline constexpr std::size_t stream_pulls = 1'024;  ///< that wait at once, of one consumer

// Council.
inline constexpr std::size_t sheet_bytes = 256 * 1024;  ///< of a critic's text that is read
inline constexpr std::size_t sheet_flaws = 400;         ///< code points
inline constexpr std::size_t sheet_strengths = 200;     ///< code points

// Engine.
inline constexpr std::size_t sends_in_flight = 100'000;
inline constexpr std::size_t sends_recycled = 512;  ///< whose memory is kept, some KiB each
inline constexpr std::size_t store_queue = 100'000;
inline constexpr std::size_t store_batch = 512;
inline constexpr std::size_t tenant_rows_known = 4'096;  ///< to the writer
inline constexpr std::int64_t port_requests = 100'000;
inline constexpr std::int64_t host_calls = 100'000;
inline constexpr std::int64_t in_progress_wait_ms = 30'000;
inline constexpr std::int64_t in_progress_poll_min_ms = 25;
inline constexpr std::int64_t in_progress_poll_max_ms = 250;

// Councils.
inline constexpr std::size_t council_members_min = 2;
inline constexpr std::size_t council_members = 16;          ///< and as many further critics
inline constexpr std::size_t council_members_degraded = 3;  ///< a budget leaves no fewer
inline constexpr std::size_t seat_bytes = 64;
inline constexpr std::int64_t council_min_chars = 100'000;
inline constexpr std::int64_t council_deadline_min_ms = 1'000;
inline constexpr std::int64_t council_deadline_ms = 3'600'000;
inline constexpr std::int64_t council_deadline_default_ms = 120'000;
/// Of an answer as its critics see it: more is cut out of its middle.
inline constexpr std::size_t critic_answer_bytes = 24 * 1024;
inline constexpr std::size_t critic_context_bytes = 6 * 1024;  ///< about 1,500 tokens
/// What a critic may say: so much, and so much more for each answer.
inline constexpr std::int64_t critique_tokens = 1'024;
inline constexpr std::int64_t critique_tokens_per_answer = 384;
inline constexpr std::int64_t reask_tokens = 300;
/// What a critic may say who compares a synthesis with the best answer.
inline constexpr std::int64_t gate_tokens = 512;

}  // namespace conclave::limits
