// Attempts of a desk, driven by hand in virtual time.
#pragma once

#include "runtime/provider_desk.hpp"
#include "unit/runtime/hand_driven.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conclave::runtime::test {

/// The outcome of one call, once it is there.
struct outcome {
    std::vector<call_result> told;
    std::string thinking;

    const call_result& only() const {
        REQUIRE(told.size() == 1);
        return told.front();
    }
};

struct desk_under_test : hand_driven {
    void add(new_provider p) { desk.add(prepare_provider(std::move(p)).value()); }
    void add_scripted(std::vector<scripted_reply> replies,
                      std::optional<std::int64_t> concurrency = {}) {
        new_provider p{.name = "p", .kind = provider_kind::scripted};
        p.replies = std::move(replies);
        p.concurrency = concurrency;
        add(std::move(p));
    }
    void add_function(provider_handler handler) {
        add({.name = "p", .kind = provider_kind::callback, .handler = std::move(handler)});
    }
    /// Its calls are kept to be answered by hand.
    void add_host() {
        add({.name = "p",
             .kind = provider_kind::callback,
             .async_handler = [this](const provider_request& r, provider_call c) {
                 asked.push_back(r.turns.at(0).content);
                 calls.push_back(std::move(c));
             }});
    }
    void add_http() { add({.name = "p", .base_url = "http://vendor.test/v1", .api_key = "k"}); }

    provider_desk::call_id call(outcome& out, std::string provider = "p",
                                provider_desk::text_listener on_text = {}) {
        auto request = std::make_shared<provider_request>();
        request->model = "m";
        request->turns.push_back({message_role::user, "Hello"});
        messaging::call_provider attempt;
        attempt.target = {std::move(provider), "m"};
        attempt.request = std::move(request);
        attempt.connect_timeout_ms = connect_timeout_ms;
        attempt.first_byte_timeout_ms = 400;
        attempt.attempt_timeout_ms = 1'000;
        attempt.caller = caller;
        const auto before = out.told.size();
        const auto id = desk.call(
            std::move(attempt), [&out](call_result r) { out.told.push_back(std::move(r)); },
            {form, std::move(on_text), [&out](std::string_view t) { out.thinking += t; }});
        CHECK(out.told.size() == before);  // never inside the call
        return id;
    }

    providers::answer_form form = providers::answer_form::whole;
    std::int64_t connect_timeout_ms = 200;
    std::shared_ptr<void> caller;
    std::vector<std::string> asked;
    std::vector<provider_call> calls;
    provider_desk desk{{tasks, time, handlers, network}};
};

/// What a call lets be heard, one line for each piece.
struct heard {
    provider_desk::text_listener listener() {
        return [this](std::string_view text) { all += std::string(text) + '|'; };
    }
    std::string all;
};

}  // namespace conclave::runtime::test
