// Fuzzes the checks of answers and syntheses.
#include "base/utf8.hpp"
#include "council/acceptance.hpp"
#include "council/injection.hpp"
#include "fuzz.hpp"

#include <string>
#include <vector>

namespace council = conclave::council;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto all = fuzz::text_of(data, size);
    if (!conclave::utf8::valid(all)) return 0;
    const auto end = all.find('\0');
    const auto answer = all.substr(0, end);
    const auto synthesis = end == all.npos ? answer : all.substr(end + 1);

    const auto check = council::check_answer(answer, council::text_end::finished);
    fuzz::require(check.valid == (council::trimmed_chars(answer) >= council::min_chars_default));
    const auto masked = council::mask_self_identification(answer);
    fuzz::require(conclave::utf8::valid(masked));

    const std::vector<std::string> labels{"CFHJ", "KMNP"};
    const std::vector<std::string> flaws{std::string(synthesis)};
    const auto fault =
        council::check_synthesis(synthesis, council::text_end::finished,
                                 {answer, council::min_chars_default, labels, flaws});
    // What is good enough for a winner is good enough for its synthesis.
    if (synthesis == answer) fuzz::require(!fault == check.valid);
    return 0;
}
