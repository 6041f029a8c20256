// Streams of a whole gateway in virtual time: shown, joined, replayed, resumed, left, cut.
#include "house.hpp"

#include <functional>
#include <memory>
#include <set>
#include <thread>

using namespace house;

namespace {

/// Pulls as fast as events come, in the completion thread.
class consumer {
   public:
    explicit consumer(message_stream s) : state_(std::make_shared<state>(std::move(s))) {
        pull(state_);
    }
    explicit consumer(result<message_stream> s) : consumer(std::move(s).value()) {}

    const std::vector<stream_event>& events() const { return state_->events; }
    const stream_event& last() const {
        REQUIRE_FALSE(events().empty());
        return events().back();
    }
    bool ended() const { return state_->ended; }
    void close() { state_->stream.close(); }

    std::string text() const {
        std::string all;
        for (const auto& e : events()) {
            if (e.type == stream_event_type::reset) all.clear();
            all += e.text;
        }
        return all;
    }
    /// "started 0.0.0 | delta 0.3.0 Hel | ..."
    std::string words() const {
        std::string line;
        for (const auto& e : events()) {
            if (!line.empty()) line += " | ";
            const auto document = e.document();
            const auto type = document.find(R"("type":")") + 8;
            line += document.substr(type, document.find('"', type) - type) + ' ' + e.id;
            if (!e.text.empty()) line += ' ' + e.text;
        }
        return line;
    }
    bool replayed() const {
        return events().at(0).document().find(R"("replayed":true)") != std::string::npos;
    }

   private:
    struct state {
        explicit state(message_stream s) : stream(std::move(s)) {}
        message_stream stream;
        std::vector<stream_event> events;
        bool ended = false;
    };
    static void pull(const std::shared_ptr<state>& s) {
        s->stream.start_next([s](std::optional<stream_event> e) {
            s->ended = !e;
            if (!e) return;
            s->events.push_back(*std::move(e));
            pull(s);
        });
    }
    std::shared_ptr<state> state_;
};

/// Pulls with `prompt` and sees on which thread, and whether inside its own call, it is served.
class prompt_consumer {
   public:
    explicit prompt_consumer(message_stream s) : stream_(std::move(s)) { pull(); }

    const std::string& text() const { return text_; }
    const std::set<std::thread::id>& threads_of_text() const { return threads_; }
    bool was_served_inside() const { return served_inside_; }
    bool ended() const { return ended_; }

   private:
    void pull() {
        static thread_local bool calling = false;
        calling = true;
        stream_.start_next(
            completion<std::optional<stream_event>>(prompt, [this](std::optional<stream_event> e) {
                if (calling) served_inside_ = true;
                ended_ = !e;
                if (!e) return;
                if (!e->text.empty()) threads_.insert(std::this_thread::get_id());
                text_ += e->text;
                pull();
            }));
        calling = false;
    }

    message_stream stream_;
    std::string text_;
    std::set<std::thread::id> threads_;
    bool served_inside_ = false;
    bool ended_ = false;
};

scripted_reply in_chunks(std::vector<std::string> chunks) {
    return {.tokens_in = 45,
            .tokens_out = 67,
            .latency_ms = 100,
            .chunks = std::move(chunks),
            .chunk_latency_ms = 10};
}

scripted_reply breaking_off(std::vector<std::string> chunks) {
    auto r = in_chunks(std::move(chunks));
    r.error = {.http_status = 500};
    return r;
}

gateway open_streaming(std::vector<scripted_reply> replies = {in_chunks({"Hel", "lo", "!"})}) {
    return open_in_memory(
        {{.name = "vendorA",
          .kind = provider_kind::scripted,
          .policy = {.retries = 1, .base_delay_ms = 100, .jitter = jitter_mode::none},
          .replies = std::move(replies)}});
}

consumer stream(const household& h, std::string key, std::string_view last_event_id = {}) {
    return consumer(h.tenant.messages().stream(h.request(std::move(key)), last_event_id));
}

constexpr const char* whole =
    "started 0.0.0 | attempt 0.0.0 | delta 0.3.0 Hel | delta 0.5.0 lo | delta 0.6.0 ! | usage 0.6.1"
    " | done 0.6.1";

}  // namespace

