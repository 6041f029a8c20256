// Bringing a database to the schema of this version.
#include "store/handlers.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/migrate.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <set>
#include <string>

using conclave::errc;
using conclave::timestamp;
using conclave::store::migration;
using conclave::store::migrations;
using conclave::store::sqlite::connection;
using conclave::store::sqlite::migrate;
namespace sql = conclave::store::sql;

namespace {

constexpr migration first{1, "one", "c1", "CREATE TABLE a (x); INSERT INTO a VALUES (1);"};
constexpr migration second{2, "two", "c2", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"};
constexpr migration broken{2, "two", "c2",
                           "UPDATE a SET x = 9; INSERT INTO no_such_table VALUES (1)"};
constexpr migration both[] = {first, second};
constexpr migration half_broken[] = {first, broken};

std::int64_t number(connection& c, const char* question) {
    sql::cursor row(c, question);
    REQUIRE(row.next());
    return row.integer(0);
}

/// A ledger as version 7 wrote it: one send in flight, and one with two lines on its bill.
constexpr const char* version_7_ledger =
    "INSERT INTO tenant VALUES (1, 'tnt_1', 'Acme', 0, '{}', zeroblob(32), 1);"
    "INSERT INTO tenant_balance VALUES (1, 500, 30);"
    "INSERT INTO agent (tenant_id, agent_id, name, version, created_at)"
    " VALUES (1, 'agt_1', 'A', 1, 1);"
    "INSERT INTO session (session_id, tenant_id, public_id, agent_id, status, pinned, created_at,"
    " customer_id, subject, title, metadata)"
    " VALUES (1, 1, 'ses_1', 'agt_1', 0, 0, 1, '', '', '', '{}');"
    "INSERT INTO send (send_id, tenant_id, public_id, operation, key_hash, fingerprint, session_id,"
    " agent_id, agent_version, user_seq, state, owner, epoch, hold_nano_usd, request_id, attempts,"
    " created_at, updated_at) VALUES"
    " (1, 1, 'snd_1', 'messages.send', x'01', x'00', 1, 'agt_1', 1, 1, 2, 'own_1', 1, 0, 'r', 1, 1,"
    " 1), (2, 1, 'snd_2', 'messages.send', x'02', x'00', 1, 'agt_1', 1, 3, 1, 'own_1', 1, 500, 'r',"
    " 1, 1, 1);"
    "INSERT INTO provider_call (tenant_id, send_id, stage, seat, round, attempt, epoch, provider,"
    " model, released_at) VALUES (1, 2, 'answer', 0, 0, 0, 1, 'vendorA', 'm', 1);"
    "INSERT INTO usage_event (tenant_id, day, event_id, operation, key_hash, line, epoch,"
    " session_id, agent_id, message_id, provider, model, input, cached_input, cache_write, output,"
    " reasoning, cost_nano_usd, estimated, created_at) VALUES"
    " (1, 5, 'use_1', 'messages.send', x'01', 0, 1, 1, 'agt_1', 'msg_2', 'vendorA', 'm', 1, 0, 0,"
    " 1, 0, 10, 0, 1),"
    " (1, 5, 'use_2', 'messages.send', x'01', 1, 1, 1, 'agt_1', 'msg_2', 'vendorB', 'm', 1, 0, 0,"
    " 1, 0, 20, 0, 1);";

}  // namespace

TEST_CASE("migrations run once, in order", "[migrate]") {
    connection c({.path = ":memory:"});
    REQUIRE(migrate(c, std::span(both, 1), timestamp()));
    REQUIRE(migrate(c, both, timestamp(std::chrono::milliseconds(77))));
    REQUIRE(migrate(c, both, timestamp()));
    CHECK(number(c, "SELECT y FROM a") == 2);
    CHECK(number(c, "SELECT count(*) FROM schema_migration") == 2);
    CHECK(number(c, "SELECT applied_at FROM schema_migration WHERE version = 2") == 77);
}

TEST_CASE("a failing migration leaves the version before it", "[migrate]") {
    connection c({.path = ":memory:"});
    const auto failed = migrate(c, half_broken, timestamp());
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.starts_with("Migration 2 failed"));
    CHECK_FALSE(c.in_transaction());
    CHECK(number(c, "SELECT max(version) FROM schema_migration") == 1);
    CHECK(number(c, "SELECT x FROM a") == 1);
    REQUIRE(migrate(c, both, timestamp()));
    CHECK(number(c, "SELECT y FROM a") == 2);
}

TEST_CASE("a newer schema is refused", "[migrate]") {
    connection c({.path = ":memory:"});
    REQUIRE(migrate(c, both, timestamp()));
    const auto refused = migrate(c, std::span(both, 1), timestamp());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::store_schema_newer);
}

TEST_CASE("other migrations under the same number are refused", "[migrate]") {
    connection c({.path = ":memory:"});
    REQUIRE(migrate(c, both, timestamp()));
    constexpr migration changed[] = {first, {2, "two", "other", second.sql}};
    const auto refused = migrate(c, changed, timestamp());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::store_corrupt);
}

TEST_CASE("another program's database is refused and left alone", "[migrate]") {
    connection c({.path = ":memory:"});
    c.execute("CREATE TABLE theirs (x)");
    const auto refused = migrate(c, both, timestamp());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::store_corrupt);
    CHECK(number(c, "SELECT count(*) FROM sqlite_schema") == 1);
}

TEST_CASE("the embedded migrations are numbered, named and distinct", "[migrate]") {
    std::int64_t expected = 0;
    std::set<std::string> checksums;
    for (const migration& m : migrations()) {
        CHECK(m.version == ++expected);
        CHECK_FALSE(std::string(m.name).empty());
        CHECK(std::string(m.checksum).size() == 64);
        CHECK(checksums.insert(m.checksum).second);
    }
    CHECK(expected >= 1);
}

TEST_CASE("a ledger of version 7 keeps its events and what is in flight", "[migrate]") {
    connection c({.path = ":memory:"});
    REQUIRE(migrate(c, migrations().first(7), timestamp()));
    c.execute(version_7_ledger);
    REQUIRE(migrate(c, migrations(), timestamp()));
    CHECK(number(c, "SELECT count(*) FROM usage_event WHERE send_id = 1") == 2);
    CHECK(number(c, "SELECT sum(cost_nano_usd) FROM usage_event") == 30);
    CHECK_THROWS_AS(
        c.execute("INSERT INTO usage_event SELECT tenant_id, day, event_id || '2', line,"
                  " epoch, session_id, agent_id, message_id, provider, model, price_id,"
                  " input, cached_input, cache_write, output, reasoning, cost_nano_usd,"
                  " estimated, corrects, created_at, cost_reported, send_id"
                  " FROM usage_event"),
        sql::failure);
    CHECK(number(c, "SELECT count(open_at) FROM send") == 0);
    CHECK(number(c, "SELECT count(*) FROM tenant WHERE settings = '{}'") == 1);

    c.execute("BEGIN IMMEDIATE");
    conclave::store::batch all(c);
    const auto abandoned = conclave::store::perform(
        all, conclave::store::abandon_sends{.owner = "own_1", .limit = 10, .error_document = "{}"});
    all.write_sums();
    c.execute("COMMIT");
    CHECK(abandoned.abandoned == 1);
    CHECK(number(c, "SELECT count(*) FROM provider_call WHERE class = 5 AND send_id = 2") == 1);
    CHECK(number(c, "SELECT held_nano_usd FROM tenant_balance") == 0);
}
