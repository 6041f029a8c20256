// A model's whole answer, before any vendor's wire shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

enum class part_kind { thinking, text, tool_call };

/// One part of an answer, in the order the model made them.
struct answer_part {
    part_kind kind = part_kind::text;
    std::string text;  ///< the words; of a tool call its arguments as JSON text
    std::string id;    ///< of a tool call, empty: the vendor makes one
    std::string name;  ///< of a tool call
};

/// Every token counted once: `cached_in` and `cache_write_in` are parts of `in`, `reasoning` is a
/// part of `out`. Each vendor prints them by its own rules of inclusion.
struct token_counts {
    std::int64_t in = 0, cached_in = 0, cache_write_in = 0;
    std::int64_t out = 0, reasoning = 0;
};

enum class finish_reason { stop, length, tool_calls, content_filter };

/// What the request asked about the form of its answer.
struct answer_form {
    bool streams = false;
    bool usage_in_stream = false;      ///< OpenAI's stream_options.include_usage
    bool array_stream = false;         ///< Gemini's stream without alt=sse
    bool encrypted_reasoning = false;  ///< Responses' include
    bool named_choice = false;         ///< the request names the tool to call
    bool base64_vectors = false;       ///< OpenAI's encoding_format
    bool batch = true;                 ///< embeddings: a list of vectors, not a single one
};

/// What a scenario leaves out of an answer.
struct omissions {
    bool usage = false;
    bool finish = false;
    bool end = false;
};

/// A complete answer. It owns all it says: a stream outlives the request it answers.
struct model_answer {
    std::uint64_t number = 0;  ///< of the request at this vendor, from 1
    std::string model;
    std::vector<answer_part> parts;
    std::vector<std::vector<float>> vectors;  ///< instead of parts, of an embedding request
    token_counts tokens;
    finish_reason finish = finish_reason::stop;
    std::int64_t latency_ms = 0;
    answer_form form;
    omissions omits;

    /// What the vendor prints as its name of the answer, or of something in it.
    std::string id(std::string_view prefix) const;
    std::string id(std::string_view prefix, std::size_t index) const;
    /// The words of all parts of one kind.
    std::string text(part_kind kind) const;
    bool has(part_kind kind) const;
    /// Bytes of all parts.
    std::size_t size() const;
};

/// A refusal or failure.
struct model_error {
    int status = 500;
    std::string_view message;
    std::int64_t retry_after_ms = -1;  ///< negative: none
};

}  // namespace simulator
