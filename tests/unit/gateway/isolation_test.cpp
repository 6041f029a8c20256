// Another tenant's id is answered exactly like one that never existed.
#include "house.hpp"

#include <functional>

using namespace house;

namespace {

/// The ids that an intruder might have seen, or made up.
struct known_ids {
    agent_id agent;
    session_id session;
    api_key_id key;
    send_id send;
    std::string idempotency_key;
};

template <class T>
std::optional<error> outcome_of(result<T> r) {
    if (r) return std::nullopt;
    return std::move(r).error();
}

struct attempt {
    std::string name;
    std::function<std::optional<error>(const tenant&, const known_ids&)> run;
};

#define ATTEMPT(call)                                                                    \
    attempt {                                                                            \
#call, [](const tenant& t, const known_ids& id) { (void)id; return outcome_of(t.call); } \
    }

/// Every operation of a tenant that takes an id.
std::vector<attempt> every_operation_with_an_id() {
    return {
        ATTEMPT(api_keys().revoke(id.key, "mine now")),
        ATTEMPT(agents().get(id.agent)),
        ATTEMPT(agents().update(id.agent, {.name = "mine"})),
        ATTEMPT(agents().delete_agent(id.agent)),
        ATTEMPT(sessions().create({.agent_id = id.agent})),
        ATTEMPT(sessions().get(id.session)),
        ATTEMPT(sessions().update(id.session, {.title = "mine"})),
        ATTEMPT(sessions().close(id.session)),
        ATTEMPT(sessions().delete_session(id.session)),
        ATTEMPT(sessions().transcript(id.session)),
        ATTEMPT(sessions().export_text(id.session, export_format::json)),
        ATTEMPT(sessions().export_text(id.session, export_format::markdown)),
        ATTEMPT(messages().send({.session_id = id.session,
                                 .content = "x",
                                 .idempotency_key = "intruder",
                                 .request_id = "req_1"})),
        ATTEMPT(messages().resolve({.send_id = id.send})),
        ATTEMPT(messages().resolve({.send_id = id.send, .decision = resolve_decision::fail})),
        ATTEMPT(messages().resolve({.idempotency_key = id.idempotency_key,
                                    .decision = resolve_decision::succeed,
                                    .content = "x"})),
    };
}

/// Every operation of a tenant that takes none: what it shows must be the tenant's own.
std::vector<attempt> every_operation_without_an_id() {
    return {
        ATTEMPT(get()),
        ATTEMPT(api_keys().create({})),
        ATTEMPT(api_keys().list()),
        ATTEMPT(agents().create({.name = "a", .primary = "vendorA"})),
        ATTEMPT(agents().list()),
        ATTEMPT(sessions().list()),
        ATTEMPT(messages().list_unknown()),
        ATTEMPT(usage().rollup(first_day, last_day)),
        ATTEMPT(usage().events(first_day, last_day)),
        ATTEMPT(usage().spend(first_day, last_day)),
    };
}

#undef ATTEMPT

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string without_ids(const error& e, const known_ids& ids) {
    auto text = words_of(e) + " | " + e.request_id;
    for (const auto& id :
         {ids.agent.str(), ids.session.str(), ids.key.str(), ids.send.str(), ids.idempotency_key})
        text = replaced(std::move(text), id, "<id>");
    return text;
}

/// A tenant with one of everything, also a send in doubt under `key`.
std::pair<household, known_ids> furnish(gateway& gw, const std::string& name) {
    auto house = settle_in(gw, name);
    const auto key = house.tenant.api_keys().create({}).value().api_key.id;
    house.send("settled").value();
    house.tenant.agents()
        .update(house.agent.id, {.policy = conclave::policy{.preset = "strict"}})
        .value();
    CHECK(code_of(house.send("doubtful-" + name)) == errc::outcome_unknown);
    const auto send = house.tenant.messages().list_unknown().value().items.at(0).send_id;
    return {house, {house.agent.id, house.session.id, key, send, "doubtful-" + name}};
}

/// Of the same shape, and never given out.
const known_ids never_existed{"agt_01jd0000000000000000000000", "ses_01jd0000000000000000000000",
                              "key_01jd0000000000000000000000", "snd_01jd0000000000000000000000",
                              "doubtful-nobody"};

}  // namespace

