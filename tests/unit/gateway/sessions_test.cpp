// Sessions, transcripts and exports.
#include "house.hpp"

using namespace house;

TEST_CASE("a session is created, read and changed") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto sessions = acme.tenant.sessions();
    const auto made = sessions
                          .create({.agent_id = acme.agent.id,
                                   .customer_id = "c",
                                   .subject = "s",
                                   .title = "t",
                                   .metadata = R"({"channel":"chat"})"})
                          .value();
    CHECK(made.id.str().starts_with("ses_"));
    const auto read = sessions.get(made.id).value();
    CHECK(read.agent_id == acme.agent.id);
    CHECK(read.customer_id == "c");
    CHECK(read.subject == "s");
    CHECK(read.title == "t");
    CHECK(read.metadata == R"({"channel":"chat"})");
    CHECK(read.status == session_status::active);
    CHECK_FALSE(read.pinned);

    const auto changed = sessions.update(made.id, {.title = "Refund", .pinned = true}).value();
    CHECK(changed.title == "Refund");
    CHECK(changed.pinned);
    CHECK(changed.metadata == R"({"channel":"chat"})");
    CHECK(code_of(sessions.create({.agent_id = "agt_00000000000000000000000000"})) ==
          errc::agent_not_found);
}

TEST_CASE("a closed session takes neither messages nor changes; closing twice is no error") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto sessions = acme.tenant.sessions();
    acme.send("1").value();
    CHECK(sessions.close(acme.session.id).value().status == session_status::closed);
    CHECK(sessions.close(acme.session.id));
    CHECK(code_of(acme.send("2")) == errc::session_closed);
    CHECK(code_of(sessions.update(acme.session.id, {.title = "x"})) == errc::session_closed);
    CHECK(acme.send("1").value().metadata.replayed);
    CHECK(sessions.transcript(acme.session.id).value().messages.size() == 2);
    require_sound(gw);
}

TEST_CASE("a deleted session loses its words and keeps its bill") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto sessions = acme.tenant.sessions();
    acme.send("1").value();
    const auto billed = acme.bill().totals.cost;
    sessions.delete_session(acme.session.id).value();
    CHECK(code_of(sessions.get(acme.session.id)) == errc::resource_not_found);
    CHECK(code_of(sessions.transcript(acme.session.id)) == errc::resource_not_found);
    CHECK(code_of(sessions.export_text(acme.session.id, export_format::json)) ==
          errc::resource_not_found);
    CHECK(code_of(sessions.delete_session(acme.session.id)) == errc::resource_not_found);
    CHECK(sessions.list().value().items.empty());
    CHECK(acme.bill().totals.cost == billed);
    CHECK(acme.events().size() == 1);
    // The key is spent: never a second call or bill.
    CHECK(code_of(acme.send("1")) == errc::idempotency_key_expired);
    CHECK(acme.bill().totals.cost == billed);
    require_sound(gw);
}

TEST_CASE("sessions are found by agent, customer and status, page by page") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    auto sessions = acme.tenant.sessions();
    const auto other = acme.tenant.agents().create({.name = "Sales", .primary = "vendorA"}).value();
    std::vector<std::string> of_bob;
    for (int i = 0; i < 5; ++i) {
        gw.advance(1).value();
        of_bob.push_back(
            sessions.create({.agent_id = i % 2 ? other.id : acme.agent.id, .customer_id = "bob"})
                .value()
                .id.str());
    }
    sessions.close(of_bob[4]).value();
    const auto find = [&](session_filter filter) {
        std::vector<std::string> ids;
        filter.page.limit = 2;
        do {
            auto part = sessions.list(filter).value();
            for (const auto& s : part.items) ids.push_back(s.id.str());
            filter.page.cursor = part.next_cursor;
        } while (filter.page.cursor);
        return ids;
    };
    using ids = std::vector<std::string>;
    CHECK(find({}).size() == 6);
    CHECK(find({.customer_id = "bob"}) == ids(of_bob.rbegin(), of_bob.rend()));
    CHECK(find({.agent_id = other.id}) == ids{of_bob[3], of_bob[1]});
    CHECK(find({.status = session_status::closed}) == ids{of_bob[4]});
    CHECK(
        find({.agent_id = acme.agent.id, .customer_id = "bob", .status = session_status::active}) ==
        ids{of_bob[2], of_bob[0]});
    CHECK(find({.customer_id = "nobody"}).empty());
}