TEST_CASE("a stream shows the answer while it is made") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    const auto c = stream(acme, "key");
    gw.advance(99).value();
    CHECK(c.words() == "started 0.0.0 | attempt 0.0.0");
    gw.advance(1).value();
    CHECK(c.words() == "started 0.0.0 | attempt 0.0.0 | delta 0.3.0 Hel");
    gw.advance(10).value();
    CHECK(c.text() == "Hello");
    CHECK(acme.bill().totals.messages == 0);
    gw.advance(10).value();
    CHECK(c.words() == whole);
    CHECK(c.ended());
    CHECK_FALSE(c.replayed());
    const auto& reply = c.last().reply.value();
    CHECK(reply.message.content == "Hello!");
    CHECK(c.last().document() == R"({"id":"0.6.1","type":"done","reply":)" + reply.document + "}");
    CHECK(acme.bill().totals.cost.to_usd_string() == "0.000224");
    CHECK(acme.send("key").value().message.id == reply.message.id);
    require_sound(gw);
}

TEST_CASE("a program may simply wait for the next event") {
    auto gw = house::open_priced(":memory:", {}, {scripted("vendorA", {in_chunks({"a", "b"})})});
    const auto acme = settle_in(gw);
    auto stream = acme.tenant.messages().stream(acme.request("key")).value();
    std::string text;
    std::optional<stream_event> last;
    while (auto event = stream.next()) {
        text += event->text;
        last = std::move(event);
    }
    CHECK(text == "ab");
    CHECK(last->type == stream_event_type::done);
    CHECK_FALSE(stream.next());
}

TEST_CASE("a prompt pull is served where the text comes in, and never inside its call") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    std::thread::id loop;
    auto send = acme.tenant.messages().start_send(
        acme.request("send"), completion<result<reply>>(prompt, [&](const result<reply>&) {
            loop = std::this_thread::get_id();
        }));
    gw.advance(1'000).value();
    const prompt_consumer live(acme.tenant.messages().stream(acme.request("key")).value());
    gw.advance(1'000).value();
    CHECK(live.text() == "Hello!");
    CHECK(live.threads_of_text() == std::set{loop});
    CHECK_FALSE(live.was_served_inside());
    CHECK(live.ended());
    // All of it is there already.
    const prompt_consumer replayed(acme.tenant.messages().stream(acme.request("key")).value());
    gw.advance(0).value();
    CHECK(replayed.text() == "Hello!");
    CHECK_FALSE(replayed.was_served_inside());
    CHECK(replayed.ended());
}

TEST_CASE("what is wrong with a stream's request is said at once") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    auto messages = acme.tenant.messages();
    CHECK(code_of(messages.stream(acme.request(""))) == errc::idempotency_key_required);
    const auto refused = messages.stream(acme.request("key"), "0.0");
    CHECK(code_of(refused) == errc::validation_error);
    CHECK(detail(refused.error(), "field") == "last_event_id");
    CHECK(acme.attempts().empty());

    auto nowhere = acme.request("key");
    nowhere.session_id = session_id("ses_none");
    const consumer c(messages.stream(nowhere));
    gw.advance(0).value();
    CHECK(c.words() == "error 0.0.0");
    CHECK(c.last().error->code == errc::resource_not_found);
    CHECK(c.ended());
}

TEST_CASE("whoever joins a running stream sees all of it") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    const auto first = stream(acme, "key");
    gw.advance(110).value();
    const auto second = stream(acme, "key");
    std::optional<result<reply>> sent;
    acme.tenant.messages().start_send(acme.request("key"),
                                      [&](result<reply> r) { sent = std::move(r); });
    gw.advance(0).value();
    CHECK(second.words() == "started 0.0.0 | attempt 0.0.0 | delta 0.5.0 Hello");
    gw.advance(10).value();
    CHECK(first.words() == whole);
    CHECK(second.text() == "Hello!");
    CHECK(second.replayed());
    CHECK_FALSE(first.last().reply->metadata.replayed);
    CHECK(second.last().reply->metadata.replayed);
    CHECK(sent->value().metadata.replayed);
    CHECK(sent->value().document == second.last().reply->document);
    CHECK(acme.attempts().size() == 1);
    CHECK(acme.events().size() == 1);
    require_sound(gw);
}