TEST_CASE("every operation answers another tenant's id like one that never existed") {
    auto gw = open_in_memory({scripted("vendorA", {answering("Hello!", 1, 1), failing(502)})});
    auto [acme, acme_ids] = furnish(gw, "acme");
    auto [globex, globex_ids] = furnish(gw, "globex");
    const auto theirs = inventory(globex.tenant);
    const auto ours = inventory(acme.tenant);

    for (const auto& attempt : every_operation_with_an_id()) {
        INFO(attempt.name);
        const auto foreign = attempt.run(acme.tenant, globex_ids);
        const auto unknown = attempt.run(acme.tenant, never_existed);
        REQUIRE(foreign);
        REQUIRE(unknown);
        CHECK(
            (foreign->code == errc::resource_not_found || foreign->code == errc::agent_not_found));
        CHECK(without_ids(*foreign, globex_ids) == without_ids(*unknown, never_existed));
    }
    CHECK(inventory(globex.tenant) == theirs);
    CHECK(inventory(acme.tenant) == ours);

    // The same ids work for their owner, so that the errors above mean what they say.
    for (const auto& attempt : every_operation_with_an_id()) {
        if (attempt.name.find("delete") != std::string::npos) continue;
        if (attempt.name.find("resolve") != std::string::npos) continue;
        if (attempt.name.find("send") != std::string::npos) continue;
        if (attempt.name.find("close") != std::string::npos) continue;
        INFO(attempt.name);
        CHECK_FALSE(attempt.run(globex.tenant, globex_ids));
    }
    require_sound(gw);
}

TEST_CASE("a list shows nothing of another tenant, also not through its cursors and filters") {
    auto gw = open_in_memory({scripted("vendorA", {answering("Hello!", 1, 1), failing(502)})});
    auto [acme, acme_ids] = furnish(gw, "acme");
    auto empty = gw.tenant(gw.tenants().create({.name = "Empty"}).value().id);
    CHECK(empty.agents().list({.cursor = acme_ids.agent.str()}).value().items.empty());
    CHECK(empty.api_keys().list().value().items.empty());
    CHECK(empty.sessions().list({.agent_id = acme_ids.agent}).value().items.empty());
    CHECK(empty.sessions().list({.customer_id = "customer_123"}).value().items.empty());
    CHECK(empty.messages().list_unknown().value().items.empty());
    CHECK(empty.usage().events(first_day, last_day).value().items.empty());
    CHECK(empty.usage().spend(first_day, last_day).value().attempts.empty());
    CHECK(empty.usage().rollup(first_day, last_day).value().totals == usage_totals{});
}

TEST_CASE("every operation of a tenant that does not exist says just that") {
    auto gw = open_in_memory();
    const auto before = inventory(gw);
    const auto nobody = gw.tenant("tnt_01jd0000000000000000000000");
    auto all = every_operation_without_an_id();
    for (auto& a : every_operation_with_an_id()) all.push_back(std::move(a));
    for (const auto& attempt : all) {
        INFO(attempt.name);
        const auto e = attempt.run(nobody, never_existed);
        REQUIRE(e);
        CHECK((e->code == errc::resource_not_found || e->code == errc::agent_not_found));
    }
    CHECK(inventory(gw) == before);
    require_sound(gw);
}

TEST_CASE("the same idempotency key is another one for another tenant") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw, "Acme");
    const auto globex = settle_in(gw, "Globex");
    const auto first = acme.send("k").value();
    const auto second = globex.send("k").value();
    CHECK_FALSE(second.metadata.replayed);
    CHECK(first.message.id != second.message.id);
    CHECK(acme.bill().totals.messages == 1);
    CHECK(globex.bill().totals.messages == 1);
    require_sound(gw);
}
