// Failures of the SQL driver as errors of the library.
#pragma once

#include <conclave/error.hpp>

#include "store/sql/driver.hpp"

namespace conclave::store::sqlite {

/// The error for a failure before or without a COMMIT: nothing was written.
error error_of(const sql::failure& f);

}  // namespace conclave::store::sqlite
