// Fuzzes the reader of HTTP answers.
#include "http_answer.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using fuzz::http_answer;
    auto bytes = fuzz::text_of(data, size);
    const auto how = fuzz::take_byte(bytes);
    const auto kind = how % 8 == 0   ? http_answer::request_kind::head
                      : how % 8 == 1 ? http_answer::request_kind::tunnel
                                     : http_answer::request_kind::usual;
    const std::size_t piece = (how >> 3) + std::size_t{1};
    const http_answer whole(bytes, std::max<std::size_t>(bytes.size(), 1), kind);
    fuzz::require(http_answer(bytes, piece, kind).same(whole));
    fuzz::require(kind != http_answer::request_kind::head || whole.body.empty());
    return 0;
}
