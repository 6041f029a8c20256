// Decisions about sessions, at every limit and one past it.
#include "sessions/sessions.hpp"

#include "base/limits.hpp"
#include "unit/base/seeded_ids.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace conclave;
using namespace conclave::sessions;

namespace {

struct office {
    result<store::create_session> create(new_session input) {
        return plan_create(tenant_scope("tnt_1"), std::move(input), given.ids, given.time.wall);
    }
    conclave::test::seeded_ids given;
};

template <class T>
std::string problem(const result<T>& checked) {
    return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a new session is active, with what was given", "[sessions]") {
    office o;
    new_session input{"agt_1", "customer", "subject", "title", R"({"a":1})"};
    const auto c = o.create(std::move(input)).value();
    CHECK(c.scope.id() == "tnt_1");
    CHECK(c.record.id.str().starts_with("ses_"));
    CHECK(c.record.agent_id == "agt_1");
    CHECK(c.record.customer_id == "customer");
    CHECK(c.record.subject == "subject");
    CHECK(c.record.title == "title");
    CHECK(c.record.metadata == R"({"a":1})");
    CHECK(c.record.status == session_status::active);
    CHECK_FALSE(c.record.pinned);
    CHECK(c.record.created_at == o.given.time.wall);
    CHECK(c.record.last_activity_at == o.given.time.wall);
    CHECK(o.create({"agt_1"})->record.metadata == "{}");
}

TEST_CASE("a session's texts have their limits", "[sessions]") {
    office o;
    CHECK(problem(o.create({""})) == "agent_id must not be empty");
    CHECK(o.create({std::string(limits::id_bytes, 'a')}));
    CHECK(problem(o.create({std::string(limits::id_bytes + 1, 'a')})) ==
          "agent_id must be at most 64 bytes");
    using label = std::string new_session::*;
    for (const auto& [name, member] :
         {std::pair<std::string, label>{"customer_id", &new_session::customer_id},
          std::pair<std::string, label>{"subject", &new_session::subject},
          std::pair<std::string, label>{"title", &new_session::title}}) {
        new_session input{"agt_1"};
        input.*member = std::string(limits::label_bytes, 'x');
        CHECK(o.create(input));
        input.*member += 'x';
        CHECK(problem(o.create(input)) == name + " must be at most 255 bytes");
        input.*member = "a\tb";
        CHECK(problem(o.create(input)) == name + " must not contain control characters");
    }
    new_session input{"agt_1"};
    input.metadata = "7";
    CHECK(problem(o.create(input)) == "metadata must be a JSON object");
}

TEST_CASE("changes are checked like new sessions", "[sessions]") {
    CHECK(check_update({}));
    CHECK(check_update({.title = "", .pinned = true, .metadata = "{}"}));
    CHECK(check_update({.title = std::string(limits::label_bytes, 'x')}));
    CHECK(problem(check_update({.title = std::string(limits::label_bytes + 1, 'x')})) ==
          "title must be at most 255 bytes");
    CHECK(problem(check_update({.metadata = "[]"})) == "metadata must be a JSON object");
}

TEST_CASE("a filter has its page filled in", "[sessions]") {
    const auto f = check_filter({}).value();
    CHECK(f.page.limit == limits::page_items_default);
    CHECK_FALSE(f.status);
}

TEST_CASE("a filter's fields have their limits", "[sessions]") {
    const auto with = [](auto change) {
        session_filter f;
        change(f);
        return problem(check_filter(std::move(f)));
    };
    CHECK(with([](auto& f) { f.agent_id = std::string(limits::id_bytes, 'a'); }) == "");
    CHECK(with([](auto& f) { f.agent_id = ""; }) == "agent_id must not be empty");
    CHECK(with([](auto& f) { f.agent_id = std::string(limits::id_bytes + 1, 'a'); }) ==
          "agent_id must be at most 64 bytes");
    CHECK(with([](auto& f) { f.customer_id = ""; }) == "");
    CHECK(with([](auto& f) { f.customer_id = std::string(limits::label_bytes + 1, 'c'); }) ==
          "customer_id must be at most 255 bytes");
    CHECK(with([](auto& f) { f.status = session_status::closed; }) == "");
    CHECK(with([](auto& f) { f.status = session_status::deleted; }) ==
          "status must be `active` or `closed`");
    CHECK(with([](auto& f) { f.page.limit = limits::page_items; }) == "");
    CHECK(with([](auto& f) { f.page.limit = limits::page_items + 1; }) ==
          "limit must be between 1 and 1000");
    CHECK(with([](auto& f) { f.page.limit = 0; }) == "limit must be between 1 and 1000");
    CHECK(with([](auto& f) { f.page.cursor = ""; }) == "cursor must not be empty");
    CHECK(with([](auto& f) { f.page.cursor = "ses_" + std::string(26, '7'); }) == "");
    CHECK(with([](auto& f) { f.page.cursor = std::string(limits::id_bytes, 'c'); }) ==
          "cursor is not one that this list gave");
    CHECK(with([](auto& f) { f.page.cursor = std::string(limits::id_bytes + 1, 'c'); }) ==
          "cursor must be at most 64 bytes");
}
