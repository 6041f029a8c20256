// Prints to standard output.
#include "page.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace demo {

namespace {

constexpr std::size_t page_columns = 80;
constexpr std::string_view indent = "   ";
constexpr std::string_view gap = "  ";

bool is_terminal() {
    static const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    return terminal;
}

/// Columns of UTF-8 text, one per code point.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string cut(std::string_view text, std::size_t width) {
    std::string out(text);
    std::replace(out.begin(), out.end(), '\n', ' ');
    if (columns(out) <= width) return out;
    while (columns(out) > width - 3 || (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80)
        out.pop_back();
    return out + "...";
}

}  // namespace

void heading(std::string_view text) {
    std::cout << '\n'
              << (is_terminal() ? "\033[1m" : "") << text << (is_terminal() ? "\033[0m" : "")
              << std::endl;
}

void line(std::string_view text) {
    std::cout << indent << cut(text, page_columns - indent.size()) << std::endl;
}

void table(const std::vector<std::vector<std::string>>& rows, std::size_t left) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns(row[i]));
    for (const auto& row : rows) {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - columns(row[i]), ' ');
            if (i > 0) text += gap;
            text += i < left ? row[i] + padding : padding + row[i];
        }
        text.erase(text.find_last_not_of(' ') + 1);
        line(text);
    }
}

std::string dollars(conclave::money amount) {
    const auto text = amount.to_usd_string();
    const auto point = text.find('.');
    const auto decimals = point == std::string::npos ? 0 : text.size() - point - 1;
    return text + (decimals == 0 ? "." : "") + std::string((decimals > 6 ? 9 : 6) - decimals, '0');
}

std::string count(std::int64_t n, std::string_view one, std::string_view many) {
    return std::to_string(n).append(" ").append(n == 1 ? one : many);
}

}  // namespace demo
