// Messages of texts and images.
#include "house.hpp"

#include <mutex>

using namespace house;

namespace {

using kind = content_part::kind;

/// A provider that keeps what it was asked.
struct listening {
    std::mutex mutex;
    std::vector<provider_request> heard;

    new_provider provider() {
        return called("vendorA", [this](const provider_request& request) {
            const std::scoped_lock lock(mutex);
            heard.push_back(request);
            return provider_reply{.text = "Two cats.", .tokens = token_usage{.input = 45}};
        });
    }
};

std::vector<content_part> question() {
    return {{kind::text, "What is"},
            {kind::image_url, "https://example.com/a.png"},
            {kind::image, "iVBORw0KGgo=", "image/png"},
            {kind::text, "on these?"}};
}

send_request asking(const household& who, std::string key, std::vector<content_part> parts) {
    auto request = who.request(std::move(key), "");
    request.parts = std::move(parts);
    return request;
}

}  // namespace

TEST_CASE("a message in parts reaches the provider, later prompts and the transcript") {
    const scratch folder;
    listening vendor;
    session_id session;
    tenant_id tenant;
    {
        const auto gw = open_priced(folder.file(), on_virtual_time(), {vendor.provider()});
        const auto acme = settle_in(gw);
        session = acme.session.id;
        tenant = acme.tenant.id();
        acme.tenant.messages().send(asking(acme, "k1", question())).value();
        acme.send("k2", "And now?").value();
        REQUIRE(vendor.heard.size() == 2);
        for (const auto& prompt : vendor.heard) {
            CHECK(prompt.turns.at(0).parts == question());
            CHECK(prompt.turns[0].content == "What is\non these?");
        }
        CHECK(vendor.heard[1].turns.at(2).parts.empty());
    }
    // Another process knows the session from its store alone.
    const auto gw = open_priced(folder.file(), on_virtual_time(), {vendor.provider()});
    const auto acme = gw.tenant(tenant);
    acme.messages()
        .send({.session_id = session, .content = "Sure?", .idempotency_key = "k3"})
        .value();
    REQUIRE(vendor.heard.size() == 3);
    CHECK(vendor.heard[2].turns.at(0).parts == question());
    CHECK(vendor.heard[2].turns.at(0).content == "What is\non these?");

    const auto transcript = acme.sessions().transcript(session).value();
    CHECK(transcript.messages.at(0).parts == question());
    CHECK(transcript.messages[0].content == "What is\non these?");
    CHECK(transcript.messages.at(1).parts.empty());
    const auto text = acme.sessions().export_text(session, export_format::markdown).value();
    CHECK(text.find("- Image: https://example.com/a.png") != std::string::npos);
    CHECK(text.find("iVBORw0KGgo") == std::string::npos);
    CHECK(acme.sessions().export_text(session, export_format::json).value().find("iVBORw0KGgo=") !=
          std::string::npos);
    require_sound(gw);
}

TEST_CASE("parts are part of what a key stands for") {
    listening vendor;
    const auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    const auto first = acme.tenant.messages().send(asking(acme, "k1", question())).value();
    const auto again = acme.tenant.messages().send(asking(acme, "k1", question())).value();
    CHECK(again.metadata.replayed);
    CHECK(again.message.id == first.message.id);
    auto other = question();
    other[2].value = "iVBORw0KGgp=";
    CHECK(code_of(acme.tenant.messages().send(asking(acme, "k1", other))) ==
          errc::idempotency_key_reused);
    CHECK(code_of(acme.send("k1", "What is\non these?")) == errc::idempotency_key_reused);
    CHECK(vendor.heard.size() == 1);
    require_sound(gw);
}

TEST_CASE("an image that the provider fetches is held for what it may cost") {
    listening vendor;
    const auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    auto failing_vendor = scripted("vendorA", {failing(500)});
    failing_vendor.policy = {.retries = 0};
    gw.providers().register_provider(failing_vendor).value();
    CHECK_FALSE(acme.tenant.messages().send(
        asking(acme, "k1", {{kind::image_url, "https://example.com/a.png"}})));
    // 16 KiB stand for the image: at $0.002 per 1,000 tokens, beside the answer's 4,096.
    CHECK(acme.attempts().at(0).cost->nano_usd() >= (16 * 1024 + 4'096) * 2'000);
    require_sound(gw);
}

TEST_CASE("a vendor that takes no images is not sent any") {
    const auto gw =
        open_in_memory({{.name = "vendorA",
                         .kind = provider_kind::mapped,
                         .base_url = "http://127.0.0.1:1/ask",
                         .mapped = {.request_template = R"({"q":"{{prompt}}"})", .text = "/a"}}});
    const auto acme = settle_in(gw);
    CHECK(code_of(acme.tenant.messages().send(asking(acme, "k1", question()))) ==
          errc::provider_rejected);
    require_sound(gw);
}

TEST_CASE("a prompt forgets images that it has no room for") {
    listening vendor;
    const auto gw = open_in_memory({vendor.provider()});
    const auto acme = settle_in(gw);
    const content_part large{kind::image, std::string(1024 * 1024, 'A'), "image/png"};
    acme.tenant.messages().send(asking(acme, "k1", {large})).value();
    acme.send("k2", "And now?").value();
    CHECK(vendor.heard.at(0).turns.size() == 1);
    CHECK(vendor.heard.at(1).turns.size() == 1);
    CHECK(acme.tenant.sessions().transcript(acme.session.id).value().messages.at(0).parts.at(0) ==
          large);
}
