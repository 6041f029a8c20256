// One page of a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conclave {

/// Which part of a list to read. `limit` 1 to 1,000; `cursor` from the page before. Since 0.1.
struct page_request {
    std::optional<std::int64_t> limit = {};
    std::optional<std::string> cursor = {};
};

/// Items, newest first unless said otherwise, and the cursor of the next page if there is one.
template <class T>
struct page {
    std::vector<T> items;
    std::optional<std::string> next_cursor = {};
};

}  // namespace conclave
