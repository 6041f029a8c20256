// Opening, sharing, closing and forking.
#include "house.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>

using namespace house;

namespace {

std::size_t threads_now() {
    std::size_t n = 0;
    for ([[maybe_unused]] const auto& t : std::filesystem::directory_iterator("/proc/self/task"))
        ++n;
    return n;
}

gateway open_at(const std::string& path, open_options options = {}) {
    return open_priced(path, std::move(options),
                       {scripted("vendorA", {answering("Hello!", 45, 67)})});
}

/// One call of every kind, by what it answers.
template <class Each>
void each_call(const gateway& gw, const tenant& t, Each each) {
    const auto code = [](const auto& r) { return r ? std::optional<errc>() : r.error().code; };
    each("providers.register", code(gw.providers().register_provider(
                                   {.name = "x", .kind = provider_kind::scripted, .echo = true})));
    each("providers.list", code(gw.providers().list()));
    each("prices.set", code(gw.prices().set({.provider = "x", .usd_per_1k_tokens = "1"})));
    each("prices.list", code(gw.prices().list()));
    each("tenants.create", code(gw.tenants().create({.name = "x"})));
    each("tenants.get", code(gw.tenants().get("tnt_x")));
    each("tenants.list", code(gw.tenants().list()));
    each("tenants.update", code(gw.tenants().update("tnt_x", {})));
    each("authenticate", code(gw.authenticate("cnv_live_x")));
    each("check", code(gw.check()));
    each("backup", code(gw.backup("/nowhere/copy.db")));
    each("health", code(gw.health()));
    each("metrics", code(gw.metrics()));
    each("advance", code(gw.advance(1)));
    each("tenant.get", code(t.get()));
    each("api_keys.create", code(t.api_keys().create()));
    each("api_keys.list", code(t.api_keys().list()));
    each("agents.create", code(t.agents().create({.name = "x", .primary = "x"})));
    each("agents.get", code(t.agents().get("agt_x")));
    each("sessions.create", code(t.sessions().create({.agent_id = "agt_x"})));
    each("sessions.transcript", code(t.sessions().transcript("ses_x")));
    each("messages.send",
         code(t.messages().send({.session_id = "ses_x", .content = "x", .idempotency_key = "x"})));
    each("messages.resolve", code(t.messages().resolve({.idempotency_key = "x"})));
    each("messages.list_unknown", code(t.messages().list_unknown()));
    each("usage.rollup", code(t.usage().rollup(first_day, last_day)));
    std::promise<std::optional<errc>> started;
    t.messages().start_send({.session_id = "ses_x", .content = "x", .idempotency_key = "y"},
                            [&](result<reply> r) { started.set_value(code(r)); });
    each("messages.start_send", started.get_future().get());
    std::promise<std::optional<errc>> called;
    gw.start([t] { return t.get(); },
             completion<result<tenant_record>>(
                 [&](result<tenant_record> r) { called.set_value(code(r)); }));
    each("start", called.get_future().get());
}

}  // namespace

TEST_CASE("open is lazy: no file and no thread before first use, also with providers and prices") {
    const scratch dir;
    const auto before = threads_now();
    auto gw = open_at(dir.file());
    gw.providers().register_provider(scripted("vendorB", {failing(500)})).value();
    CHECK(gw.providers().list().value().size() == 2);
    CHECK_FALSE(std::filesystem::exists(dir.file()));
    CHECK(threads_now() == before);
    gw.tenants().list().value();
    CHECK(std::filesystem::exists(dir.file()));
    CHECK(threads_now() > before);
    gw.close();
    CHECK(threads_now() == before);
}

TEST_CASE("a file that cannot be opened is reported at first use, and again until it can") {
    const scratch dir;
    auto gw = open_at(dir.file("missing/app.db"));
    CHECK(code_of(gw.tenants().list()) == errc::store_unavailable);
    CHECK(code_of(gw.tenants().list()) == errc::store_unavailable);
    std::filesystem::create_directory(dir.file("missing"));
    CHECK(gw.tenants().list());
}

TEST_CASE("one path is one engine, whatever it is called") {
    const scratch dir;
    auto first = open_at(dir.file());
    auto second = gateway::open("sqlite:" + dir.file("./app.db")).value();
    const auto acme = settle_in(first);
    CHECK(second.providers().list().value().size() == 1);
    CHECK(second.tenants().get(acme.tenant.id()));

    first.close();
    CHECK(code_of(acme.send("k")) == errc::handle_closed);
    CHECK(code_of(first.tenants().list()) == errc::handle_closed);
    const household there{second.tenant(acme.tenant.id()), acme.agent, acme.session};
    CHECK(there.send("k"));
    second.close();
    CHECK(code_of(there.send("k")) == errc::handle_closed);
}

