// The models of the council that is killed.
#include "faults/council_world.hpp"

#include "faults/witness_file.hpp"

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace conclave::faults {

namespace {

constexpr std::string_view asked = "This is question ";

/// Which question a prompt is about: its text stands in all of them.
int question_in(const std::string& prompt) {
    return std::stoi(prompt.substr(prompt.find(asked) + asked.size()));
}

const std::string& text_of(const provider_request& prompt) { return prompt.turns.back().content; }

constexpr std::string_view improved = "A better answer";

/// Where the improved answer begins; earlier ones stand in the context, in front of the answers.
std::size_t place_of_improved(const std::string& prompt) {
    return prompt.find(improved, prompt.find(R"("answers":)"));
}

std::string stage_of(const provider_request& prompt) {
    if (prompt.output_schema.find(R"("better")") != std::string::npos) {
        const auto& text = text_of(prompt);
        const auto first = text.find(R"("text":")", text.find(R"("answers":)"));
        return place_of_improved(text) < first + 10 ? "gate_swapped" : "gate";
    }
    if (!prompt.output_schema.empty()) return "critique";
    return text_of(prompt).find(R"("draft":)") != std::string::npos ? "synthesis" : "generate";
}

/// Scores each answer by the number of its member, which stands in it.
std::string sheet(const std::string& prompt) {
    std::string text;
    const std::string mark = R"({"id":")";
    const std::string author = "member ";
    for (auto at = prompt.find(mark); at != std::string::npos; at = prompt.find(mark, at + 1)) {
        const auto number = prompt[prompt.find(author, at) + author.size()];
        text += text.empty() ? R"({"assessments":[)" : ",";
        text += R"({"id":")" + prompt.substr(at + mark.size(), 4) +
                R"(","flaws":"f","strengths":"s","severity":"minor","score":)" +
                std::string(1, static_cast<char>(number + 3)) + "}";
    }
    return text + "]}";
}

/// The label of the improved answer, which is the better one.
std::string vote(const std::string& prompt) {
    const std::string mark = R"({"id":")";
    const auto at = prompt.rfind(mark, place_of_improved(prompt));
    return R"({"reason":"r","better":")" + prompt.substr(at + mark.size(), 4) + R"("})";
}

std::string prose(std::string_view what, int member, int number) {
    return std::string(what) + " of member " + std::to_string(member) + " to question " +
           std::to_string(number) + ". It is long enough to count.";
}

new_provider model(int member, const std::shared_ptr<witness_file>& journal) {
    const auto answer = [=](const provider_request& prompt) -> result<provider_reply> {
        journal->write(journal_line(question_in(text_of(prompt)), stage_of(prompt), member));
        // They end one after another, so that each has a commit of its own.
        std::this_thread::sleep_for(std::chrono::microseconds(500 * member));
        return say(member, prompt);
    };
    return {
        .name = "m" + std::to_string(member), .kind = provider_kind::callback, .handler = answer};
}

}  // namespace

std::string question_text(int number) { return std::string(asked) + std::to_string(number) + "."; }

provider_reply say(int member, const provider_request& prompt) {
    provider_reply said;
    said.tokens = token_usage{.input = 40, .output = 60};
    const auto stage = stage_of(prompt);
    const auto number = question_in(text_of(prompt));
    said.text = stage == "critique"         ? sheet(text_of(prompt))
                : stage.starts_with("gate") ? vote(text_of(prompt))
                : stage == "synthesis"      ? prose(improved, member, number)
                                            : prose("The answer", member, number);
    return said;
}

std::string undisturbed_text(int number) { return prose(improved, council_members, number); }

std::string journal_line(int number, const std::string& stage, int member) {
    return std::to_string(number) + " " + stage + " " + std::to_string(member);
}

gateway council_world::open() const {
    const auto file = std::make_shared<witness_file>(journal);
    open_options options;
    options.durability = durability::process;
    if (strict) options.policy.preset = "strict";
    for (int i = 1; i <= council_members; ++i) {
        options.providers.push_back(model(i, file));
        options.prices.push_back(
            {.provider = "m" + std::to_string(i), .usd_per_1k_tokens = "0.001"});
    }
    return gateway::open(database, std::move(options)).value();
}

result<reply> council_world::ask(const gateway& gw, int number) const {
    return gw.tenant(tenant_id(tenant))
        .messages()
        .send({.session_id = session_id(session),
               .content = question_text(number),
               .idempotency_key = "key-" + std::to_string(number)});
}

void council_world::found() {
    const auto gw = open();
    const auto acme = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    council_options o;
    for (int i = 1; i <= council_members; ++i)
        o.members.push_back({"m" + std::to_string(i) + "/x"});
    o.gate = council_gate::panel;
    const auto agent = acme.agents().create({.name = "Board", .council = o}).value();
    tenant = acme.id().str();
    session = acme.sessions().create({.agent_id = agent.id}).value().id.str();
}

}  // namespace conclave::faults
