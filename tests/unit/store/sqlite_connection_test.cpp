// One SQLite connection behind the SQL driver.
#include "store/sql/query.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/failure.hpp"
#include "unit/store/sqlite_fixture.hpp"

#include <fstream>

namespace sql = conclave::store::sql;
using conclave::errc;
using conclave::store::sqlite::access;
using conclave::store::sqlite::connection;
using conclave::store::test::temporary_folder;
using kind = conclave::store::sql::failure_kind;

namespace {

connection in_memory() { return connection({.path = ":memory:"}); }

kind kind_thrown(const auto& work) {
    try {
        work();
    } catch (const sql::failure& f) {
        return f.kind();
    }
    FAIL("nothing was thrown");
    return kind::misuse;
}

}  // namespace

TEST_CASE("what is bound comes back", "[sqlite]") {
    connection c = in_memory();
    c.execute("CREATE TABLE t (a, b, c, d, e)");
    const std::string text("nul\0inside", 10);
    const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{0}, std::byte{255}};
    sql::run(c, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", std::int64_t{-7}, 0.5, text, bytes,
             nullptr);
    CHECK(c.changes() == 1);

    sql::cursor row(c, "SELECT a, b, c, d, e FROM t");
    REQUIRE(row.next());
    CHECK(row.integer(0) == -7);
    CHECK(row.real(1) == 0.5);
    CHECK(row.text(2) == text);
    CHECK(std::equal(bytes.begin(), bytes.end(), row.blob(3).begin(), row.blob(3).end()));
    CHECK(row.is_null(4));
    CHECK_FALSE(row.next());
}

TEST_CASE("empty text and blobs are not NULL, wherever they point", "[sqlite]") {
    connection c = in_memory();
    sql::cursor row(c, "SELECT ?, ?", std::string_view(), std::array<std::byte, 0>());
    REQUIRE(row.next());
    CHECK_FALSE(row.is_null(0));
    CHECK_FALSE(row.is_null(1));
}

TEST_CASE("a statement is prepared once and forgets its parameters", "[sqlite]") {
    connection c = in_memory();
    const char* text = "SELECT ?";
    sql::statement& first = c.prepared(text);
    first.bind(1, std::int64_t{5});
    CHECK(first.step());
    first.reset();
    sql::statement& second = c.prepared(text);
    CHECK(&first == &second);
    REQUIRE(second.step());
    CHECK(second.is_null(0));
    second.reset();
}

TEST_CASE("only a single statement can be prepared", "[sqlite]") {
    connection c = in_memory();
    CHECK(kind_thrown([&] { c.prepared("SELECT 1; SELECT 2"); }) == kind::misuse);
    CHECK(kind_thrown([&] { c.prepared(""); }) == kind::misuse);
    CHECK(kind_thrown([&] { c.prepared("SELEC"); }) == kind::misuse);
}

TEST_CASE("a connection trusts nothing and enforces references", "[sqlite]") {
    connection c = in_memory();
    c.execute(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
        "CREATE TABLE child (parent REFERENCES parent)");
    CHECK(kind_thrown([&] { sql::run(c, "INSERT INTO child VALUES (1)"); }) == kind::constraint);
    // Double quotes name a column and nothing else.
    CHECK(kind_thrown([&] { c.prepared("SELECT \"no such column\""); }) == kind::misuse);
    c.execute("PRAGMA writable_schema = ON");
    CHECK(kind_thrown([&] { c.execute("DELETE FROM sqlite_schema"); }) == kind::misuse);
}

TEST_CASE("a connection that reads cannot write", "[sqlite]") {
    const temporary_folder folder;
    std::ofstream(folder.file("a.db"));
    connection writing({.path = folder.file("a.db")});
    writing.use_wal();
    writing.execute("CREATE TABLE t (a)");
    connection reading({.path = folder.file("a.db"), .mode = access::read});
    CHECK(kind_thrown([&] { sql::run(reading, "INSERT INTO t VALUES (1)"); }) == kind::unavailable);
    CHECK(sql::run(writing, "INSERT INTO t VALUES (1)") == 1);
}

TEST_CASE("a busy database and a file that is none are told apart", "[sqlite]") {
    const temporary_folder folder;
    std::ofstream(folder.file("a.db"));
    connection one({.path = folder.file("a.db")});
    one.use_wal();
    connection two({.path = folder.file("a.db")});
    one.execute("BEGIN IMMEDIATE");
    CHECK(kind_thrown([&] { two.execute("BEGIN IMMEDIATE"); }) == kind::busy);
    CHECK(one.in_transaction());
    CHECK(one.roll_back());
    CHECK_FALSE(one.in_transaction());
    CHECK(one.roll_back());  // with nothing to roll back

    std::ofstream(folder.file("text")) << std::string(4096, 'x');
    CHECK(kind_thrown([&] {
              connection c({.path = folder.file("text")});
              c.use_wal();
          }) == kind::corrupt);
    CHECK(kind_thrown([&] { connection c({.path = folder.file("missing")}); }) ==
          kind::unavailable);
}

TEST_CASE("each kind of failure has its code", "[sqlite]") {
    const auto code = [](int sqlite_code) {
        using namespace conclave::store::sqlite;
        return error_of(sql::failure(kind_of(sqlite_code), "x")).code;
    };
    CHECK(code(SQLITE_BUSY_SNAPSHOT) == errc::store_busy);
    CHECK(code(SQLITE_LOCKED) == errc::store_busy);
    CHECK(code(SQLITE_IOERR_FSYNC) == errc::store_unavailable);
    CHECK(code(SQLITE_FULL) == errc::store_unavailable);
    CHECK(code(SQLITE_READONLY_DBMOVED) == errc::store_unavailable);
    CHECK(code(SQLITE_CORRUPT_INDEX) == errc::store_corrupt);
    CHECK(code(SQLITE_NOTADB) == errc::store_corrupt);
    CHECK(code(SQLITE_IOERR_CORRUPTFS) == errc::store_corrupt);
    CHECK(code(SQLITE_CONSTRAINT_UNIQUE) == errc::internal_error);
    CHECK(code(SQLITE_MISUSE) == errc::internal_error);
}