TEST_CASE("a transcript has every message once, oldest first and without gaps") {
    auto gw = open_in_memory({{.name = "vendorA", .kind = provider_kind::scripted, .echo = true}});
    const auto acme = settle_in(gw);
    for (int i = 1; i <= 7; ++i) {
        gw.advance(1'000).value();
        acme.send("k" + std::to_string(i), "message " + std::to_string(i)).value();
    }
    std::vector<message> all;
    page_request page{.limit = 3};
    do {
        auto part = acme.tenant.sessions().transcript(acme.session.id, page).value();
        CHECK(part.session.id == acme.session.id);
        CHECK(part.messages.size() <= 3);
        all.insert(all.end(), part.messages.begin(), part.messages.end());
        page.cursor = part.next_cursor;
    } while (page.cursor);

    REQUIRE(all.size() == 14);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].seq == static_cast<std::int64_t>(i) + 1);
        CHECK(all[i].role == (i % 2 ? message_role::assistant : message_role::user));
        CHECK(all[i].content == "message " + std::to_string(i / 2 + 1));
        CHECK(all[i].session_id == acme.session.id);
    }
    const auto session = acme.tenant.sessions().get(acme.session.id).value();
    CHECK(session.last_activity_at == all.back().created_at);
    CHECK(code_of(acme.tenant.sessions().transcript(acme.session.id, {.cursor = "abc"})) ==
          errc::validation_error);
    require_sound(gw);
}

TEST_CASE("a conversation is exported as Markdown and as JSON") {
    auto gw = open_in_memory();
    const auto acme = settle_in(gw);
    acme.send("1", "Where is my parcel? \"Here\"\n").value();
    acme.tenant.sessions().update(acme.session.id, {.title = "Parcel"}).value();
    const auto id = acme.session.id.str();
    const auto markdown =
        acme.tenant.sessions().export_text(acme.session.id, export_format::markdown).value();
    CHECK(markdown == "# Parcel\n\n- Session: " + id + "\n- Agent: " + acme.agent.id.str() +
                          "\n- Customer: customer_123\n- Status: active\n"
                          "- Created: 2026-01-01T00:00:00.000Z\n"
                          "\n## 1. User, 2026-01-01T00:00:00.000Z\n\n"
                          "Where is my parcel? \"Here\"\n\n"
                          "\n## 2. Assistant, 2026-01-01T00:00:00.000Z\n\nHello!\n");

    const auto json =
        acme.tenant.sessions().export_text(acme.session.id, export_format::json).value();
    CHECK_THAT(json, Catch::StartsWith(R"({"session":{"id":")" + id + '"'));
    CHECK_THAT(json, Catch::Contains(R"("title":"Parcel")"));
    CHECK_THAT(json, Catch::Contains(R"("content":"Where is my parcel? \"Here\"\n")"));
    CHECK_THAT(json, Catch::Contains(R"("seq":2,"role":"assistant")"));
}

TEST_CASE("an export of more messages than a page holds has them all") {
    auto gw = open_in_memory({{.name = "vendorA", .kind = provider_kind::scripted, .echo = true}});
    const auto acme = settle_in(gw);
    for (int i = 0; i < 501; ++i) acme.send("k" + std::to_string(i), "x").value();
    const auto text =
        acme.tenant.sessions().export_text(acme.session.id, export_format::markdown).value();
    CHECK_THAT(text, Catch::Contains("\n## 1. User"));
    CHECK_THAT(text, Catch::Contains("\n## 1000. Assistant"));
    CHECK_THAT(text, Catch::Contains("\n## 1002. Assistant"));
}
