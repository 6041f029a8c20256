// Kills processes in the middle of deliberations, lets the next one go on, and compares what the
// models heard with what the ledger says.
//
//     council_kill_loop [--kills N] [--seed S]
#include <conclave/conclave.hpp>

#include "faults/scratch_folder.hpp"
#include "faults/witness_file.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace conclave;
using namespace conclave::faults;

namespace {

constexpr int members = 5;

struct place {
    std::string database;
    std::string journal;
    std::string tenant;
    std::string session;
};

std::string key_of(int number) { return "key-" + std::to_string(number); }

/// Which message a prompt is about: "question 17." stands in all of them.
std::string question_in(const std::string& prompt) {
    const auto at = prompt.find("question ");
    return prompt.substr(at + 9, prompt.find('.', at) - at - 9);
}

std::string sheet(const std::string& prompt) {
    std::string text;
    const std::string mark = R"({"id":")";
    for (auto at = prompt.find(mark); at != std::string::npos; at = prompt.find(mark, at + 1)) {
        const auto author = prompt.find("member ", at);
        text += text.empty() ? R"({"assessments":[)" : ",";
        text += R"({"id":")" + prompt.substr(at + mark.size(), 4) +
                R"(","flaws":"f","strengths":"s","severity":"minor","score":)" +
                std::string(1, static_cast<char>('3' + (prompt[author + 7] - '0'))) + "}";
    }
    return text + "]}";
}

/// Writes down what it hears before it answers, and takes its time.
new_provider model(int number, const std::shared_ptr<witness_file>& journal) {
    const auto name = "m" + std::to_string(number);
    const auto reply = [=](const provider_request& r) -> result<provider_reply> {
        const auto& prompt = r.turns.back().content;
        const bool scores = !r.output_schema.empty();
        const bool synthesis = prompt.find(R"("draft":)") != std::string::npos;
        journal->write(question_in(prompt) + " " + name + " " +
                       (scores      ? "critique"
                        : synthesis ? "synthesis"
                                    : "generate"));
        std::this_thread::sleep_for(std::chrono::microseconds(500 * number));
        provider_reply said;
        said.tokens = token_usage{.input = 40, .output = 60};
        if (scores)
            said.text = sheet(prompt);
        else
            said.text = std::string(synthesis ? "A better answer" : "The answer") + " of member " +
                        std::to_string(number) + " to question " + question_in(prompt) +
                        ". It is long enough to count.";
        return said;
    };
    return {.name = name, .kind = provider_kind::callback, .handler = reply};
}

gateway open(const place& p) {
    const auto journal = std::make_shared<witness_file>(p.journal);
    open_options options;
    options.durability = durability::process;
    for (int i = 1; i <= members; ++i) {
        options.providers.push_back(model(i, journal));
        options.prices.push_back(
            {.provider = "m" + std::to_string(i), .usd_per_1k_tokens = "0.001"});
    }
    return gateway::open(p.database, std::move(options)).value();
}

result<reply> send(const gateway& gw, const place& p, int number) {
    return gw.tenant(p.tenant).messages().send(
        {.session_id = p.session,
         .content = "This is question " + std::to_string(number) + ".",
         .idempotency_key = key_of(number)});
}

/// Runs in a child process: what it opens dies with it.
template <class F>
pid_t in_child(F f) {
    const auto pid = ::fork();
    if (pid != 0) return pid;
    ::_exit(f());
}

