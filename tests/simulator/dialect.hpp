// A vendor's wire shapes. One file per vendor implements this.
#pragma once

#include "scenario.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

/// What the simulator needs to know of a request.
struct request_facts {
    std::string model;
    std::string last_user_content;
    std::string refusal;  ///< why the vendor answers 400, naming the field; empty when it does not
};

/// A complete answer. Streaming will print the same facts as events; the text is therefore apart.
struct model_answer {
    std::uint64_t number = 0;  ///< of the request at this vendor, from 1
    std::string_view model;
    std::string_view text;
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    std::int64_t latency_ms = 0;
};

/// A refusal or failure.
struct model_error {
    int status = 500;
    std::string_view message;
    std::optional<std::int64_t> retry_after_ms;
};

/// Stateless; one object per vendor, valid for ever.
class dialect {
   public:
    virtual ~dialect() = default;

    /// Index into vendor_names.
    virtual std::size_t vendor() const = 0;
    /// True when a POST to `path` is a model request of this vendor.
    virtual bool serves(std::string_view path) const = 0;
    /// Reads a request document.
    virtual request_facts read(const nlohmann::json& document) const = 0;
    virtual void print(const model_answer& answer, std::string& body) const = 0;
    virtual void print(const model_error& error, std::string& body) const = 0;
    /// What the vendor does unasked. `dice` is evenly distributed, fixed by seed and request
    /// number.
    virtual scenario habit(std::uint64_t dice) const = 0;
    /// True when a retry delay in milliseconds stands in the body, not in a header.
    virtual bool delay_in_body() const = 0;
};

const dialect& openai_dialect();
const dialect& vendor_a_dialect();
const dialect& vendor_b_dialect();

/// The dialect that serves a POST to `path`, or null.
const dialect* find_dialect(std::string_view path);

}  // namespace simulator
