// Watches a council.
#include "council.hpp"

#include "page.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace demo {

namespace {

using namespace conclave;

const std::vector<std::string> names{"Quick", "Careful", "Brief"};

/// The value of a member, as it stands in a document without nesting of the same name.
std::string field(std::string_view document, std::string_view key) {
    const auto mark = "\"" + std::string(key) + "\":";
    auto at = document.find(mark);
    if (at == std::string_view::npos) return {};
    at += mark.size();
    if (document[at] != '"')
        return std::string(document.substr(at, document.find_first_of(",}", at) - at));
    std::string text;
    for (++at; at < document.size() && document[at] != '"'; ++at) {
        if (document[at] == '\\') ++at;
        text += document[at];
    }
    return text;
}

std::string score_sheet(const std::string& prompt, int bias) {
    std::string sheet;
    const std::string mark = R"({"id":")";
    for (auto at = prompt.find(mark); at != std::string::npos; at = prompt.find(mark, at + 1)) {
        const auto text = prompt.substr(at, prompt.find("\"}", at) - at);
        const bool careful = text.find("staging") != std::string::npos;
        const bool brief = text.find("button") != std::string::npos;
        sheet += sheet.empty() ? R"({"assessments":[)" : ",";
        sheet += R"({"id":")" + prompt.substr(at + mark.size(), 4) + R"(","flaws":")" +
                 (careful ? "Does not say how to roll back." : "Says nothing of testing.") +
                 R"(","strengths":"","severity":")" + (careful ? "minor" : "major") +
                 R"(","score":)" +
                 std::to_string((careful ? 8
                                 : brief ? 4
                                         : 3) +
                                bias) +
                 "}";
    }
    return sheet + "]}";
}

new_provider model(const std::string& name, std::string answer, int pace_ms, int bias) {
    const auto reply = [answer = std::move(answer), pace_ms, bias](const provider_request& r) {
        std::this_thread::sleep_for(std::chrono::milliseconds(pace_ms));
        const auto& prompt = r.turns.back().content;
        provider_reply said;
        said.tokens = token_usage{.input = 120, .output = 80};
        if (!r.output_schema.empty())
            said.text = score_sheet(prompt, bias);
        else if (prompt.find(R"("draft":)") != std::string::npos)
            said.text = answer + " Keep the last release at hand and roll back if a check fails.";
        else
            said.text = answer;
        return result<provider_reply>(said);
    };
    return {.name = name, .kind = provider_kind::callback, .handler = reply};
}

/// A quoted text over as many lines as it needs.
void quote(std::string_view text) {
    constexpr std::size_t width = 70;
    std::string row = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        if (row.size() + end - at > width) {
            line(row);
            row = " ";
        }
        if (row.size() > 1) row += ' ';
        row += text.substr(at, end - at);
        at = end + 1;
    }
    line(row + "\"");
}

/// Prints the steps of one deliberation.
class view {
   public:
    void step(const std::string& document) {
        const auto event = field(document, "event");
        if (event == "member_answered") {
            line(field(document, "seat") + " answers after " + field(document, "ms") + " ms:");
            line("    \"" + field(document, "excerpt") + "\"");
        } else if (event == "member_failed" || event == "member_cut") {
            line(field(document, "seat") + " gives no answer");
        } else if (event == "sheet_scored") {
            score(document);
        } else if (event == "aggregated") {
            winner(document);
        } else if (event == "synthesis_started") {
            line(field(document, "seat") + " improves the best answer with what the critics found");
        } else if (event == "synthesis_fallback") {
            line("no synthesis may stand: the best answer is given word for word");
        }
    }

   private:
    void score(const std::string& document) {
        auto& row = matrix_.emplace_back();
        row.push_back(field(document, "critic"));
        for (const auto& name : names) row.push_back(field(document, name));
    }
    void winner(const std::string& document) {
        std::vector<std::vector<std::string>> rows{{"judged by"}};
        for (const auto& name : names) rows.front().push_back(name);
        rows.insert(rows.end(), matrix_.begin(), matrix_.end());
        rows.push_back({"mean"});
        for (std::size_t answer = 1; answer <= names.size(); ++answer)
            rows.back().push_back(mean(answer));
        line("");
        line("each model has judged the others' answers, from 1 to 10, and none its own:");
        table(rows, 1);
        line("");
        const auto sure = field(document, "p_best");
        line(field(document, "winner") + " wins" +
             (sure == "null" ? "" : ", the best one with a probability of " + sure));
    }

