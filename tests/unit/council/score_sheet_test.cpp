// Score sheets: what is asked for, the steps of the ladder, values, errors.
#include "council/score_sheet.hpp"

#include "base/limits.hpp"
#include "council/score_value.hpp"
#include "json/parse.hpp"
#include "json/schema.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace conclave::council;
namespace json = conclave::json;
namespace limits = conclave::limits;

namespace {

const std::vector<std::string> labels{"CFHJ", "KMNP", "RTVW"};

const std::string sound =
    R"({"assessments":[)"
    R"({"id":"CFHJ","flaws":"Too long.","strengths":"Right.","severity":"minor","score":7},)"
    R"({"id":"KMNP","flaws":"Wrong.","strengths":"","severity":"fatal","score":2},)"
    R"({"id":"RTVW","flaws":"","strengths":"Short.","severity":"none","score":9}],"best":"RTVW"})";

score_sheet read(const std::string& text) { return read_score_sheet(text, labels); }

std::string with_score(const std::string& score) {
    return R"({"assessments":[{"id":"CFHJ","score":)" + score +
           R"(},{"id":"KMNP","score":2},{"id":"RTVW","score":3}]})";
}

assessment first_of(const std::string& score) { return read(with_score(score)).assessments[0]; }

}  // namespace

TEST_CASE("the schema takes what it asks for and nothing else") {
    const auto schema = json::schema::read(score_sheet_schema(labels), "schema");
    REQUIRE(schema);
    CHECK(schema->check(*json::parse(sound, "sheet"), "sheet"));
    const auto other = [&](const std::string& from, const std::string& to) {
        auto text = sound;
        text.replace(text.find(from), from.size(), to);
        return static_cast<bool>(schema->check(*json::parse(text, "sheet"), "sheet"));
    };
    CHECK_FALSE(other("\"id\":\"CFHJ\"", "\"id\":\"XXXX\""));
    CHECK_FALSE(other("\"score\":7", "\"score\":11"));
    CHECK_FALSE(other("\"score\":7", "\"score\":7.5"));
    CHECK_FALSE(other("\"minor\"", "\"huge\""));
    CHECK_FALSE(other("\"best\":\"RTVW\"", "\"best\":\"none\""));
    CHECK_FALSE(other("\"best\"", "\"first\""));
}

TEST_CASE("a sound sheet is read whole") {
    const auto sheet = read(sound);
    CHECK(sheet.path == parse_path::strict);
    REQUIRE(sheet.assessments.size() == 3);
    const auto& a = sheet.assessments[0];
    CHECK(a.label == "CFHJ");
    CHECK(a.score == 7.0);
    CHECK(a.flaws == "Too long.");
    CHECK(a.strengths == "Right.");
    CHECK(a.severity == severity::minor);
    CHECK(sheet.assessments[1].severity == severity::fatal);
    CHECK(sheet.best == "RTVW");
    CHECK_FALSE(sheet.self_inconsistent);
    CHECK(sheet.errors.empty());
    CHECK(sheet.scores() == 3);
}

TEST_CASE("each step of the ladder is named") {
    CHECK(read("```json\n" + sound + "\n```").path == parse_path::unwrapped);
    CHECK(read("<think>KMNP 9/10</think>" + sound).path == parse_path::unwrapped);
    CHECK(read("Here: " + sound + " Done.").path == parse_path::scanned);
    CHECK(read(sound.substr(0, sound.size() - 1) + ",}").path == parse_path::repaired);
    CHECK(read("CFHJ: 7/10\nKMNP: 2/10\nRTVW: 9/10").path == parse_path::lines);
    CHECK(read("CFHJ, KMNP, RTVW").path == parse_path::none);
    CHECK(name_of(parse_path::repaired) == "repaired");
}

TEST_CASE("the best that the scores contradict is flagged, and the scores are trusted") {
    auto text = sound;
    text.replace(text.rfind("RTVW"), 4, "CFHJ");
    const auto sheet = read(text);
    CHECK(sheet.best == "CFHJ");
    CHECK(sheet.self_inconsistent);
    CHECK(sheet.assessments[0].score == 7.0);
}

TEST_CASE("values that are no plain number say so") {
    CHECK(first_of("\"85%\"").score == 8.5);
    CHECK(first_of("\"85%\"").flags == score_flags{true, false});
    CHECK(first_of("\"4/5\"").score == 8.0);
    CHECK(first_of("\"4/5\"").flags == score_flags{true, false});
    CHECK(first_of("\"8/10\"").flags == score_flags{});
    CHECK(first_of("0").score == 1.0);
    CHECK(first_of("0").flags == score_flags{false, true});
    CHECK(first_of("11").score == 10.0);
    CHECK(first_of("11").flags == score_flags{false, true});
    CHECK(first_of("7.25").score == 7.25);
    for (const auto* bad : {"true", "null", "\"eight\"", "-1", "12", "85", "[8]", "{}", "1e9"}) {
        INFO(bad);
        CHECK_FALSE(first_of(bad).score);
    }
}

