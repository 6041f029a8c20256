// Many callers: one key, one call, one bill; turns of a session; callers that leave.
#include "house.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>

using namespace house;

namespace {

/// A vendor that answers when the test says so, and remembers what it was asked.
class vendor_on_hold {
   public:
    provider_handler handler() {
        return [this](const provider_request& r) -> result<provider_reply> {
            std::unique_lock lock(mutex_);
            asked_.push_back(r);
            ++inside_;
            most_inside_ = std::max(most_inside_, inside_);
            changed_.notify_all();
            changed_.wait(lock, [this] { return open_; });
            --inside_;
            return provider_reply{.text = "re: " + r.turns.back().content,
                                  .tokens = token_usage{45, 0, 0, 67, 0}};
        };
    }
    void wait_until_asked(std::size_t times) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_.size() >= times; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    std::vector<provider_request> asked() {
        const std::scoped_lock lock(mutex_);
        return asked_;
    }
    int most_inside() {
        const std::scoped_lock lock(mutex_);
        return most_inside_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<provider_request> asked_;
    int inside_ = 0;
    int most_inside_ = 0;
    bool open_ = false;
};

gateway open_with(vendor_on_hold& vendor, std::string_view store = ":memory:") {
    return open_priced(store, {}, {called("vendorA", vendor.handler())});
}

/// A send that is under way.
struct started {
    std::future<result<reply>> outcome;
    operation handle;
};

started start(const household& who, send_request request) {
    std::promise<result<reply>> promise;
    auto future = promise.get_future();
    auto handle = who.tenant.messages().start_send(
        std::move(request),
        [p = std::move(promise)](result<reply> r) mutable { p.set_value(std::move(r)); });
    return {std::move(future), std::move(handle)};
}

std::string today() {
    return to_iso8601(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

usage_rollup bill_of(const household& who) {
    return who.tenant.usage().rollup("2020-01-01", today()).value();
}

std::string with_first_answer(std::string document) {
    const std::string_view replayed = R"("replayed":true)";
    const auto at = document.find(replayed);
    if (at != std::string::npos) document.replace(at, replayed.size(), R"("replayed":false)");
    return document;
}

}  // namespace

TEST_CASE("256 threads and one key: one vendor call, one bill, equal replies") {
    std::atomic<int> calls = 0;
    auto gw = open_priced(":memory:", {}, {called("vendorA", [&](const provider_request&) {
                              ++calls;
                              return result<provider_reply>(provider_reply{
                                  .text = "Hello!", .tokens = token_usage{45, 0, 0, 67, 0}});
                          })});
    const auto acme = settle_in(gw);
    std::mutex mutex;
    std::set<std::string> documents;
    std::atomic<int> first_answers = 0;
    std::vector<std::thread> threads;
    std::promise<void> go;
    const auto gun = go.get_future().share();
    for (int i = 0; i < 256; ++i)
        threads.emplace_back([&] {
            gun.wait();
            const auto reply = acme.send("k").value();
            if (!reply.metadata.replayed) ++first_answers;
            const std::scoped_lock lock(mutex);
            documents.insert(with_first_answer(reply.document));
        });
    go.set_value();
    for (auto& t : threads) t.join();
    CHECK(calls == 1);
    CHECK(first_answers == 1);
    CHECK(documents.size() == 1);
    CHECK(bill_of(acme).totals.messages == 1);
    CHECK(bill_of(acme).totals.cost.to_usd_string() == "0.000224");
    require_sound(gw);
}

TEST_CASE("duplicates join the call that runs; other content under its key is refused") {
    vendor_on_hold vendor;
    auto gw = open_with(vendor);
    const auto acme = settle_in(gw);
    std::vector<started> sends;
    for (int i = 0; i < 16; ++i) sends.push_back(start(acme, acme.request("k")));
    vendor.wait_until_asked(1);
    auto other = start(acme, acme.request("k", "other content"));
    CHECK(code_of(other.outcome.get()) == errc::idempotency_key_reused);
    CHECK_THAT(gw.health().value(), Catch::Contains(R"("sends_in_flight":1)"));
    vendor.open();
    int first_answers = 0;
    std::set<std::string> documents;
    for (auto& s : sends) {
        const auto reply = s.outcome.get().value();
        first_answers += reply.metadata.replayed ? 0 : 1;
        documents.insert(with_first_answer(reply.document));
    }
    CHECK(first_answers == 1);
    CHECK(documents.size() == 1);
    CHECK(vendor.asked().size() == 1);
    require_sound(gw);
}

TEST_CASE("turns of one session run one after another, each seeing all before it") {
    vendor_on_hold vendor;
    auto gw = open_with(vendor);
    const auto acme = settle_in(gw);
    const auto aside = acme.tenant.sessions().create({.agent_id = acme.agent.id}).value();
    std::vector<started> sends;
    for (int i = 0; i < 12; ++i)
        sends.push_back(start(acme, acme.request("k" + std::to_string(i))));
    vendor.wait_until_asked(1);
    // Another session does not wait for this one.
    auto request = acme.request("aside");
    request.session_id = aside.id;
    auto other = start(acme, request);
    vendor.wait_until_asked(2);
    CHECK(vendor.asked().size() == 2);
    vendor.open();
    for (auto& s : sends) CHECK(s.outcome.get());
    CHECK(other.outcome.get());

    std::size_t turn = 0;
    for (const auto& r : vendor.asked()) {
        if (turn == 1 && r.turns.size() == 1) continue;  // the other session's
        CHECK(r.turns.size() == 2 * turn + 1);
        ++turn;
    }
    CHECK(turn == 12);
    CHECK(vendor.most_inside() == 2);
    const auto messages = acme.tenant.sessions().transcript(acme.session.id).value().messages;
    REQUIRE(messages.size() == 24);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CHECK(messages[i].seq == static_cast<std::int64_t>(i) + 1);
        CHECK(messages[i].role == (i % 2 ? message_role::assistant : message_role::user));
    }
    require_sound(gw);
}

TEST_CASE("who cancels leaves; the call goes on and the same key finds its answer") {
    vendor_on_hold vendor;
    auto gw = open_with(vendor);
    const auto acme = settle_in(gw);
    auto send = start(acme, acme.request("k"));
    vendor.wait_until_asked(1);
    send.handle.cancel();
    const auto cancelled = send.outcome.get();
    CHECK(code_of(cancelled) == errc::cancelled);
    CHECK_FALSE(cancelled.error().request_id.empty());
    send.handle.cancel();  // again, too late: nothing
    vendor.open();
    const auto reply = acme.send("k").value();
    CHECK(reply.metadata.replayed);
    CHECK(reply.message.content == "re: Hello");
    CHECK(vendor.asked().size() == 1);
    CHECK(bill_of(acme).totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("who joins a call that its caller has just left gets an answer all the same") {
    auto gw = open_in_memory({scripted("vendorA", {answering("Hello!", 1, 1)})});
    const auto acme = settle_in(gw);
    for (int i = 0; i < 50; ++i) {
        const auto key = "k" + std::to_string(i);
        auto first = start(acme, acme.request(key));
        first.handle.cancel();
        auto second = start(acme, acme.request(key));
        const auto left = first.outcome.get();
        CHECK((left.has_value() || code_of(left) == errc::cancelled));
        CHECK(second.outcome.get().value().message.content == "Hello!");
    }
    CHECK(acme.bill().totals.messages == 50);
    require_sound(gw);
}

TEST_CASE("turns of one session follow one another without a tick of the clock") {
    auto gw = open_in_memory({scripted("vendorA", {answering("Hello!", 1, 1)})});
    const auto acme = settle_in(gw);
    constexpr int callers = 16;
    constexpr int sends = 60;
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    for (int t = 0; t < callers; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < sends; ++i)
                answered += acme.send(std::to_string((t / 4) * sends + i)) ? 1 : 0;
        });
    for (auto& t : threads) t.join();
    CHECK(answered == callers * sends);
    require_sound(gw);
}

TEST_CASE("one of many callers leaves, the others stay") {
    vendor_on_hold vendor;
    auto gw = open_with(vendor);
    const auto acme = settle_in(gw);
    auto first = start(acme, acme.request("k"));
    auto second = start(acme, acme.request("k"));
    vendor.wait_until_asked(1);
    first.handle.cancel();
    CHECK(code_of(first.outcome.get()) == errc::cancelled);
    vendor.open();
    CHECK(second.outcome.get().value().message.content == "re: Hello");
}

TEST_CASE("who waits for a turn and leaves has asked nothing") {
    vendor_on_hold vendor;
    auto gw = open_with(vendor);
    const auto acme = settle_in(gw);
    auto first = start(acme, acme.request("k1"));
    vendor.wait_until_asked(1);
    auto second = start(acme, acme.request("k2"));
    second.handle.cancel();
    CHECK(code_of(second.outcome.get()) == errc::cancelled);
    vendor.open();
    CHECK(first.outcome.get());
    gw.close();
    CHECK(vendor.asked().size() == 1);
}

TEST_CASE("abort, where the policy says so, ends the call itself") {
    auto gw = open_in_memory(
        {scripted("vendorA", {{.text = "slow", .latency_ms = 1'000}, answering("now", 1, 1)})});
    const auto acme = settle_in(gw);
    acme.tenant.agents()
        .update(acme.agent.id, {.policy = conclave::policy{.on_cancel = cancel_policy::abort}})
        .value();
    auto send = start(acme, acme.request("k"));
    gw.advance(500).value();
    send.handle.cancel();
    CHECK(code_of(send.outcome.get()) == errc::cancelled);
    gw.advance(0).value();
    CHECK_THAT(gw.health().value(), Catch::Contains(R"("sends_in_flight":0)"));
    CHECK(acme.bill().totals.messages == 0);
    CHECK(acme.attempts().size() == 1);
    CHECK(acme.send("k").value().message.content == "now");
    require_sound(gw);
}

TEST_CASE("a deadline ends the wait at its millisecond, not the call") {
    auto gw = open_in_memory({scripted(
        "vendorA", {{.text = "slow", .tokens_in = 45, .tokens_out = 67, .latency_ms = 1'000}})});
    const auto acme = settle_in(gw);
    auto request = acme.request("k");
    request.deadline_ms = 300;
    std::optional<result<reply>> answer;
    acme.tenant.messages().start_send(request, [&](result<reply> r) { answer = std::move(r); });
    gw.advance(299).value();
    CHECK_FALSE(answer);
    gw.advance(1).value();
    REQUIRE(answer);
    CHECK(code_of(*answer) == errc::deadline_exceeded);
    CHECK(acme.bill().totals.messages == 0);
    gw.advance(700).value();
    const auto reply = acme.send("k").value();
    CHECK(reply.metadata.replayed);
    CHECK(reply.message.content == "slow");
    CHECK(acme.bill().totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("a completion never runs inside the starting call, on success, failure or refusal") {
    auto gw = open_priced(":memory:", {}, {scripted("vendorA", {answering("Hello!", 1, 1)})});
    const auto acme = settle_in(gw);
    auto closed = gateway::open(":memory:").value();
    const household nowhere{closed.tenant("tnt_x"), acme.agent, acme.session};
    closed.close();
    acme.send("known").value();

    const std::vector<std::pair<household, send_request>> cases{
        {acme, acme.request("new")},
        {acme, acme.request("known")},
        {acme, acme.request("known", "other content")},
        {acme, acme.request("")},
        {acme, acme.request("k", "")},
        {nowhere, acme.request("k")},
    };
    for (const auto& [who, request] : cases) {
        INFO(request.idempotency_key << ' ' << request.content);
        const auto starter = std::this_thread::get_id();
        std::promise<bool> inside;
        std::atomic<int> runs = 0;
        who.tenant.messages().start_send(request, [&](result<reply>) {
            if (++runs == 1) inside.set_value(std::this_thread::get_id() == starter);
        });
        CHECK_FALSE(inside.get_future().get());
        if (&who != &cases.back().first) (void)gw.health();
        CHECK(runs == 1);
    }
}

TEST_CASE("a completion may start the next send") {
    auto gw = open_priced(":memory:", {}, {scripted("vendorA", {answering("Hello!", 1, 1)})});
    const auto acme = settle_in(gw);
    std::promise<int> done;
    struct chain {
        const household& acme;
        std::promise<int>& done;
        int sent = 0;
        void next() {
            acme.tenant.messages().start_send(acme.request("k" + std::to_string(sent)),
                                              [this](result<reply> r) {
                                                  REQUIRE(r);
                                                  if (++sent == 50) return done.set_value(sent);
                                                  next();
                                              });
        }
    } chain{acme, done};
    chain.next();
    CHECK(done.get_future().get() == 50);
    CHECK(bill_of(acme).totals.messages == 50);
}