    /// Of one column; what was not scored is empty.
    std::string mean(std::size_t answer) const {
        double sum = 0;
        int scores = 0;
        for (const auto& row : matrix_) {
            if (row[answer].empty() || row[answer] == "null") continue;
            sum += std::stod(row[answer]);
            ++scores;
        }
        if (scores == 0) return {};
        auto text = std::to_string(sum / scores);
        return text.substr(0, text.find('.') + 2);
    }

    std::vector<std::vector<std::string>> matrix_;
};

/// What the critics said against an answer, each thing once.
void print_flaws(std::string_view report, const std::string& answer) {
    std::vector<std::string> told;
    const auto mark = "\"answer\":\"" + answer + "\"";
    for (auto at = report.find(mark); at != std::string_view::npos;
         at = report.find(mark, at + 1)) {
        const auto flaws = field(report.substr(at), "flaws");
        if (flaws.empty() || std::find(told.begin(), told.end(), flaws) != told.end()) continue;
        told.push_back(flaws);
        line("what the critics missed in " + answer + "'s answer: " + flaws);
    }
}

/// Whether the same key is answered from the store, and no bill grows.
bool costs_nothing_again(tenant& tenant, send_request request) {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::days day(1);
    const auto billed = [&] {
        return tenant.usage().rollup(today - day, today + day).value().totals;
    };
    const auto before = billed();
    const auto again = tenant.messages().send(std::move(request));
    return again && again->metadata.replayed && billed() == before;
}

}  // namespace

void add_council_models(const gateway& gw) {
    const auto add = [&](new_provider p, std::string_view usd) {
        const auto name = p.name;
        gw.providers().register_provider(std::move(p)).value();
        gw.prices().set({.provider = name, .usd_per_1k_tokens = std::string(usd)}).value();
    };
    add(model("quick", "Push to main on a Friday and see what the customers say about it.", 150, 1),
        "0.001");
    add(model("careful", "Deploy to staging, run the smoke tests, then shift traffic in steps.",
              600, 0),
        "0.004");
    add(model("brief", "Press the green button in the dashboard, and then press it once more.", 300,
              -1),
        "0.002");
}

bool watch_council(tenant tenant) {
    const council_options options{
        .members = {{"quick/1", names[0]}, {"careful/1", names[1]}, {"brief/1", names[2]}}};
    const auto agent =
        tenant.agents().create({.name = "Board", .max_tokens = 200, .council = options}).value();
    const auto session = tenant.sessions().create({.agent_id = agent.id}).value();
    line("three models are asked at once: How do I deploy?");
    auto stream = tenant.messages().stream(
        {.session_id = session.id, .content = "How do I deploy?", .idempotency_key = "council-1"});
    if (!stream) return false;
    view screen;
    std::optional<reply> answer;
    while (auto event = stream->next()) {
        if (event->type == stream_event_type::council) screen.step(event->document());
        if (event->type == stream_event_type::done) answer = event->reply;
    }
    if (!answer) return false;
    std::string_view report = *answer->metadata.council;
    print_flaws(report, field(report, "winner"));
    line("");
    quote(answer->message.content);
    line("");
    line("each answered and judged, one wrote the improved answer:");
    std::vector<std::vector<std::string>> rows{{"seat", "calls", "USD"}};
    report.remove_prefix(report.find(R"("seats":[)"));
    for (const auto& name : names) {
        const auto seat = report.substr(report.find("\"seat\":\"" + name + "\""));
        rows.push_back({name, field(seat, "calls"), field(seat, "cost_usd")});
    }
    rows.push_back({"in all", std::to_string(answer->metadata.attempts.size()),
                    answer->metadata.usage.cost.to_usd_string()});
    table(rows, 1);
    return field(*answer->metadata.council, "synthesis") == "accepted" &&
           costs_nothing_again(tenant, {.session_id = session.id,
                                        .content = "How do I deploy?",
                                        .idempotency_key = "council-1"});
}

}  // namespace demo
