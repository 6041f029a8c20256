// Models for councils: each answers, judges and improves as it is told, and counts what it was
// asked.
#pragma once

#include "house.hpp"
#include "json/parse.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace house {

enum class asked_for { answer, scores, synthesis };

inline const json::value* member(const json::value& v, std::string_view key) {
    return json::find(v, key);
}

/// What a request of a council is about: prompts of critics and synthesisers are JSON documents.
inline asked_for purpose_of(const provider_request& r) {
    const auto document = json::parse(r.turns.back().content, "prompt");
    if (document && member(*document, "answers")) return asked_for::scores;
    if (document && member(*document, "draft")) return asked_for::synthesis;
    return asked_for::answer;
}

/// A text of at least `chars` characters that begins with `text`.
inline std::string padded(std::string text, std::size_t chars = 60) {
    while (text.size() < chars) text += '.';
    return text;
}

/// One model of a council.
struct council_model {
    std::string name;
    std::string answer;
    /// The score it gives to a text.
    std::function<std::int64_t(const std::string&)> judge = [](const std::string&) { return 5; };
    std::string synthesis = padded("An improved answer");
    std::set<asked_for> fails_at = {};  ///< with a 503: refused
    std::string raw_sheet = {};         ///< instead of a proper one

    std::mutex mutex;
    std::map<asked_for, int> calls;
    std::vector<std::string> judged;  ///< texts that it was shown as a critic

    result<provider_reply> operator()(const provider_request& r) {
        const std::scoped_lock lock(mutex);
        const auto purpose = purpose_of(r);
        ++calls[purpose];
        if (fails_at.contains(purpose))
            return fail(errc::provider_rejected, "the model is out of order");
        provider_reply reply;
        reply.tokens.emplace();
        reply.tokens->input = 10;
        reply.tokens->output = 20;
        switch (purpose) {
            case asked_for::answer: reply.text = answer; break;
            case asked_for::scores: reply.text = raw_sheet.empty() ? sheet(r) : raw_sheet; break;
            case asked_for::synthesis: reply.text = synthesis; break;
        }
        return reply;
    }
    int count(asked_for purpose) {
        const std::scoped_lock lock(mutex);
        return calls[purpose];
    }

   private:
    std::string sheet(const provider_request& r) {
        const auto document = json::parse(r.turns.back().content, "prompt").value();
        std::string text = R"({"assessments":[)";
        std::string separator;
        std::string best;
        std::int64_t best_score = 0;
        for (const auto& a : *member(document, "answers")->as_array()) {
            const auto id = *member(a, "id")->as_string();
            const auto shown = *member(a, "text")->as_string();
            judged.push_back(shown);
            const auto score = judge(shown);
            if (score > best_score) {
                best_score = score;
                best = id;
            }
            text += separator + R"({"id":")" + id + R"(","flaws":"It could be clearer.",)" +
                    R"("strengths":"To the point.","severity":"minor","score":)" +
                    std::to_string(score) + "}";
            separator = ",";
        }
        return text + R"(],"best":")" + best + R"("})";
    }
};

using council_models = std::vector<std::shared_ptr<council_model>>;

/// Models `m1`, `m2` ... whose answers name them; the higher the number the better the answer.
inline council_models make_models(std::size_t n) {
    council_models models;
    for (std::size_t i = 0; i < n; ++i) {
        auto m = std::make_shared<council_model>();
        m->name = "m" + std::to_string(i + 1);
        m->answer = padded("Answer number " + std::to_string(i + 1) + " ");
        m->judge = [](const std::string& text) {
            return static_cast<std::int64_t>(std::min(9, 2 + (text[14] - '0')));
        };
        models.push_back(std::move(m));
    }
    return models;
}

inline std::vector<new_provider> providers_of(const council_models& models) {
    std::vector<new_provider> all;
    for (const auto& m : models)
        all.push_back({.name = m->name,
                       .kind = provider_kind::callback,
                       .policy = {.retries = 0},
                       .handler = [m](const provider_request& r) { return (*m)(r); }});
    return all;
}

inline council_options options_of(const council_models& models) {
    council_options o;
    for (const auto& m : models) o.members.push_back({m->name + "/x"});
    return o;
}

inline gateway open_council_house(const council_models& models, std::string_view store = ":memory:",
                                  open_options options = on_virtual_time()) {
    options.providers = providers_of(models);
    for (const auto& m : models)
        options.prices.push_back({.provider = m->name, .usd_per_1k_tokens = "0.001"});
    return gateway::open(store, std::move(options)).value();
}

inline household settle_council(const gateway& gw, council_options o) {
    auto tenant = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    auto agent = tenant.agents().create({.name = "Board", .council = std::move(o)}).value();
    auto session = tenant.sessions().create({.agent_id = agent.id}).value();
    return {std::move(tenant), std::move(agent), std::move(session)};
}

/// `metadata.council` of a reply.
inline json::value council_of(const reply& r) {
    REQUIRE(r.metadata.council);
    return json::parse(*r.metadata.council, "council").value();
}
inline std::string text_at(const json::value& v, std::string_view key) {
    const auto* found = member(v, key);
    return found != nullptr && found->as_string() ? *found->as_string() : std::string();
}
inline std::int64_t number_at(const json::value& v, std::string_view key) {
    const auto* found = member(v, key);
    REQUIRE(found != nullptr);
    REQUIRE(found->as_integer() != nullptr);
    return *found->as_integer();
}

}  // namespace house
