// Agents and their versions.
#include "house.hpp"

#include <atomic>
#include <thread>

using namespace house;

TEST_CASE("an agent keeps everything it was given") {
    auto gw = open_in_memory();
    auto acme = gw.tenant(gw.tenants().create({.name = "Acme"}).value().id);
    const auto made = acme.agents()
                          .create({.name = "Support",
                                   .primary = "vendorA/small",
                                   .fallbacks = {"vendorB/large", "vendorB"},
                                   .instructions = "Be kind.\nBe brief.",
                                   .temperature = 0.5,
                                   .max_tokens = 200,
                                   .policy = {.preset = "strict", .retries = 1},
                                   .description = "First line",
                                   .metadata = R"({"team":7})"})
                          .value();
    const auto read = acme.agents().get(made.id).value();
    CHECK(read.id.str().starts_with("agt_"));
    CHECK(read.version == 1);
    CHECK(read.primary == "vendorA/small");
    CHECK(read.fallbacks == std::vector<std::string>{"vendorB/large", "vendorB"});
    CHECK(read.instructions == "Be kind.\nBe brief.");
    CHECK(read.temperature == 0.5);
    CHECK(read.max_tokens == 200);
    CHECK(read.policy == conclave::policy{.preset = "strict", .retries = 1});
    CHECK(read.description == "First line");
    CHECK(read.metadata == R"({"team":7})");
}

TEST_CASE("an update makes a new version and leaves out what it does not name") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto agents = acme.tenant.agents();
    const auto second = agents.update(acme.agent.id, {.instructions = "Be kind."}).value();
    CHECK(second.version == 2);
    CHECK(second.name == "Support");
    CHECK(second.instructions == "Be kind.");
    CHECK(agents.get(acme.agent.id).value().version == 2);

    CHECK(code_of(agents.update(acme.agent.id, {.name = ""})) == errc::validation_error);
    CHECK(agents.get(acme.agent.id).value().version == 2);
}

TEST_CASE("updates at the same time: each version is one update's, the others are told") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    std::atomic<std::int64_t> stored = 0;
    std::atomic<std::int64_t> overtaken = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const auto done = acme.tenant.agents().update(
                    acme.agent.id, {.description = std::to_string(t * 100 + i)});
                if (done)
                    ++stored;
                else if (done.error().code == errc::conflict)
                    ++overtaken;
            }
        });
    for (auto& t : threads) t.join();
    CHECK(stored + overtaken == 160);
    CHECK(acme.tenant.agents().get(acme.agent.id).value().version == 1 + stored);
}

TEST_CASE("a send uses the agent as it is when the send begins") {
    std::vector<std::string> heard;
    auto gw = open_in_memory({called("vendorA", [&](const provider_request& r) {
        heard.push_back(r.instructions);
        return result<provider_reply>(
            provider_reply{.text = "ok", .tokens = token_usage{1, 0, 0, 1, 0}});
    })});
    const auto acme = settle_in(gw);
    acme.send("1").value();
    acme.tenant.agents().update(acme.agent.id, {.instructions = "Sing."}).value();
    acme.send("2").value();
    CHECK(heard == std::vector<std::string>{"", "Sing."});
}

TEST_CASE("a deleted agent is not found, its sessions can be read but not written to") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    acme.send("1").value();
    auto agents = acme.tenant.agents();
    agents.delete_agent(acme.agent.id).value();
    const auto gone = agents.get(acme.agent.id);
    CHECK(code_of(gone) == errc::agent_not_found);
    CHECK(detail(gone.error(), "agent_id") == acme.agent.id.str());
    CHECK(agents.list().value().items.empty());
    CHECK(code_of(agents.update(acme.agent.id, {.name = "x"})) == errc::agent_not_found);
    CHECK(code_of(agents.delete_agent(acme.agent.id)) == errc::agent_not_found);
    CHECK(code_of(acme.send("2")) == errc::agent_not_found);
    CHECK(acme.send("1").value().metadata.replayed);
    CHECK(acme.tenant.sessions().transcript(acme.session.id).value().messages.size() == 2);
    CHECK(acme.bill().top_agents_by_cost.at(0).agent_id == acme.agent.id);
    require_sound(gw);
}

TEST_CASE("agents are listed newest first, page by page") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    std::vector<std::string> made{acme.agent.id.str()};
    for (int i = 0; i < 4; ++i) {
        gw.advance(1).value();
        made.push_back(
            acme.tenant.agents().create({.name = "a", .primary = "vendorA"}).value().id.str());
    }
    std::vector<std::string> listed;
    page_request page{.limit = 2};
    do {
        auto part = acme.tenant.agents().list(page).value();
        for (const auto& a : part.items) listed.push_back(a.id.str());
        page.cursor = part.next_cursor;
    } while (page.cursor);
    CHECK(listed == std::vector<std::string>(made.rbegin(), made.rend()));
}
