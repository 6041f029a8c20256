// HTTP/1.1 as this host needs it: a request read from its head, an answer printed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vocalbridge {

inline constexpr std::size_t head_bytes_max = 16 * 1024;
inline constexpr std::size_t headers_max = 64;
inline constexpr std::size_t body_bytes_max = 1536 * 1024;

struct request {
    std::string method;
    std::string path;                                          ///< as it came, without the query
    std::string query;                                         ///< as it came, without `?`
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::size_t body_bytes = 0;                                ///< announced
    std::string body;
    bool keep_alive = true;

    /// The value of the first header of that lower-case name.
    std::optional<std::string> header(std::string_view name) const;
    /// The value of a query parameter, decoded.
    std::optional<std::string> parameter(std::string_view name) const;
};

/// Reads everything up to and including the empty line; the body is not filled in. Nothing when it
/// is not a request, or one with a transfer encoding: a body must come with its length.
std::optional<request> parse_head(std::string_view head);

struct answer {
    int status = 200;
    std::string body;
};

/// The answer on the wire. `request_id` goes into X-Request-Id.
std::string print(const answer& a, std::string_view request_id, bool keep_alive);

}  // namespace vocalbridge
