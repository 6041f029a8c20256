// The error table at run time; its rows are in errors.def.
#include <conclave/errc.hpp>

#include <array>
#include <cstddef>

namespace conclave {
namespace {

struct row {
    int number;
    std::string_view name;
    int http_status;
    bool retryable;
    std::string_view sentence;
};

constexpr std::array rows{
#define CONCLAVE_ERROR(number, name, http_status, retryable, sentence) \
    row{number, #name, http_status, retryable, sentence},
#include "base/errors.def"
#undef CONCLAVE_ERROR
};

constexpr bool numbered_from_one() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].number != static_cast<int>(i) + 1) return false;
    }
    return true;
}
static_assert(numbered_from_one(), "errors.def: numbers run from 1 without gaps");

constexpr const row& row_of(errc code) {
    const int number = static_cast<int>(code);
    const bool known = number >= 1 && number <= static_cast<int>(rows.size());
    const int found = known ? number : static_cast<int>(errc::internal_error);
    return rows[static_cast<std::size_t>(found) - 1];
}

}  // namespace

std::string_view to_string(errc code) noexcept { return row_of(code).name; }

int http_status(errc code) noexcept { return row_of(code).http_status; }

bool retryable(errc code) noexcept { return row_of(code).retryable; }

std::string_view sentence(errc code) noexcept { return row_of(code).sentence; }

}  // namespace conclave
