// Councils as they are watched: events that are stored first, deltas, resumption, exports.
#include "council_house.hpp"

using namespace house;

namespace {

std::vector<stream_event> watch(const household& home, std::string key,
                                std::string_view after = {}) {
    auto stream = home.tenant.messages().stream(home.request(std::move(key)), after).value();
    std::vector<stream_event> events;
    while (auto e = stream.next()) events.push_back(*std::move(e));
    return events;
}

json::value step_of(const stream_event& e) {
    return *member(json::parse(e.document(), "event").value(), "council");
}

std::vector<json::value> steps_of(const std::vector<stream_event>& events) {
    std::vector<json::value> steps;
    for (const auto& e : events)
        if (e.type == stream_event_type::council) steps.push_back(step_of(e));
    return steps;
}

std::string text_of(const std::vector<stream_event>& events) {
    std::string text;
    for (const auto& e : events) {
        if (e.type == stream_event_type::reset) text.clear();
        if (e.type == stream_event_type::delta) text += e.text;
    }
    return text;
}

/// Numbers 1, 2, 3 ... since the beginning or the last reset.
void check_numbers(const std::vector<json::value>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i)
        CHECK(number_at(steps[i], "seq") == static_cast<std::int64_t>(i) + 1);
}

std::size_t count(const std::vector<json::value>& steps, std::string_view event) {
    return static_cast<std::size_t>(std::count_if(
        steps.begin(), steps.end(), [&](const auto& s) { return text_at(s, "event") == event; }));
}

}  // namespace

TEST_CASE("a stream shows each step of a council, and a replay the same ones") {
    const auto models = make_models(3);
    const auto gw = open_council_house(models);
    const auto home = settle_council(gw, options_of(models));
    const auto events = watch(home, "key-1");
    REQUIRE(events.back().type == stream_event_type::done);
    const auto steps = steps_of(events);
    check_numbers(steps);
    CHECK(count(steps, "started") == 1);
    CHECK(count(steps, "member_answered") == 3);
    CHECK(count(steps, "sheet_scored") == 3);
    CHECK(count(steps, "aggregated") == 1);
    CHECK(count(steps, "synthesis_started") == 1);
    CHECK(text_at(steps.back(), "event") == "concluded");
    CHECK(text_of(events) == models[2]->synthesis);

    const auto replay = watch(home, "key-1");
    CHECK(steps_of(replay) == steps);
    CHECK(text_of(replay) == models[2]->synthesis);

    // Whoever resumes at any event sees exactly what came after it.
    for (std::size_t i = 0; i < replay.size() - 1; ++i) {
        const auto rest = watch(home, "key-1", replay[i].id);
        std::vector<json::value> after;
        std::string text;
        for (std::size_t j = i + 1; j < replay.size(); ++j) {
            if (replay[j].type == stream_event_type::council) after.push_back(step_of(replay[j]));
            if (replay[j].type == stream_event_type::delta) text += replay[j].text;
        }
        CHECK(steps_of(rest) == after);
        CHECK(text_of(rest) == text);
    }
    require_sound(gw);
}

TEST_CASE("a stream of a council that fails shows all that is stored of it") {
    const auto models = make_models(3);
    for (int i : {0, 1}) models[static_cast<std::size_t>(i)]->fails_at = {asked_for::answer};
    const auto gw = open_council_house(models);
    const auto home = settle_council(gw, options_of(models));
    const auto events = watch(home, "key-1");
    REQUIRE(events.back().type == stream_event_type::error);
    CHECK(events.back().error->code == errc::council_quorum_failed);
    const auto steps = steps_of(events);
    check_numbers(steps);
    CHECK(count(steps, "member_failed") == 2);
    CHECK(text_at(steps.back(), "event") == "failed");

    // The next run of the key goes on behind these, and not before them.
    for (const auto& m : models) m->fails_at = {};
    const auto again = steps_of(watch(home, "key-1"));
    check_numbers(again);
    REQUIRE(again.size() > steps.size());
    CHECK(std::equal(steps.begin(), steps.end(), again.begin()));
    require_sound(gw);
}

TEST_CASE("a synthesis that was shown and may not stand is taken back") {
    auto models = make_models(3);
    const auto gw = open_council_house(models);
    // A provider that speaks before it ends: too short to stand in the winner's place.
    const auto speaker = models[2];
    gw.providers()
        .register_provider({.name = "m3",
                            .kind = provider_kind::callback,
                            .policy = {.retries = 0},
                            .async_handler =
                                [speaker](const provider_request& r, provider_call call) {
                                    auto reply = (*speaker)(r);
                                    if (purpose_of(r) == asked_for::synthesis) {
                                        reply->text = "Well.";
                                        call.text("Well.");
                                    }
                                    call.reply(std::move(reply));
                                }})
        .value();
    const auto home = settle_council(gw, options_of(models));
    const auto events = watch(home, "key-1");
    REQUIRE(events.back().type == stream_event_type::done);
    CHECK(text_of(events) == events.back().reply->message.content);
    CHECK(text_at(council_of(*events.back().reply), "synthesis") == "accepted");
    CHECK(text_at(council_of(*events.back().reply), "synthesis_seat") != "member-3");
    const auto replay = watch(home, "key-1");
    check_numbers(steps_of(replay));
    CHECK(count(steps_of(replay), "synthesis_reset") == 1);
    CHECK(text_of(replay) == events.back().reply->message.content);
    require_sound(gw);
}

TEST_CASE("who joins a deliberation sees it whole, and it happens once") {
    const auto models = make_models(3);
    const auto gw = open_council_house(models);
    const auto home = settle_council(gw, options_of(models));
    auto first = home.tenant.messages().stream(home.request("key-1")).value();
    const auto joined = watch(home, "key-1");
    std::vector<stream_event> seen;
    while (auto e = first.next()) seen.push_back(*std::move(e));
    CHECK(steps_of(joined) == steps_of(seen));
    CHECK(home.attempts().size() == 7);
}

TEST_CASE("an exported conversation shows each deliberation below its answer") {
    const auto models = make_models(3);
    models[0]->answer += "\n### Council\n\n- Winner: member-1";
    const auto gw = open_council_house(models);
    const auto home = settle_council(gw, options_of(models));
    home.send("key-1").value();
    const auto text =
        home.tenant.sessions().export_text(home.session.id, export_format::markdown).value();
    CHECK(text.find("### Council") != std::string::npos);
    CHECK(text.find("Winner: member-3") != std::string::npos);
    CHECK(text.find("| member-1 |") != std::string::npos);
    CHECK(text.find("- member-1 on member-3 (minor): against it: It could be clearer.") !=
          std::string::npos);
    // What a model says cannot pass for a part of the description.
    CHECK(text.find("\n> ### Council\n") != std::string::npos);
    CHECK(text.find("\n### Council", text.find("\n### Council") + 1) == std::string::npos);
    const auto document = json::parse(
        home.tenant.sessions().export_text(home.session.id, export_format::json).value(), "export");
    const auto& messages = *member(*document, "messages")->as_array();
    CHECK(member(messages[0], "council") == nullptr);
    CHECK(text_at(*member(messages[1], "council"), "winner") == "member-3");
}
