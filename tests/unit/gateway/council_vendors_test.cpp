// A council over HTTP: six members, three dialects, the simulator's journal as the witness.
#include "council_house.hpp"
#include "simulator/simulator_process.hpp"

using namespace house;

namespace {

struct dialect {
    const char* vendor;  ///< as the simulator names it
    provider_kind kind;
    const char* path;
};

constexpr dialect dialects[] = {{"openai", provider_kind::openai, "/v1"},
                                {"anthropic", provider_kind::anthropic, ""},
                                {"gemini", provider_kind::gemini, ""}};

const std::string question =
    "How do I deploy a service without any time in which it does not answer?";

}  // namespace

TEST_CASE(
    "six members over three dialects: each answers, each judges the other five, one improves") {
    const simulator::simulator_process simulator({"--no-quirks"});
    open_options options = on_virtual_time();
    council_options council;
    for (const auto& d : dialects) {
        options.providers.push_back({.name = d.vendor,
                                     .kind = d.kind,
                                     .base_url = simulator.base_url() + d.path,
                                     .api_key = "key",
                                     .policy = {.retries = 0}});
        options.prices.push_back({.provider = d.vendor, .usd_per_1k_tokens = "0.001"});
        for (const char* model : {"small", "large"})
            council.members.push_back({std::string(d.vendor) + "/" + model});
    }
    const auto gw = gateway::open(":memory:", std::move(options)).value();
    const auto home = settle_council(gw, council);
    const auto reply = home.send("key-1", question).value();

    const auto report = council_of(reply);
    CHECK(text_at(report, "basis") == "full");
    CHECK(number_at(report, "answered") == 6);
    CHECK(number_at(report, "scored") == 6);
    CHECK(text_at(report, "synthesis") == "accepted");
    CHECK(reply.message.content == "Improved: You said: " + question);
    const auto& scores = *member(report, "scores")->as_array();
    CHECK(scores.size() == 30);
    std::set<std::pair<std::string, std::string>> pairs;
    for (const auto& s : scores) {
        pairs.emplace(text_at(s, "critic"), text_at(s, "answer"));
        CHECK(text_at(s, "critic") != text_at(s, "answer"));
        const auto score = member(s, "score")->as_number();
        CHECK((score && *score >= 1 && *score <= 10));
    }
    CHECK(pairs.size() == 30);
    std::uint64_t heard = 0;
    for (const auto& d : dialects) heard += simulator.count(d.vendor);
    CHECK(heard == 13);
    CHECK(home.events().size() == 6);
    require_sound(gw);
}