TEST_CASE("a second handle with other options is a conflict until the first is closed") {
    const scratch dir;
    auto first = open_at(dir.file());
    const open_options other{.durability = durability::process};
    CHECK(code_of(gateway::open(dir.file(), other)) == errc::conflict);
    CHECK(gateway::open(":memory:", other));
    first.close();
    CHECK(gateway::open(dir.file(), other).value().tenants().list());
}

TEST_CASE("handles that are dropped close like handles that are closed") {
    const scratch dir;
    const auto before = threads_now();
    std::optional<tenant> last;
    {
        const auto gw = open_at(dir.file());
        last = settle_in(gw).tenant;
    }
    CHECK(last->get());  // A tenant keeps its gateway open.
    last.reset();
    CHECK(threads_now() == before);
    CHECK(open_at(dir.file()).tenants().list().value().items.size() == 1);
}

TEST_CASE("every call after close says so, and a second close does nothing") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    gw.close();
    gw.close();
    each_call(gw, acme.tenant, [](std::string_view name, std::optional<errc> code) {
        INFO(name);
        CHECK(code == errc::handle_closed);
    });
}

TEST_CASE("a gateway that was closed before its first use stays closed") {
    const scratch dir;
    auto gw = open_at(dir.file());
    gw.close();
    CHECK(code_of(gw.tenants().list()) == errc::handle_closed);
    CHECK_FALSE(std::filesystem::exists(dir.file()));
}

