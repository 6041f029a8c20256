// A critic's text without what wraps the sheet.
#pragma once

#include <string>
#include <string_view>

namespace conclave::council {

/// Without byte order mark, reasoning (`<think>` and its like, also unfinished) and the code fence
/// around all of it.
std::string unwrap_sheet(std::string_view text);

/// Without one layer of JSON escapes, for documents that were escaped and not quoted.
std::string without_escapes(std::string_view text);

}  // namespace conclave::council