TEST_CASE("a stream joins a running send") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    std::optional<result<reply>> sent;
    acme.tenant.messages().start_send(acme.request("key"),
                                      [&](result<reply> r) { sent = std::move(r); });
    gw.advance(105).value();
    const auto joiner = stream(acme, "key");
    gw.advance(5).value();
    CHECK(joiner.words() == "started 0.0.0 | attempt 0.0.0 | delta 0.3.0 Hel | delta 0.5.0 lo");
    gw.advance(10).value();
    CHECK(joiner.text() == "Hello!");
    CHECK(joiner.replayed());
    CHECK_FALSE(sent->value().metadata.replayed);
    CHECK(acme.attempts().size() == 1);
}

TEST_CASE("a replay gives the same bytes, free of charge") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    const auto first = stream(acme, "key");
    gw.advance(1'000).value();
    const auto before = inventory(acme.tenant);
    const auto again = stream(acme, "key");
    gw.advance(0).value();
    CHECK(again.words() == "started 0.0.0 | delta 0.6.0 Hello! | usage 0.6.1 | done 0.6.1");
    CHECK(again.replayed());
    CHECK(again.last().reply->document == acme.send("key").value().document);
    CHECK(again.last().reply->metadata.replayed);
    CHECK(inventory(acme.tenant) == before);
    auto other = acme.request("key", "Something else");
    const consumer reused(acme.tenant.messages().stream(other));
    gw.advance(0).value();
    CHECK(reused.last().error->code == errc::idempotency_key_reused);
}

TEST_CASE("a stream resumes after any of its events") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    const auto first = stream(acme, "key");
    gw.advance(1'000).value();
    for (std::size_t i = 0; i < first.events().size(); ++i) {
        CAPTURE(i);
        std::string seen;
        for (std::size_t j = 0; j <= i; ++j) seen += first.events()[j].text;
        const auto rest = stream(acme, "key", first.events()[i].id);
        gw.advance(0).value();
        CHECK(seen + rest.text() == "Hello!");
        CHECK(rest.last().type == stream_event_type::done);
        CHECK(rest.events().front().type == stream_event_type::started);
    }
    const auto stale = stream(acme, "key", "4.2.0");
    gw.advance(0).value();
    CHECK(stale.words() ==
          "reset 0.0.0 | started 0.0.0 | delta 0.6.0 Hello! | usage 0.6.1 | done 0.6.1");
}

TEST_CASE("a running stream is resumed by another consumer") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    auto first = stream(acme, "key");
    gw.advance(100).value();
    first.close();
    const auto rest = stream(acme, "key", first.last().id);
    gw.advance(1'000).value();
    CHECK(rest.words() ==
          "started 0.3.0 | delta 0.5.0 lo | delta 0.6.0 ! | usage 0.6.1 | done 0.6.1");
    CHECK(first.ended());
    CHECK(first.text() == "Hel");
    CHECK(acme.attempts().size() == 1);
}

