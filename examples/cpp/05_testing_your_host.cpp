// A host's own test: ten minutes of retries and time-outs in no time, on a clock the test moves.
#include <conclave/conclave.hpp>

#include <chrono>
#include <future>
#include <iostream>

namespace {

// --- The host's code: what is under test --------------------------------------------------------

/// Answers a customer, or apologises.
std::string answer(conclave::tenant acme, conclave::session_id session, std::string question,
                   std::string key) {
    const auto reply = acme.messages().send({.session_id = std::move(session),
                                             .content = std::move(question),
                                             .idempotency_key = std::move(key)});
    if (reply) return reply->message.content;
    return reply.error().retryable() ? "Please try again in a minute." : "That did not work.";
}

// --- Its test -----------------------------------------------------------------------------------

struct bench {
    conclave::gateway gw =
        conclave::gateway::open(":memory:", {.clock = conclave::clock_kind::virtual_time}).value();
    conclave::tenant acme = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    conclave::session_id session;

    explicit bench(std::vector<conclave::scripted_reply> script) {
        gw.providers()
            .register_provider({.name = "vendor",
                                .kind = conclave::provider_kind::scripted,
                                .policy = {.preset = "vocalbridge"},
                                .replies = std::move(script)})
            .value();
        const auto agent = acme.agents().create({.name = "Support", .primary = "vendor"}).value();
        session = acme.sessions().create({.agent_id = agent.id}).value().id;
    }

    /// Runs the host's code and moves the clock until it has returned.
    std::string ask(const std::string& question, const std::string& key) {
        using namespace std::chrono_literals;
        auto said = std::async(std::launch::async, answer, acme, session, question, key);
        while (said.wait_for(0s) != std::future_status::ready) gw.advance(100).value();
        return said.get();
    }
};

int failures = 0;

void expect(std::string_view what, bool holds) {
    std::cout << (holds ? "ok    " : "FAIL  ") << what << '\n';
    if (!holds) ++failures;
}

}  // namespace

int main() {
    const conclave::scripted_reply down{.error = {{.http_status = 503, .retry_after_ms = 1'000}}};
    const conclave::scripted_reply hanging{.text = "too late", .latency_ms = 600'000};
    const conclave::scripted_reply fine{.text = "Hello!"};

    bench recovers({down, hanging, fine});
    expect("the third try answers", recovers.ask("Hi", "k1") == "Hello!");

    bench broken({down, down, down, fine});
    expect("a broken vendor gives an apology",
           broken.ask("Hi", "k1") == "Please try again in a minute.");
    expect("the same key succeeds later", broken.ask("Hi", "k1") == "Hello!");
    expect("and again, replayed", broken.ask("Hi", "k1") == "Hello!");
    expect("the books are in order", broken.gw.check().value().ok());
    return failures;
}
