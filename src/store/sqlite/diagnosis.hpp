// What an operator should know about the SQLite in use.
#pragma once

#include <string>
#include <vector>

namespace conclave::store {

/// Known weaknesses of the SQLite library that this process runs with; empty for none.
std::vector<std::string> sqlite_warnings();

}  // namespace conclave::store
