// Keeps the journal in memory and in its file.
#include "journal.hpp"

#include "json_text.hpp"
#include "limits.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace simulator {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view json) {
    out.append(",\"").append(name).append("\":").append(json);
}

void append_member(std::string& out, std::string_view name, std::uint64_t value) {
    append_member(out, name, std::to_string(value));
}

std::string text_or_null(const std::string& text) {
    return text.empty() ? "null" : quoted_bytes(text);
}

std::string results_text(const std::vector<tool_result>& results) {
    std::string out;
    for (const auto& result : results) {
        out.append(out.empty() ? "[" : ",").append("{\"id\":").append(quoted_bytes(result.id));
        append_member(out, "content", quoted_bytes(result.content));
        out += '}';
    }
    return out.empty() ? "[]" : out + "]";
}

void append_entry(std::string& out, const journal_entry& entry) {
    out.append("{\"n\":").append(std::to_string(entry.n));
    append_member(out, "target", quoted_bytes(vendor_names[entry.vendor]));
    append_member(out, "number", entry.number);
    append_member(out, "method", quoted_bytes(entry.method));
    append_member(out, "path", quoted_bytes(entry.path));
    out.append(",\"headers\":{\"authorization\":").append(text_or_null(entry.authorization));
    append_member(out, "idempotency-key", text_or_null(entry.idempotency_key));
    append_member(out, "x-request-id", text_or_null(entry.request_id));
    if (!entry.api_key.empty()) {
        append_member(out, "api-key", quoted_bytes(entry.api_key));
    }
    if (!entry.api_version.empty()) {
        append_member(out, "anthropic-version", quoted_bytes(entry.api_version));
    }
    out += '}';
    append_member(out, "body", quoted_bytes(entry.body));
    append_member(out, "last_user_content", quoted_bytes(entry.last_user_content));
    append_member(out, "model", quoted_bytes(entry.model));
    append_member(out, "stream", entry.streams ? "true" : "false");
    append_member(out, "turns", entry.turns);
    append_member(out, "tools", entry.tools);
    append_member(out, "tool_results", results_text(entry.tool_results));
    append_member(out, "at_ms", static_cast<std::uint64_t>(entry.at_ms));
    append_member(out, "answered_status",
                  entry.answered_status == 0 ? "null" : std::to_string(entry.answered_status));
    append_member(out, "fault", quoted_bytes(fault_name(entry.spoilt)));
    append_member(out, "tokens_in", static_cast<std::uint64_t>(entry.tokens_in));
    append_member(out, "tokens_out", static_cast<std::uint64_t>(entry.tokens_out));
    append_member(out, "connection_id", entry.connection_id);
    out += '}';
}

}  // namespace

void journal::add(journal_entry entry) {
    ++counts_[entry.vendor];
    if (file_ >= 0) {
        append_line(entry);
    }
    if (!in_memory_) {
        return;
    }
    body_bytes_ += entry.body.size();
    entries_.push_back(std::move(entry));
    while (entries_.size() > journal_entries_max || body_bytes_ > journal_body_bytes_max) {
        body_bytes_ -= entries_.front().body.size();
        entries_.pop_front();
    }
}

void journal::append_line(const journal_entry& entry) const {
    const auto line = std::to_string(entry.n) + '\t' + std::string(vendor_names[entry.vendor]) +
                      '\t' + quoted_bytes(entry.last_user_content) + '\t' +
                      std::to_string(entry.tool_rounds) + '\n';
    if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        std::perror("vendor_simulator: journal file");
        std::_Exit(EXIT_FAILURE);
    }
}

std::string journal::text() const {
    std::string out = "[";
    for (const auto& entry : entries_) {
        out += out.size() > 1 ? ",\n" : "";
        append_entry(out, entry);
    }
    return out + "]";
}

std::string journal::counts() const {
    std::string out;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        append_member(out, vendor_names[i], counts_[i]);
    }
    return "{\"count\":{" + out.substr(1) + "}}";
}

void journal::clear() {
    counts_.fill(0);
    entries_.clear();
    body_bytes_ = 0;
    if (file_ >= 0 && ::ftruncate(file_, 0) != 0) {
        std::perror("vendor_simulator: journal file");
        std::_Exit(EXIT_FAILURE);
    }
}

}  // namespace simulator
