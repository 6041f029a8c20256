// The corpus of score sheets as models write them: what is read of each is written down.
#include "council/score_sheet.hpp"
#include "json/parse.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace council = conclave::council;
namespace json = conclave::json;

namespace {

/// A sheet and what it says. No cells: the critic abstains.
struct sheet_case {
    std::string name;
    std::vector<std::string> labels;
    std::string text;
    std::optional<std::map<std::string, std::optional<double>>> cells;
    bool cut = false;
};

std::string text_of(const json::value& v, const char* key) {
    return *json::find(v, key)->as_string();
}

sheet_case case_of(const json::value& v, const std::string& file) {
    sheet_case c;
    c.name = file + ": " + text_of(v, "name");
    c.text = text_of(v, "text");
    for (const auto& label : *json::find(v, "labels")->as_array())
        c.labels.push_back(*label.as_string());
    if (const auto* cells = json::find(v, "cells")->as_object()) {
        c.cells.emplace();
        for (const auto& cell : *cells) (*c.cells)[cell.key] = cell.value.as_number();
    }
    c.cut = json::find(v, "cut") != nullptr;
    return c;
}

std::vector<sheet_case> load_cases() {
    std::vector<sheet_case> cases;
    const std::filesystem::path folder = CONCLAVE_SOURCE_DIR "/tests/corpora/score_sheets";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(entry.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto document = json::parse(text, entry.path().filename().string());
        REQUIRE(document);
        for (const auto& v : *document->as_array())
            cases.push_back(case_of(v, entry.path().stem().string()));
    }
    return cases;
}

/// What became of one sheet.
struct outcome {
    std::size_t wrong = 0;  ///< cells with a score that the critic did not give
    std::size_t lost = 0;   ///< cells without the score that it gave
};

outcome judge(const sheet_case& c) {
    const auto sheet = council::read_score_sheet(c.text, c.labels, c.cut);
    outcome o;
    REQUIRE(sheet.assessments.size() == c.labels.size());
    for (const auto& a : sheet.assessments) {
        constexpr double none = 0;
        const double said = c.cells ? c.cells->at(a.label).value_or(none) : none;
        if (a.score && *a.score != said) ++o.wrong;
        if (!a.score && said != none) ++o.lost;
    }
    if (sheet.valid() != c.cells.has_value() && o.wrong + o.lost == 0) ++o.lost;
    return o;
}

}  // namespace

TEST_CASE("malformed score sheets are read as they were meant, or not at all") {
    const auto cases = load_cases();
    REQUIRE(cases.size() >= 300);
    std::size_t right = 0;
    for (const auto& c : cases) {
        const auto o = judge(c);
        INFO(c.name << "\n" << c.text);
        CHECK(o.wrong == 0);
        if (o.wrong + o.lost == 0)
            ++right;
        else
            WARN(c.name << ": " << o.wrong << " wrong, " << o.lost << " lost\n" << c.text);
    }
    INFO(right << " of " << cases.size());
    CHECK(static_cast<double>(right) >= 0.99 * static_cast<double>(cases.size()));
}
