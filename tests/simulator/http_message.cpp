// Prints replies in HTTP/1.1 form.
#include "http_message.hpp"

#include "json_text.hpp"

#include <http_parser.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace simulator {
namespace {

void append_hex(std::string& out, std::size_t value) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
    out.append(digits, end);
}

void append_chunked(std::string& out, std::string_view body) {
    constexpr std::size_t chunk_bytes = 64;  // small, so that an ordinary answer has several chunks
    for (; !body.empty(); body.remove_prefix(std::min(chunk_bytes, body.size()))) {
        append_chunk(out, body.substr(0, chunk_bytes));
    }
}

}  // namespace

void append_chunk(std::string& out, std::string_view data) {
    append_hex(out, data.size());
    out.append("\r\n").append(data).append("\r\n");
}

std::string_view reason_phrase(int status) {
    switch (status) {
#define SIMULATOR_PHRASE(number, name, phrase) \
    case number: return #phrase;
        HTTP_STATUS_MAP(SIMULATOR_PHRASE)
#undef SIMULATOR_PHRASE
    }
    return "Status";
}

std::size_t print_reply(const reply_parts& parts, http_reply& reply) {
    auto out = std::move(reply.wire);  // keeps its capacity
    out = "HTTP/1.1 ";
    append_number(out, parts.status);
    out.append(" ").append(reason_phrase(parts.status)).append("\r\n");
    out.append("content-type: ");
    out.append(parts.content_type.empty() ? "application/json" : parts.content_type);
    out.append("\r\n").append(parts.header_lines);
    if (!parts.keep_alive) {
        out += "connection: close\r\n";
    }
    if (parts.chunked || parts.open) {
        out += "transfer-encoding: chunked\r\n\r\n";
    } else {
        out += "content-length: ";
        append_number(out, static_cast<std::int64_t>(parts.body.size()));
        out += "\r\n\r\n";
    }
    const auto head_bytes = out.size();
    if (parts.chunked || parts.open) {
        append_chunked(out, parts.body);
        if (!parts.open) {
            append_chunk(out, {});
        }
    } else {
        out += parts.body;
    }
    reply = {};
    reply.wire = std::move(out);
    reply.after = parts.keep_alive ? ending::keep : ending::finish;
    return head_bytes;
}

}  // namespace simulator
