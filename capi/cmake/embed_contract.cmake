# Writes OUTPUT, a C++ source with the text of FILE.
cmake_minimum_required(VERSION 3.22)
file(READ ${FILE} text)
# A compiler need not take a string literal of more than 65,536 bytes: pieces.
string(LENGTH "${text}" length)  # in bytes
set(pieces "")
set(at 0)
while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND pieces "    R\"contract(${piece})contract\",\n")
    math(EXPR at "${at} + 8000")
endwhile()
if(text MATCHES "\\)contract\"")
    message(FATAL_ERROR "${FILE} holds the mark that ends its text")
endif()
file(WRITE ${OUTPUT} "// The contract. Written by embed_contract.cmake.
#include \"capi/src/contract_text.hpp\"

#include <algorithm>
#include <array>

namespace conclave::capi {

namespace {

constexpr std::string_view pieces[] = {
${pieces}};

constexpr auto join() {
    std::array<char, ${length} + 1> text{};
    auto end = text.begin();
    for (const auto piece : pieces) end = std::copy(piece.begin(), piece.end(), end);
    return text;
}

constexpr auto text = join();

}  // namespace

std::string_view contract_text() noexcept { return {text.data(), text.size() - 1}; }

}  // namespace conclave::capi
")
