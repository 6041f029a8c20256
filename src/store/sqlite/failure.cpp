// Failures of the SQL driver as errors of the library.
#include "store/sqlite/failure.hpp"

#include <string>

namespace conclave::store::sqlite {

error error_of(const sql::failure& f) {
    const std::string reason = f.what();
    switch (f.kind()) {
        case sql::failure_kind::busy:
            return fail(errc::store_busy, "Another program holds the database: " + reason);
        case sql::failure_kind::unavailable:
            return fail(errc::store_unavailable, "The database cannot be used: " + reason);
        case sql::failure_kind::corrupt:
            return fail(errc::store_corrupt, "The file is not a sound database: " + reason);
        case sql::failure_kind::constraint:
        case sql::failure_kind::misuse: break;
    }
    return fail(errc::internal_error, "The store failed by its own fault: " + reason);
}

}  // namespace conclave::store::sqlite