bool ended_well(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The text that no kill disturbed: the best member improves its own answer.
std::string undisturbed(int number) {
    return "A better answer of member " + std::to_string(members) + " to question " +
           std::to_string(number) + ". It is long enough to count.";
}

struct count_of_calls {
    int heard = 0;
    int rows = 0;
};

/// After all kills: every key has its answer and one bill, and the models heard no more than what
/// the ledger shows.
int judge(const place& p, int keys, int* disturbed) {
    const auto gw = open(p);
    const auto tenant = gw.tenant(p.tenant);
    int findings = 0;
    const auto find = [&](const std::string& what) {
        ++findings;
        std::cout << "FOUND " << what << std::endl;
    };
    for (int number = 0; number < keys; ++number) {
        const auto reply = send(gw, p, number);
        if (!reply) {
            find(key_of(number) + " has no answer: " + reply.error().message);
            continue;
        }
        const auto again = send(gw, p, number);
        if (!again || again->message.content != reply->message.content)
            find(key_of(number) + " has two answers");
        if (reply->message.content != undisturbed(number)) ++*disturbed;
        // What was heard of it, stage by stage and model by model, against its attempts.
        std::map<std::string, count_of_calls> calls;
        for (const auto& line : witness_file::read(p.journal)) {
            std::istringstream words(line);
            std::string question;
            std::string name;
            std::string stage;
            words >> question >> name >> stage;
            if (question == std::to_string(number)) ++calls[stage + " " + name].heard;
        }
        for (const auto& a : reply->metadata.attempts)
            calls[a.stage + " " + a.provider].rows += static_cast<int>(a.retries) + 1;
        for (const auto& [call, n] : calls)
            if (n.heard > n.rows)
                find(key_of(number) + " " + call + ": heard " + std::to_string(n.heard) +
                     " times, recorded " + std::to_string(n.rows));
    }
    const auto bill = tenant.usage().rollup("2020-01-01", "2029-12-31");
    if (!bill || bill->totals.messages != keys) find("the bill is not of one message for each key");
    const auto report = gw.check().value();
    for (const auto& i : report.invariants)
        for (const auto& row : i.offending) find(i.name + ": " + row);
    return findings;
}

place found(const std::string& folder) {
    place p{folder + "/app.db", folder + "/journal", {}, {}};
    const auto gw = open(p);
    const auto tenant = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    council_options o;
    for (int i = 1; i <= members; ++i) o.members.push_back({"m" + std::to_string(i) + "/x"});
    const auto agent = tenant.agents().create({.name = "Board", .council = o}).value();
    p.tenant = tenant.id().str();
    p.session = tenant.sessions().create({.agent_id = agent.id}).value().id.str();
    return p;
}

int run(int kills, std::uint64_t seed) {
    std::cout << "seed " << seed << std::endl;
    std::mt19937_64 dice(seed);
    const scratch_folder folder;
    int ids[2];
    if (::pipe(ids) != 0) return EXIT_FAILURE;
    // The ids come out of a child, as this process must not open a gateway before it forks.
    const auto founder = in_child([&] {
        const auto p = found(folder.path().string());
        const auto line = p.tenant + " " + p.session + "\n";
        return ::write(ids[1], line.data(), line.size()) > 0 ? 0 : 1;
    });
    if (!ended_well(founder)) return EXIT_FAILURE;
    char text[256] = {};
    if (::read(ids[0], text, sizeof text - 1) <= 0) return EXIT_FAILURE;
    place p{folder.file("app.db"), folder.file("journal"), {}, {}};
    std::istringstream(text) >> p.tenant >> p.session;
    const int keys = kills / 4 + 1;
    for (int i = 0; i < kills; ++i) {
        const auto pid = in_child([&]() -> int {
            const auto gw = open(p);
            for (int number = i / 4;; ++number) (void)send(gw, p, number % keys);
        });
        std::this_thread::sleep_for(std::chrono::microseconds(3'000 + dice() % 60'000));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    const auto judged = in_child([&] {
        int disturbed = 0;
        const auto findings = judge(p, keys, &disturbed);
        std::cout << kills << " kills, " << keys << " keys, " << disturbed
                  << " answers without what was lost, " << findings << " findings" << std::endl;
        return findings == 0 ? 0 : 1;
    });
    return ended_well(judged) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    int kills = 100;
    std::uint64_t seed = std::random_device{}();
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string word = words[i];
        if (word == "--kills") kills = std::atoi(words[i + 1]);
        if (word == "--seed") seed = std::strtoull(words[i + 1], nullptr, 10);
    }
    return run(kills, seed);
}
