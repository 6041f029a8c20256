// What the demo prints: headings, lines and aligned tables, at most 80 columns wide.
#pragma once

#include <conclave/money.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace demo {

/// "3. A vendor is down"; bold on a terminal.
void heading(std::string_view text);
/// One indented line, cut to the width of the page.
void line(std::string_view text);

/// Cells in rows, the first row being the head. The first `left` columns start at the left, all
/// others end at the right. A row that begins with an empty cell belongs to the one above.
void table(const std::vector<std::vector<std::string>>& rows, std::size_t left);

/// Dollars with six decimals, or nine where six would hide something.
std::string dollars(conclave::money amount);

/// "1 try", "3 tries".
std::string count(std::int64_t n, std::string_view one, std::string_view many);

}  // namespace demo
