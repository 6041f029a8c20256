// The host ranks the answers: the rule `external`, with a registered tool.
#include "council_house.hpp"

using namespace house;

namespace {

council_options ranked_by(const council_models& models, std::string tool) {
    auto o = options_of(models);
    o.rule = "external";
    o.ranker = std::move(tool);
    o.mode = council_mode::select;
    return o;
}

std::string degradation_of(const json::value& council) {
    const auto& all = *member(council, "degradations")->as_array();
    if (all.empty()) return "";
    return text_at(all.front(), "step") + " " + text_at(all.front(), "reason");
}

}  // namespace

TEST_CASE("the host's tool ranks the answers of a council") {
    const auto models = make_models(3);
    const auto gw = open_council_house(models);
    std::string asked;
    result<tool_answer> said =
        tool_answer(R"({"scores":{"member-1":0.9,"member-2":2,"member-3":-1}})");
    REQUIRE(gw.tools().register_tool({.name = "ranker", .handler = [&](const tool_call& call) {
                                          asked = call.arguments;
                                          return said;
                                      }}));
    const auto home = settle_council(gw, ranked_by(models, "ranker"));

    SECTION("what it says decides, and it was told of answers and scores") {
        const auto reply = home.send("key-1", "How do I deploy?").value();
        const auto council = council_of(reply);
        CHECK(text_at(council, "winner") == "member-2");
        CHECK(text_at(council, "rule") == "external/1");
        CHECK(text_at(council, "basis") == "full");
        CHECK(reply.message.content == models[1]->answer);
        CHECK(degradation_of(council) == "");
        CHECK(member(council, "p_best")->is_null());
        const auto document = json::parse(asked, "arguments").value();
        CHECK(text_at(document, "question") == "How do I deploy?");
        CHECK(member(document, "answers")->as_array()->size() == 3);
        CHECK(member(document, "scores")->as_array()->size() == 6);
        CHECK(text_at(member(document, "answers")->as_array()->front(), "text") ==
              models[0]->answer);
    }
    SECTION("where it fails the scores decide, and the reply says so") {
        said = fail(errc::tool_failed, "no opinion");
        const auto council = council_of(home.send("key-1").value());
        CHECK(text_at(council, "winner") == "member-3");
        CHECK(text_at(council, "rule") == "robust/1");
        CHECK(degradation_of(council) == "rule ranker_failed");
    }
    SECTION("a ranking that leaves an answer out is none") {
        for (const std::string text :
             {R"({"scores":{"member-1":1,"member-2":2}})",
              R"({"scores":{"member-1":1,"member-2":2,"member-3":"3"}})", "member-1"}) {
            said = tool_answer(text);
            const auto council =
                council_of(home.send("key-" + std::to_string(text.size())).value());
            CHECK(text_at(council, "winner") == "member-3");
            CHECK(degradation_of(council) == "rule ranking_unreadable");
        }
    }
    require_sound(gw);
}

TEST_CASE("a ranker that nobody registered is refused before anything is called") {
    const auto models = make_models(2);
    const auto gw = open_council_house(models);
    const auto home = settle_council(gw, ranked_by(models, "nobody"));
    const auto refused = home.send("key-1");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::validation_error);
    CHECK(detail(refused.error(), "field") == "council.ranker");
    CHECK(models[0]->count(asked_for::answer) == 0);
}
