// What a fuzz target hears of one HTTP answer.
#pragma once

#include "base/limits.hpp"
#include "fuzz.hpp"
#include "net/response_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace fuzz {

/// Feeds an answer in pieces, up to its end or that of the bytes.
class http_answer final : conclave::net::response_parser::listener {
   public:
    using state = conclave::net::response_parser::state;
    using request_kind = conclave::net::response_parser::request_kind;

    http_answer(std::string_view bytes, std::size_t piece, request_kind kind) {
        parser_.begin(*this, kind);
        while (now == state::reading && used < bytes.size()) {
            const std::string part(bytes.substr(used, piece));
            const auto progress = parser_.feed(part);
            require(progress.used <= part.size());
            require(progress.used == part.size() || progress.now != state::reading);
            now = progress.now;
            used += progress.used;
        }
        if (now == state::reading) now = parser_.finish();
        require(now == state::complete || now == state::failed);
        if (now == state::failed) {
            failure = parser_.failure();
            require(failure != conclave::net::exchange_failure::none);
            require(!parser_.message().empty());
        } else {
            require(heads == 1);
            keep_alive = parser_.keep_alive();
        }
    }

    /// Where in an answer a fault lies may be told a few bytes sooner or later, and which of two
    /// that lie side by side.
    bool same(const http_answer& other) const {
        const bool same_failure = failure == other.failure || (is_fault() && other.is_fault());
        return now == other.now && same_failure && keep_alive == other.keep_alive &&
               heads == other.heads && head.status == other.head.status &&
               head.headers == other.head.headers && body == other.body &&
               (now == state::failed || used == other.used);
    }

    state now = state::reading;
    conclave::net::exchange_failure failure = conclave::net::exchange_failure::none;
    bool keep_alive = false;
    int heads = 0;
    conclave::net::http_head head;
    std::string body;
    std::size_t used = 0;

   private:
    /// Of the bytes, not of the connection.
    bool is_fault() const {
        using conclave::net::exchange_failure;
        return failure == exchange_failure::malformed || failure == exchange_failure::too_large;
    }

    bool on_head(const conclave::net::http_head& h) override {
        require(++heads == 1);
        require(h.status >= 200 && h.headers.size() <= conclave::limits::response_headers);
        std::size_t bytes = 0;
        for (const auto& [name, value] : h.headers) {
            bytes += name.size() + value.size();
            require(std::none_of(name.begin(), name.end(),
                                 [](char c) { return c >= 'A' && c <= 'Z'; }));
        }
        require(bytes <= conclave::limits::response_header_bytes);
        head = h;
        return true;
    }
    bool on_body(std::string_view bytes) override {
        require(heads == 1);
        body += bytes;
        require(body.size() <= conclave::limits::response_body_bytes);
        return true;
    }

    conclave::net::response_parser parser_;
};

}  // namespace fuzz
