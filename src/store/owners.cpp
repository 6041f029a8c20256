// Owners.
#include "store/handlers.hpp"
#include "store/sql/query.hpp"

namespace conclave::store {

register_owner::outcome perform(batch& c, const register_owner& command) {
    const auto& o = command.owner;
    sql::run(c,
             "INSERT INTO owner (owner_id, lock_offset, pid, process_start, registered_at)"
             " VALUES (?1, ?2, ?3, ?4, ?5)",
             o.id, o.lock_offset, o.pid, o.process_start, command.now);
    return {};
}

close_owner::outcome perform(batch& c, const close_owner& command) {
    // An owner with open sends stays listed, so that a sweep finds them.
    const auto closed = sql::run(c,
                                 "DELETE FROM owner WHERE owner_id = ?1 AND NOT EXISTS"
                                 " (SELECT 1 FROM send WHERE state = 1 AND owner = ?1)",
                                 command.owner);
    if (closed != 0) sql::run(c, "DELETE FROM writer_mark WHERE owner = ?1", command.owner);
    return {};
}

list_owners::answer find(sql::connection& c, const list_owners&) {
    list_owners::answer a;
    sql::cursor row(c,
                    "SELECT owner_id, lock_offset, pid, process_start FROM owner"
                    " ORDER BY owner_id");
    while (row.next())
        a.owners.push_back({row.text(0), row.integer(1), row.integer(2), row.integer(3)});
    return a;
}

}  // namespace conclave::store
