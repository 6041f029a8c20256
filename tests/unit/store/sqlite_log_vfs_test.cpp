// The log that is written in few pieces: what is committed is in the file, whatever came before it.
#include "faults/fault_vfs.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/connection.hpp"
#include "unit/store/sqlite_fixture.hpp"
#include "unit/test_seed.hpp"

#include <filesystem>
#include <fstream>
#include <random>

namespace sql = conclave::store::sql;
using conclave::faults::fault_vfs;
using conclave::faults::io_call;
using conclave::store::sqlite::access;
using conclave::store::sqlite::connection;
using conclave::store::test::temporary_folder;
using kind = conclave::store::sql::failure_kind;

namespace {

std::string content_of(connection& c) {
    std::string all;
    sql::cursor row(c, "SELECT id, length(v), hex(substr(v, 1, 8)) FROM t ORDER BY id");
    while (row.next()) all += row.text(0) + ':' + row.text(1) + ':' + row.text(2) + '\n';
    return all;
}

bool is_sound(connection& c) {
    sql::cursor row(c, "PRAGMA integrity_check");
    return row.next() && row.view(0) == "ok";
}

/// The files as another machine would find them: without the shared memory beside them.
std::string copy_files(const temporary_folder& from, const temporary_folder& to) {
    for (const char* name : {"a.db", "a.db-wal"})
        std::filesystem::copy_file(from.file(name), to.file(name),
                                   std::filesystem::copy_options::overwrite_existing);
    return to.file("a.db");
}

void make_database(const std::string& path) {
    std::ofstream(path).close();
    connection c({.path = path});
    c.use_wal();
    c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB) STRICT");
}

void change_at_random(connection& c, std::mt19937_64& random) {
    for (std::uint64_t n = random() % 60; n > 0; --n) {
        const auto id = static_cast<std::int64_t>(random() % 200);
        const auto size = static_cast<std::int64_t>(random() % 9'000);
        sql::run(c,
                 "INSERT INTO t (id, v) VALUES (?1, randomblob(?2 + 8))"
                 " ON CONFLICT (id) DO UPDATE SET v = excluded.v",
                 id, size);
        if (random() % 8 == 0) sql::run(c, "DELETE FROM t WHERE id = ?1", id);
    }
}

}  // namespace

TEST_CASE("every commit is whole in the file before it is told", "[sqlite]") {
    const auto seed = conclave::test::test_seed();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const temporary_folder folder;
    const temporary_folder elsewhere;
    make_database(folder.file("a.db"));
    connection c({.path = folder.file("a.db"), .sync_commits = false});
    c.execute("PRAGMA cache_size = 8");  // pages leave for the log before their commit
    for (int round = 0; round < 80; ++round) {
        const bool savepoints = random() % 2 == 0;
        c.let_spill(!savepoints);  // as the writer does
        c.execute("BEGIN IMMEDIATE");
        change_at_random(c, random);
        if (savepoints) c.execute("SAVEPOINT s");
        change_at_random(c, random);
        if (savepoints && random() % 2 == 0) c.execute("ROLLBACK TO s");
        if (random() % 4 == 0) {
            REQUIRE(c.roll_back());
            continue;
        }
        c.execute("COMMIT");
        connection found({.path = copy_files(folder, elsewhere), .mode = access::read});
        REQUIRE(is_sound(found));
        REQUIRE(content_of(found) == content_of(c));
        if (random() % 6 == 0) c.checkpoint();
    }
}

TEST_CASE("a commit of many pages takes few writes to the log", "[sqlite]") {
    fault_vfs vfs("log-pieces");
    const temporary_folder folder;
    make_database(folder.file("a.db"));
    connection c({.path = folder.file("a.db"), .vfs = vfs.name()});
    vfs.fail({.nth = 1'000'000, .only = io_call::write, .path_end = "-wal"});
    c.execute("BEGIN IMMEDIATE");
    sql::run(c, "INSERT INTO t (id, v) VALUES (1, randomblob(100000))");
    c.execute("COMMIT");
    CHECK(vfs.matched() <= 4);
    vfs.heal();
}

TEST_CASE("a piece that cannot be written fails its commit", "[sqlite]") {
    fault_vfs vfs("log-failure");
    const temporary_folder folder;
    make_database(folder.file("a.db"));
    connection c({.path = folder.file("a.db"), .vfs = vfs.name()});
    sql::run(c, "INSERT INTO t (id, v) VALUES (1, zeroblob(10))");
    vfs.fail({.only = io_call::write, .path_end = "-wal"});
    try {
        sql::run(c, "INSERT INTO t (id, v) VALUES (2, randomblob(20000))");
        FAIL("nothing was thrown");
    } catch (const sql::failure& f) {
        CHECK(f.kind() == kind::unavailable);
    }
    CHECK_THROWS_AS(c.execute("COMMIT"), sql::failure);  // SQLite has given the transaction up
    vfs.heal();
    // To SQLite the frames had been written: that connection takes nothing more.
    CHECK_THROWS_AS(sql::run(c, "INSERT INTO t (id, v) VALUES (3, zeroblob(10))"), sql::failure);
    connection anew({.path = folder.file("a.db"), .vfs = vfs.name()});
    connection other({.path = folder.file("a.db"), .mode = access::read});
    CHECK(content_of(other) == content_of(anew));
    sql::run(anew, "INSERT INTO t (id, v) VALUES (3, randomblob(20000))");
    CHECK(content_of(other) == content_of(anew));
    CHECK(is_sound(other));
}

TEST_CASE("what was rolled back does not fall on another writer's commit", "[sqlite]") {
    const temporary_folder folder;
    make_database(folder.file("a.db"));
    connection a({.path = folder.file("a.db")});
    connection b({.path = folder.file("a.db")});
    connection looker({.path = folder.file("a.db"), .mode = access::read});
    a.execute("PRAGMA cache_size = 8");
    for (int round = 0; round < 20; ++round) {
        a.execute("BEGIN IMMEDIATE");
        for (int i = 0; i < 3 + round; ++i)
            sql::run(a, "INSERT INTO t (v) VALUES (randomblob(9000))");  // leaves for the log
        REQUIRE(a.roll_back());
        for (int i = 0; i <= round % 3; ++i)
            sql::run(b, "INSERT INTO t (v) VALUES (randomblob(5000))");
        const auto expected = content_of(b);
        REQUIRE(content_of(a) == expected);  // reads the log, and so flushes what it kept
        sql::run(a, "INSERT INTO t (v) VALUES (randomblob(100))");
        REQUIRE(content_of(b) == content_of(a));
        REQUIRE(content_of(looker) == content_of(a));
        REQUIRE(is_sound(looker));
    }
}