TEST_CASE("scores are read from the beginning of a text") {
    struct sample {
        std::string text;
        double score;
    };
    const auto good = GENERATE(values<sample>({{"8", 8},
                                               {"8.5 of 10", 8.5},
                                               {"8 / 10", 8},
                                               {"8 out of 10", 8},
                                               {"Score: 8/10", 8},
                                               {"**8**", 8},
                                               {"8,5", 8.5},
                                               {"10/10!", 10},
                                               {"16/20", 8}}));
    INFO(good.text);
    REQUIRE(read_score(good.text));
    CHECK(read_score(good.text)->score == good.score);
    for (const auto* bad : {"", "-", "eight", "7-8", "7 to 8",
                            "7\xE2\x80\x93"
                            "8",
                            "1st", "3.11.2", "8/7", "8/10/2024", "99999999999", "8 and 9", "6/5"}) {
        INFO(bad);
        CHECK_FALSE(read_score(bad));
    }
}

TEST_CASE("half of the labels make a sheet, fewer do not") {
    const std::vector<std::string> four{"CFHJ", "KMNP", "RTVW", "XHKM"};
    const auto two = read_score_sheet("CFHJ: 7/10\nKMNP: 2/10", four);
    CHECK(two.valid());
    CHECK(two.scores() == 2);
    CHECK(two.errors == std::vector<std::string>{"RTVW is missing", "XHKM is missing"});
    const auto one = read_score_sheet("CFHJ: 7/10", four);
    CHECK_FALSE(one.valid());
    CHECK(one.scores() == 0);
    CHECK(one.errors.size() == 3);
    CHECK(one.assessments.size() == 4);
}

TEST_CASE("the re-ask says what was wrong, in our words alone") {
    const auto sheet = read(R"([{"id":"CFHJ","score":"great, say yes"},)"
                            R"({"id":"KMNP","score":4},{"id":"KMNP","score":5}])");
    CHECK_FALSE(sheet.valid());
    const auto text = score_sheet_reask(sheet, labels);
    CHECK(text.find("CFHJ has no number from 1 to 10 as its score") != std::string::npos);
    CHECK(text.find("KMNP has two different scores") != std::string::npos);
    CHECK(text.find("RTVW is missing") != std::string::npos);
    CHECK(text.find("say yes") == std::string::npos);
    CHECK(text.find("CFHJ KMNP RTVW\n") != std::string::npos);
}

TEST_CASE("texts of a sheet are cut at their limits, between code points") {
    std::string flaws;
    for (std::size_t i = 0; i <= limits::sheet_flaws; ++i) flaws += "\xC3\xA4";
    const auto sheet_of = [](const std::string& text) {
        return read_score_sheet(R"([{"id":"CFHJ","flaws":")" + text + R"(","score":4}])",
                                std::vector<std::string>{"CFHJ"});
    };
    CHECK(sheet_of(flaws).assessments[0].flaws == flaws.substr(2));
    CHECK(sheet_of(flaws.substr(2)).assessments[0].flaws == flaws.substr(2));
}

TEST_CASE("a text beyond the limit, or no UTF-8, abstains") {
    const auto padded = [](std::size_t bytes) {
        return sound + std::string(bytes - sound.size(), ' ');
    };
    CHECK(read(padded(limits::sheet_bytes)).valid());
    const auto over = read(padded(limits::sheet_bytes + 1));
    CHECK_FALSE(over.valid());
    CHECK(over.assessments.size() == 3);
    CHECK(over.errors == std::vector<std::string>{"the text is longer than 262144 bytes"});
    CHECK(read("CFHJ: 7\xFF").errors == std::vector<std::string>{"the text is not valid UTF-8"});
}

TEST_CASE("brackets without an end cost no more than their number") {
    for (const auto* piece :
         {"{", "[", "{\"a\":", "[{", "{'a", "{\"assessments\":[{\"id\":\"CFHJ\",", "\\\"{", "|",
          "CFHJ 8/", "<think>", "/*{", "{a:b,"}) {
        std::string text;
        while (text.size() + 40 < limits::sheet_bytes) text += piece;
        CHECK_FALSE(read(text).valid());
    }
}
