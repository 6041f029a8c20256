// Bringing a database to the schema of this version.
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
