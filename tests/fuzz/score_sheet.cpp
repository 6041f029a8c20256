// Fuzzes the reader of score sheets.
#include "council/score_sheet.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"

#include <string>
#include <vector>

namespace {

namespace council = conclave::council;
namespace limits = conclave::limits;

void check(const council::assessment& a) {
    using conclave::utf8::count_code_points;
    fuzz::require(!a.score || (*a.score >= 1 && *a.score <= 10));
    fuzz::require(conclave::utf8::valid(a.flaws) && conclave::utf8::valid(a.strengths));
    fuzz::require(count_code_points(a.flaws) <= limits::sheet_flaws);
    fuzz::require(count_code_points(a.strengths) <= limits::sheet_strengths);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = fuzz::text_of(data, size);
    const auto how = fuzz::take_byte(text);
    std::vector<std::string> labels{"CFHJ", "KMNP", "RTVW", "XHKM", "PNRC", "WVTR", "JHFC", "MKPN"};
    labels.resize(1 + how % 8);
    const auto sheet = council::read_score_sheet(text, labels, (how & 8) != 0);
    fuzz::require(sheet.assessments.size() == labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
        fuzz::require(sheet.assessments[i].label == labels[i]);
        check(sheet.assessments[i]);
    }
    fuzz::require(sheet.valid() ? 2 * sheet.scores() >= labels.size() && sheet.scores() > 0
                                : sheet.scores() == 0);
    fuzz::require(sheet.valid() || !sheet.errors.empty());
    for (const auto& error : sheet.errors) fuzz::require(conclave::utf8::valid(error));
    fuzz::require(council::score_sheet_reask(sheet, labels).size() < 4'096);
    return 0;
}
