// What must be true of the turns of councils.
#include "json/parse.hpp"
#include "simulation/world.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace conclave::simulation {

namespace {

void require(bool holds, const std::string& promise) {
    if (!holds) throw finding(promise);
}

std::string text_of(const json::value& v, std::string_view key) {
    const auto* found = json::find(v, key);
    return found != nullptr && found->as_string() ? *found->as_string() : std::string();
}

std::int64_t number_of(const json::value& v, std::string_view key) {
    const auto* found = json::find(v, key);
    require(found != nullptr && found->as_number().has_value(),
            "a report lacks `" + std::string(key) + "`");
    return static_cast<std::int64_t>(*found->as_number());
}

std::string answer_of(const json::value& report, const std::string& seat) {
    for (const auto& s : *json::find(report, "seats")->as_array())
        if (text_of(s, "seat") == seat) return text_of(*json::find(s, "answer"), "text");
    return {};
}

/// Nothing is called a synthesis but what a synthesiser gave, and the numbers add up.
void check_report(const std::string& name, const reply& r) {
    const auto report = json::parse(*r.metadata.council, "council").value();
    require(number_of(report, "answered") <= number_of(report, "asked") &&
                number_of(report, "scored") <= number_of(report, "critics"),
            name + ": more answers or sheets than were asked for");
    const auto scores = static_cast<std::int64_t>(json::find(report, "scores")->as_array()->size());
    require(scores <= number_of(report, "scored") * number_of(report, "answered"),
            name + ": scores that no sheet can hold");
    const auto synthesis = text_of(report, "synthesis");
    const auto winner = text_of(report, "winner");
    if (synthesis == "none" || synthesis == "skipped" || synthesis == "fallback_best")
        require(r.message.content == answer_of(report, winner),
                name + ": the text is not the winner's, and no synthesis either");
    else
        require(synthesis == "aborted" || !text_of(report, "synthesis_seat").empty(),
                name + ": a synthesis by nobody");
}

}  // namespace

void world::check_councils() {
    for (const auto& key : keys_) {
        if (!key.first_success || key.resolved || !key.first_success->metadata.council) continue;
        ++counts_.councils;
        check_report("key " + key.marker, *key.first_success);
    }
    check_council_calls();
}

/// A durable answer is not asked for again, and neither is a synthesis, nor under `strict` any
/// call, that may have run.
void world::check_council_calls() {
    struct seen {
        int answers = 0;
        int in_doubt = 0;
        std::string classes;
    };
    for (const auto& t : tenants_) {
        std::map<std::tuple<std::string, std::string, std::int64_t>, seen> calls;
        for (const auto& a : all_spend(*instances_[0], t.scope).attempts) {
            if (a.stage == "answer") continue;
            auto& s = calls[{a.send_id.str(), a.stage, a.seat}];
            s.classes += " " + a.attempt_class;
            s.answers += a.attempt_class == "ok" ? 1 : 0;
            s.in_doubt += a.attempt_class == "server_error" || a.attempt_class == "ambiguous" ||
                                  a.attempt_class == "partial"
                              ? 1
                              : 0;
        }
        for (const auto& [call, s] : calls) {
            const auto& [send, stage, seat] = call;
            const auto name = stage + " of seat " + std::to_string(seat) + " in " + send;
            // A sheet that cannot be read is asked for once more, and an answer that is too short
            // after each failure.
            if (stage != "generate" || council_min_chars_ == 1)
                require(s.answers <= (stage == "critique" ? 2 : 1),
                        name + " was answered twice:" + s.classes);
            if (strict_)
                require(s.in_doubt <= 1, name + " was repeated under `strict`:" + s.classes);
        }
    }
}

}  // namespace conclave::simulation
