// Brings a database to the schema of this version.
#include "store/sqlite/migrate.hpp"

#include "store/sql/query.hpp"
#include "store/sqlite/failure.hpp"

#include <string>

namespace conclave::store::sqlite {

namespace {

bool exists(connection& c, const char* question) {
    sql::cursor found(c, question);
    return found.next();
}

/// How many of `known` the database has; it must have them exactly as they are known.
result<std::size_t> count_applied(connection& c, std::span<const migration> known) {
    sql::cursor row(c, "SELECT version, checksum FROM schema_migration ORDER BY version");
    std::size_t applied = 0;
    while (row.next()) {
        if (applied == known.size())
            return fail(errc::store_schema_newer, "The database has schema version " +
                                                      std::to_string(row.integer(0)) +
                                                      "; this library knows versions up to " +
                                                      std::to_string(known.size()) + ".");
        const migration& m = known[applied];
        if (row.integer(0) != m.version || row.view(1) != m.checksum)
            return fail(errc::store_corrupt,
                        "The schema of the database is not the one of version " +
                            std::to_string(m.version) + ".");
        ++applied;
    }
    return applied;
}

void apply_one(connection& c, const migration& m, timestamp now) {
    c.execute("BEGIN IMMEDIATE");
    c.execute(m.sql);
    sql::run(c,
             "INSERT INTO schema_migration (version, name, checksum, applied_at) "
             "VALUES (?, ?, ?, ?)",
             m.version, m.name, m.checksum, now);
    c.execute("COMMIT");
}

}  // namespace

result<void> migrate(connection& c, std::span<const migration> known, timestamp now) {
    if (!exists(c, "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migration'")) {
        if (exists(c, "SELECT 1 FROM sqlite_schema"))
            return fail(errc::store_corrupt,
                        "The file is the database of another program; choose another path.");
        c.execute(
            "CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
            "checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)");
    }
    const auto applied = count_applied(c, known);
    if (!applied) return applied.error();
    for (const migration& m : known.subspan(*applied)) {
        try {
            apply_one(c, m, now);
        } catch (const sql::failure& f) {
            c.roll_back();
            error e = error_of(f);
            e.message = "Migration " + std::to_string(m.version) + " failed: " + e.message;
            return e;
        }
    }
    return {};
}

}  // namespace conclave::store::sqlite
