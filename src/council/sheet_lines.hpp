// Score sheets written as lines, tables or headings instead of JSON.
#pragma once

#include "council/sheet_draft.hpp"

#include <string_view>

namespace conclave::council {

/// Reads `ABCD: 8/10`, tables with a column of scores, and headings with `Score: 8` below them. A
/// line about several labels counts where each has its own score behind it. `cut`: the text may end
/// within a number.
sheet_draft read_sheet_lines(std::string_view text, const label_finder& labels, bool cut);

}  // namespace conclave::council
