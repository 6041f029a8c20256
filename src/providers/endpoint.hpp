// Where a provider's operations lie.
#pragma once

#include <string>
#include <string_view>

namespace conclave::providers {

/// `base_url` with `path` behind its own; its query stays at the end.
std::string extend_url(std::string_view base_url, std::string_view path);

/// Likewise, with `version` (such as `/v1`) between the two unless the base's path has a version.
std::string extend_versioned_url(std::string_view base_url, std::string_view version,
                                 std::string_view path);

/// The URL with one more member in its query.
std::string add_query(std::string url, std::string_view member);

/// A name as one segment of a path.
std::string path_segment(std::string_view name);

/// Without the port.
std::string_view host_of(std::string_view url);

}  // namespace conclave::providers
