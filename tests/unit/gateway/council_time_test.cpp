// Councils against the clock: who is cut, what that costs, and what a cut run leaves behind.
#include "council_house.hpp"

#include <chrono>
#include <future>

using namespace house;

namespace {

/// Sends and moves time on, second by second, until the reply is there.
result<reply> send_in_time(const gateway& gw, const household& home, std::string key,
                           std::int64_t* took_ms = nullptr) {
    auto told = std::make_shared<std::promise<result<reply>>>();
    auto reply = told->get_future();
    home.tenant.messages().start_send(
        home.request(std::move(key)),
        [told](result<conclave::reply> r) { told->set_value(std::move(r)); });
    std::int64_t ms = 0;
    while (reply.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
        gw.advance(1'000).value();
        ms += 1'000;
        REQUIRE(ms < 200'000);
    }
    if (took_ms != nullptr) *took_ms = ms;
    return reply.get();
}

new_provider slow(std::string name, std::int64_t latency_ms) {
    return {.name = std::move(name),
            .kind = provider_kind::scripted,
            .policy = {.retries = 0},
            .replies = {{.text = padded("A late answer"),
                         .tokens_in = 10,
                         .tokens_out = 20,
                         .latency_ms = latency_ms}}};
}

}  // namespace

TEST_CASE("who is late is cut at the deadline of the stage, and billed as far as it came") {
    const auto models = make_models(3);
    const auto gw = open_council_house(models);
    gw.providers().register_provider(slow("m3", 90'000)).value();
    const auto home = settle_council(gw, options_of(models));
    std::int64_t took_ms = 0;
    const auto reply = send_in_time(gw, home, "key-1", &took_ms).value();
    CHECK(took_ms >= 54'000);
    CHECK(took_ms < 60'000);
    const auto council = council_of(reply);
    CHECK(text_at(council, "basis") == "two_answers");
    CHECK(number_at(council, "answered") == 2);
    const auto& late = member(council, "seats")->as_array()->at(2);
    CHECK(text_at(*member(late, "answer"), "state") == "cut");
    CHECK(number_at(late, "calls") == 1);
    // Its tokens are estimated, and a line of the bill like those of the others.
    CHECK(home.events().size() == 3);
    CHECK(reply.metadata.usage.estimated);
    require_sound(gw);
}

TEST_CASE("a run that is closed in mid-stage goes on with what it had, and pays for it once") {
    const scratch folder;
    const auto models = make_models(3);
    std::optional<household> home;
    {
        const auto gw = open_council_house(models, folder.file());
        gw.providers().register_provider(slow("m3", 90'000)).value();
        home.emplace(settle_council(gw, options_of(models)));
        home->tenant.messages().start_send(home->request("key-1"), [](result<reply>) {});
        while (models[0]->count(asked_for::answer) + models[1]->count(asked_for::answer) < 2)
            gw.advance(0).value();
        for (int i = 0; i < 20; ++i) gw.advance(1).value();
        gw.close(0);
    }
    const auto gw = open_council_house(models, folder.file());
    home->tenant = gw.tenant(home->tenant.id());
    const auto reply = send_in_time(gw, *home, "key-1").value();
    CHECK(reply.message.content == models[2]->synthesis);
    CHECK(models[0]->count(asked_for::answer) == 1);
    CHECK(models[1]->count(asked_for::answer) == 1);
    CHECK(home->bill().totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("a synthesis that its reader breaks off stands as far as it was seen") {
    const auto models = make_models(3);
    open_options options = on_virtual_time();
    options.policy.on_cancel = cancel_policy::abort;
    const auto gw = open_council_house(models, ":memory:", std::move(options));
    std::vector<provider_call> kept;
    gw.providers()
        .register_provider(
            {.name = "m3",
             .kind = provider_kind::callback,
             .policy = {.retries = 0},
             .async_handler =
                 [&kept, m = models[2]](const provider_request& r, provider_call call) {
                     auto reply = (*m)(r);
                     if (purpose_of(r) != asked_for::synthesis) return call.reply(std::move(reply));
                     call.text("As far as it came");
                     kept.push_back(std::move(call));
                 }})
        .value();
    const auto home = settle_council(gw, options_of(models));
    {
        auto stream = home.tenant.messages().stream(home.request("key-1")).value();
        while (auto e = stream.next())
            if (e->type == stream_event_type::delta) break;
    }
    const auto reply = home.send("key-1").value();
    CHECK(reply.message.content == "As far as it came");
    CHECK(reply.message.status == message_status::aborted);
    CHECK(text_at(council_of(reply), "synthesis") == "aborted");
    CHECK(home.bill().totals.messages == 1);
    require_sound(gw);
}

TEST_CASE("under strict nobody is asked a second time, and the doubt is told") {
    const auto models = make_models(3);
    for (const auto& m : models) m->fails_at = {asked_for::answer};
    open_options options = on_virtual_time();
    options.policy.preset = "strict";
    const auto gw = open_council_house(models, ":memory:", std::move(options));
    // An error of this kind counts as ambiguous: the model may have run.
    for (const auto& m : models)
        gw.providers()
            .register_provider(called(m->name,
                                      [m](const provider_request& r) -> result<provider_reply> {
                                          (void)(*m)(r);
                                          return fail(errc::internal_error, "gone");
                                      }))
            .value();
    const auto home = settle_council(gw, options_of(models));
    CHECK(code_of(home.send("key-1")) == errc::outcome_unknown);
    CHECK(code_of(home.send("key-1")) == errc::outcome_unknown);
    for (const auto& m : models) CHECK(m->count(asked_for::answer) == 1);
    CHECK(home.tenant.messages().list_unknown().value().items.size() == 1);
    require_sound(gw);
}

TEST_CASE("who asks after the process hears of models that are slower than their stage") {
    const auto models = make_models(2);
    const auto gw = open_council_house(models);
    gw.providers().register_provider(slow("m3", 50'000)).value();
    auto options = options_of(models);
    // So many seats that two turns tell enough of their model.
    for (int i = 0; i < 14; ++i) options.members.push_back({"m3/m", "late-" + std::to_string(i)});
    options.min_answer_ratio = 0.1;
    options.critics.members = false;
    options.critics.extra = {"m1/x"};
    options.mode = council_mode::select;
    const auto home = settle_council(gw, options);
    (void)send_in_time(gw, home, "key-1").value();
    (void)send_in_time(gw, home, "key-2").value();
    const std::string slowness = "MEMBER_EXCEEDS_STAGE_BUDGET: m3/m: ";
    CHECK_THAT(gw.health().value(), !Catch::Contains(slowness));

    options.deadline_ms = 60'000;
    const auto hurried = settle_council(gw, options);
    REQUIRE(hurried.agent.warnings.size() == 14);
    CHECK(hurried.agent.warnings[0].field == "council.members[2].route");
    CHECK(hurried.agent.warnings[0].p95_ms == 50'000);
    CHECK(hurried.tenant.agents().list().value().items[0].warnings == hurried.agent.warnings);
    (void)send_in_time(gw, hurried, "key-3").value();
    CHECK_THAT(gw.health().value(), Catch::Contains(slowness));
    CHECK_THAT(gw.health().value(), Catch::Contains("generate, which has 27000 ms"));
}