TEST_CASE("an answer that comes in one piece is one delta, cut where it is too long") {
    const std::string long_text(20'000, 'x');
    auto gw = open_streaming({answering("whole", 1, 1), answering(long_text, 1, 1)});
    const auto acme = settle_in(gw);
    const auto c = stream(acme, "1");
    gw.advance(0).value();
    CHECK(c.words() ==
          "started 0.0.0 | attempt 0.0.0 | delta 0.5.0 whole | usage 0.5.1"
          " | done 0.5.1");
    const auto cut = stream(acme, "2");
    gw.advance(0).value();
    CHECK(cut.events().size() == 6);
    CHECK(cut.text() == long_text);
}

TEST_CASE("a failure that nobody saw is repeated, one that was seen is not") {
    auto gw = open_streaming({breaking_off({"los", "t"}), in_chunks({"good"}),  //
                              breaking_off({"se", "en"}), in_chunks({"new"})});
    const auto acme = settle_in(gw);
    // A send sees no pieces: what broke off is as if it had never come.
    std::optional<result<reply>> sent;
    acme.tenant.messages().start_send(acme.request("1"),
                                      [&](result<reply> r) { sent = std::move(r); });
    gw.advance(1'000).value();
    CHECK(sent->value().message.content == "good");
    CHECK(acme.attempts().at(0).attempt_class == "partial");

    const auto broken = stream(acme, "2");
    gw.advance(1'000).value();
    CHECK(broken.words() ==
          "started 0.0.0 | attempt 0.0.0 | delta 0.2.0 se | delta 0.4.0 en | error 0.4.0");
    CHECK(broken.last().error->code == errc::all_providers_failed);
    CHECK(detail(*broken.last().error, "partial") == "true");
    CHECK(acme.attempts().size() == 3);
    CHECK(acme.attempts().at(2).attempt_class == "partial");
    CHECK(acme.bill().totals.messages == 1);
    require_sound(gw);

    // The same key runs again; who saw the first text is told that it is void.
    const auto again = stream(acme, "2", broken.last().id);
    gw.advance(1'000).value();
    CHECK(again.words() ==
          "reset 1.0.0 | started 1.0.0 | attempt 1.0.0 | delta 1.3.0 new"
          " | usage 1.3.1 | done 1.3.1");
    const auto replay = stream(acme, "2", "1.1.0");
    gw.advance(0).value();
    CHECK(replay.words() == "started 1.1.0 | delta 1.3.0 ew | usage 1.3.1 | done 1.3.1");
    require_sound(gw);
}

TEST_CASE("attempts before the first text are shown and repeated") {
    auto gw = open_streaming({failing(503, 200), in_chunks({"Hi"})});
    const auto acme = settle_in(gw);
    const auto c = stream(acme, "key");
    gw.advance(1'000).value();
    CHECK(c.words() ==
          "started 0.0.0 | attempt 0.0.0 | attempt 0.0.0 | delta 0.2.0 Hi"
          " | usage 0.2.1 | done 0.2.1");
    CHECK(c.events().at(2).document().find(R"("number":2)") != std::string::npos);
}

TEST_CASE("a consumer that goes away leaves its call running") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    {
        auto c = stream(acme, "key");
        gw.advance(105).value();
        c.close();
        c.close();
        gw.advance(0).value();
        CHECK(c.ended());
    }
    gw.advance(1'000).value();
    CHECK(acme.bill().totals.messages == 1);
    CHECK(acme.send("key").value().metadata.replayed);
    // The last copy of a stream closes it; nobody need ever pull.
    (void)acme.tenant.messages().stream(acme.request("2")).value();
    gw.advance(1'000).value();
    // Left before anything was called, or a moment after: then the call has settled.
    std::int64_t answered = 0;
    for (const auto& a : acme.attempts()) {
        CHECK((a.billable || a.attempt_class == "not_sent"));
        answered += a.billable ? 1 : 0;
    }
    CHECK(acme.bill().totals.messages == answered);
    CHECK_THAT(gw.health().value(), Catch::Contains(R"("sends_in_flight":0)"));
    require_sound(gw);
}

TEST_CASE("an aborted stream is billed for what was seen") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    acme.tenant.agents()
        .update(acme.agent.id, {.policy = policy{.on_cancel = cancel_policy::abort}})
        .value();
    auto c = stream(acme, "key");
    gw.advance(110).value();
    CHECK(c.text() == "Hello");
    c.close();
    gw.advance(1'000).value();
    const auto reply = acme.send("key").value();
    CHECK(reply.message.content == "Hello");
    CHECK(reply.metadata.usage.estimated);
    CHECK(acme.bill().totals.messages == 1);
    CHECK(acme.attempts().at(0).attempt_class == "partial");
    const auto messages = acme.tenant.sessions().transcript(acme.session.id).value().messages;
    CHECK(messages.at(1).status == message_status::aborted);
    require_sound(gw);

    // Before the first text an abort is the end of the call.
    auto early = stream(acme, "early");
    gw.advance(50).value();
    early.close();
    gw.advance(1'000).value();
    CHECK(acme.bill().totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("a deadline ends a consumer, not its call") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    auto request = acme.request("key");
    request.deadline_ms = 105;
    const consumer c(acme.tenant.messages().stream(request));
    const auto patient = stream(acme, "key");
    gw.advance(1'000).value();
    CHECK(c.words() == "started 0.0.0 | attempt 0.0.0 | delta 0.3.0 Hel | error 0.3.0");
    CHECK(c.last().error->code == errc::deadline_exceeded);
    CHECK(patient.text() == "Hello!");
    CHECK(patient.last().type == stream_event_type::done);
    require_sound(gw);
}

TEST_CASE("a closing gateway ends its streams") {
    const scratch folder;
    {
        auto gw = house::open_priced(folder.file(), on_virtual_time(),
                                     {scripted("vendorA", {in_chunks({"Hel", "lo"})})});
        const auto acme = settle_in(gw);
        const auto c = stream(acme, "key");
        gw.advance(105).value();
        gw.close(0);
        // The rest is told on threads of its own.
        for (int i = 0; i < 1'000 && !c.ended(); ++i) std::this_thread::yield();
    }
    auto gw = house::open_priced(folder.file(), on_virtual_time(),
                                 {scripted("vendorA", {in_chunks({"Hel", "lo"})})});
    require_sound(gw);
}

TEST_CASE("a stream that is read after its gateway closed still tells its end") {
    auto gw = open_streaming();
    const auto acme = settle_in(gw);
    auto running = acme.tenant.messages().stream(acme.request("1")).value();
    gw.advance(105).value();
    gw.close(0);
    std::vector<stream_event> events;
    while (auto e = running.next()) events.push_back(*std::move(e));
    REQUIRE(events.size() == 4);
    CHECK(events[2].text == "Hel");
    CHECK(events[3].error->code == errc::outcome_unknown);
    CHECK(code_of(acme.tenant.messages().stream(acme.request("2"))) == errc::handle_closed);
}

TEST_CASE("a host streams its own provider") {
    std::optional<provider_call> call;
    auto gw = open_in_memory({{.name = "vendorA",
                               .kind = provider_kind::callback,
                               .policy = {.retries = 0},
                               .async_handler = [&](const provider_request&, provider_call c) {
                                   call = std::move(c);
                               }}});
    const auto acme = settle_in(gw);
    const auto say = [&](std::string text) {
        call->text(std::move(text));
        gw.advance(0).value();
    };
    const auto c = stream(acme, "1");
    gw.advance(0).value();
    say("Hé");
    say("");
    say("llo");
    CHECK(c.words() == "started 0.0.0 | attempt 0.0.0 | delta 0.3.0 Hé | delta 0.6.0 llo");
    call->reply(provider_reply{});
    say("too late");
    CHECK(c.last().reply->message.content == "Héllo");

    const auto differs = stream(acme, "2");
    gw.advance(0).value();
    say("one");
    call->reply(provider_reply{"two"});
    gw.advance(0).value();
    CHECK(differs.last().error->code == errc::all_providers_failed);
    CHECK(detail(*differs.last().error, "error_code") == "BAD_RESPONSE");

    const auto broken = stream(acme, "3");
    gw.advance(0).value();
    say("\xc3");
    CHECK(broken.words() == "started 0.0.0 | attempt 0.0.0 | error 0.0.0");
    require_sound(gw);
}

TEST_CASE("a slow consumer gets all of it") {
    std::vector<std::string> chunks;
    std::string whole_text;
    for (int i = 0; i < 1'000; ++i) {
        chunks.push_back(std::to_string(i) + ' ');
        whole_text += chunks.back();
    }
    auto gw = open_streaming({in_chunks(chunks)});
    const auto acme = settle_in(gw);
    auto slow = acme.tenant.messages().stream(acme.request("key")).value();
    const auto fast = stream(acme, "key");
    gw.advance(60'000).value();
    CHECK(fast.events().size() == 1'004);
    CHECK(fast.text() == whole_text);
    std::vector<stream_event> events;
    while (auto e = slow.next()) events.push_back(*std::move(e));
    REQUIRE(events.size() == 5);  // what waited came as one
    CHECK(events[2].text == whole_text);
}