TEST_CASE("close lets what is in flight finish") {
    std::promise<void> asked;
    std::promise<void> go;
    auto gw = open_priced(":memory:", {}, {called("vendorA", [&](const provider_request&) {
                              asked.set_value();
                              go.get_future().wait();
                              return result<provider_reply>(provider_reply{.text = "in time"});
                          })});
    const auto acme = settle_in(gw);
    std::promise<result<reply>> answer;
    acme.tenant.messages().start_send(acme.request("k"),
                                      [&](result<reply> r) { answer.set_value(std::move(r)); });
    asked.get_future().wait();
    std::thread closing([&] { gw.close(60'000); });
    auto outcome = answer.get_future();
    while (gw.tenants().list()) std::this_thread::yield();  // until the close has begun
    go.set_value();
    CHECK(outcome.get().value().message.content == "in time");
    closing.join();
}

TEST_CASE("what a close cannot wait for is written as unknown, told to its caller, and found") {
    const scratch dir;
    open_options options;
    const new_provider slow = scripted(
        "vendorA", {{.text = "slow", .latency_ms = 1'900}, answering("second call", 45, 67)});
    std::optional<household> acme;
    {
        auto gw = open_priced(dir.file(), options, {slow});
        acme = settle_in(gw);
        std::promise<result<reply>> answer;
        acme->tenant.messages().start_send(
            acme->request("k"), [&](result<reply> r) { answer.set_value(std::move(r)); });
        while (acme->tenant.sessions().transcript(acme->session.id).value().messages.empty())
            std::this_thread::yield();
        gw.close(0);
        const auto told = answer.get_future().get();
        CHECK((code_of(told) == errc::outcome_unknown || code_of(told) == errc::handle_closed));
    }
    auto gw = open_at(dir.file(), options);
    const auto again = gw.tenant(acme->tenant.id());
    REQUIRE(again.messages().list_unknown().value().items.size() == 1);
    const auto reply = again.messages().send(acme->request("k")).value();
    CHECK_FALSE(reply.metadata.replayed);
    CHECK(again.messages().list_unknown().value().items.empty());
    require_sound(gw);
}

TEST_CASE("what is in flight when the last copy goes is not waited for") {
    std::promise<void> asked;
    std::optional<provider_call> unanswered;
    const new_provider silent{.name = "vendorA",
                              .kind = provider_kind::callback,
                              .async_handler = [&](const provider_request&, provider_call c) {
                                  unanswered = std::move(c);
                                  asked.set_value();
                              }};
    std::promise<result<reply>> answer;
    {
        open_options options;
        options.drain_ms = 24 * 60 * 60 * 1'000;
        const auto acme = settle_in(open_priced(":memory:", options, {silent}));
        acme.tenant.messages().start_send(acme.request("k"),
                                          [&](result<reply> r) { answer.set_value(std::move(r)); });
        asked.get_future().wait();
    }
    CHECK(code_of(answer.get_future().get()) == errc::outcome_unknown);
}

TEST_CASE("closing one of two handles ends only its own waits") {
    const scratch dir;
    std::promise<void> asked;
    std::promise<void> go;
    auto provider = called("vendorA", [&](const provider_request&) {
        asked.set_value();
        go.get_future().wait();
        return result<provider_reply>(provider_reply{.text = "late"});
    });
    auto first = open_priced(dir.file(), {}, {provider});
    auto second = gateway::open(dir.file()).value();
    const auto acme = settle_in(first);
    std::promise<result<reply>> of_first;
    std::promise<result<reply>> of_second;
    acme.tenant.messages().start_send(acme.request("k"),
                                      [&](result<reply> r) { of_first.set_value(std::move(r)); });
    asked.get_future().wait();
    second.tenant(acme.tenant.id()).messages().start_send(acme.request("k"), [&](result<reply> r) {
        of_second.set_value(std::move(r));
    });
    first.close();
    CHECK(code_of(of_first.get_future().get()) == errc::handle_closed);
    go.set_value();
    CHECK(of_second.get_future().get().value().message.content == "late");
}

TEST_CASE("a dropped handle of a shared engine ends its waits, and none outlives it") {
    const scratch dir;
    auto keeper =
        open_priced(dir.file(), {}, {scripted("vendorA", {{.text = "slow", .latency_ms = 300}})});
    const auto acme = settle_in(keeper);
    for (int i = 0; i < 20; ++i) {
        std::promise<result<reply>> answer;
        {
            auto brief = gateway::open(dir.file()).value();
            brief.tenant(acme.tenant.id())
                .messages()
                .start_send(acme.request("k" + std::to_string(i)),
                            [&](result<reply> r) { answer.set_value(std::move(r)); });
        }
        CHECK(code_of(answer.get_future().get()) == errc::handle_closed);
    }
}

TEST_CASE("the last reference may go on one of the gateway's own threads") {
    const scratch dir;
    for (int i = 0; i < 20; ++i) {
        std::promise<bool> done;
        auto found = done.get_future();
        {
            const auto gw = open_at(dir.file());
            const auto acme = settle_in(gw);
            gw.start([acme] { return acme.tenant.get(); },
                     completion<result<tenant_record>>(
                         [acme, d = std::move(done)](result<tenant_record> r) mutable {
                             d.set_value(r.has_value());
                         }));
        }
        CHECK(found.get());
    }
    CHECK(open_at(dir.file()).tenants().list().value().items.size() == 20);
}

TEST_CASE("start runs any call elsewhere and completes with its result") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    std::promise<result<session>> found;
    std::promise<std::thread::id> where;
    gw.start([&, acme] { return acme.tenant.sessions().get(acme.session.id); },
             completion<result<session>>([&](result<session> s) {
                 where.set_value(std::this_thread::get_id());
                 found.set_value(std::move(s));
             }));
    CHECK(found.get_future().get().value().id == acme.session.id);
    CHECK(where.get_future().get() != std::this_thread::get_id());
}

// The thread sanitizer refuses threads in a forked child.
#if !defined(__SANITIZE_THREAD__)
TEST_CASE("a child of fork is told at once, ends cleanly, and can open another store") {
    const scratch dir;
    std::optional<gateway> gw = open_at(dir.file());
    std::optional<household> acme = settle_in(*gw);
    acme->send("k").value();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(30);  // A child that hangs dies, and the parent sees how.
        int wrong = 0;
        each_call(*gw, acme->tenant, [&](std::string_view, std::optional<errc> code) {
            wrong += code == errc::handle_forked ? 0 : 1;
        });
        gw->close();
        const auto id = acme->tenant.id();
        const auto request = acme->request("k");
        acme.reset();
        gw.reset();
        // SQLite's own locks do not survive a fork: the same file needs a new program.
        auto same = open_at(dir.file());
        if (code_of(same.tenant(id).messages().send(request)) != errc::handle_forked) ++wrong;
        auto other = open_in_memory();
        if (!other.tenants().create({.name = "Child"})) ++wrong;
        other.close();
        ::_exit(wrong);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(acme->send("k").value().metadata.replayed);
    CHECK(acme->send("k2"));
    require_sound(*gw);
}

TEST_CASE("a gateway opened before a fork and used only after it works in parent and child") {
    const scratch dir;
    auto gw = open_at(dir.file());  // lazy: as under a preloading web server
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(30);
        auto own = open_at(dir.file());  // shares the engine, which runs here now
        const bool works = gw.tenants().create({.name = "of the child"}).has_value() &&
                           own.tenants().list().has_value();
        ::_exit(works ? 0 : 1);
    }
    CHECK(gw.tenants().create({.name = "of the parent"}));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(gw.tenants().list().value().items.size() == 2);
}
#endif
