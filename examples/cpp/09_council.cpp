// A council: three models answer, score one another, and the best answer is improved. One key, one
// reply, one bill.
#include <conclave/conclave.hpp>

#include <iostream>

using namespace conclave;

namespace {

/// Scores what a critic is shown: each answer stands in its prompt under a label.
std::string score_sheet(const std::string& prompt) {
    std::string sheet;
    const std::string mark = R"({"id":")";
    for (auto at = prompt.find(mark); at != std::string::npos; at = prompt.find(mark, at + 1)) {
        const auto label = prompt.substr(at + mark.size(), 4);
        const auto text = prompt.substr(at, prompt.find("\"}", at) - at);
        const bool careful = text.find("staging") != std::string::npos;
        sheet += sheet.empty() ? R"({"assessments":[)" : ",";
        sheet += R"({"id":")" + label + R"(","flaws":")" +
                 (careful ? "Does not say how to roll back." : "Says nothing of testing.") +
                 R"(","strengths":"Short.","severity":"minor","score":)" + (careful ? "8" : "5") +
                 "}";
    }
    return sheet + "]}";
}

/// A stand-in for a real model, which would be registered in its place.
new_provider model(std::string name, std::string answer) {
    const auto reply = [answer = std::move(answer)](const provider_request& r) {
        const auto& prompt = r.turns.back().content;
        provider_reply said;
        said.tokens = token_usage{.input = 40, .output = 60};
        if (!r.output_schema.empty())
            said.text = score_sheet(prompt);
        else if (prompt.find(R"("draft":)") != std::string::npos)
            said.text = answer + " Keep the last release at hand, and roll back if a check fails.";
        else
            said.text = answer;
        return result<provider_reply>(said);
    };
    return {.name = std::move(name), .kind = provider_kind::callback, .handler = reply};
}

}  // namespace

int main() {
    auto gw = gateway::open(":memory:",
                            {.providers = {model("quick",
                                                 "Push to main on a Friday and see what the "
                                                 "customers say about it."),
                                           model("careful",
                                                 "Deploy to staging, run the smoke tests, then "
                                                 "shift traffic step by step."),
                                           model("brief",
                                                 "Press the green button in the dashboard, then "
                                                 "press it again.")},
                             .prices = {{.provider = "quick", .usd_per_1k_tokens = "0.001"},
                                        {.provider = "careful", .usd_per_1k_tokens = "0.004"},
                                        {.provider = "brief", .usd_per_1k_tokens = "0.002"}}})
                  .value();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme Corporation"}).value().id);
    const auto agent =
        acme.agents()
            .create({.name = "Board",
                     .max_tokens = 500,
                     .council = council_options{.members = {{"quick/1", "Quick"},
                                                            {"careful/1", "Careful"},
                                                            {"brief/1", "Brief"}},
                                                .max_usd = money::parse_usd("1").value()}})
            .value();
    const auto session = acme.sessions().create({.agent_id = agent.id}).value();
    const auto reply = acme.messages().send(
        {.session_id = session.id, .content = "How do I deploy?", .idempotency_key = "deploy-1"});
    if (!reply) {
        std::cerr << reply.error().message << '\n';
        return 1;
    }
    std::cout << reply->message.content << "\n\nfor " << reply->metadata.usage.cost->to_usd_string()
              << " dollars\n";
    // Who answered what, who scored whom, who won, and what each seat cost.
    const auto text = acme.sessions().export_text(session.id, export_format::markdown).value();
    std::cout << text.substr(text.find("### Council"));
    return gw.check().value().ok() ? 0 : 1;
}
