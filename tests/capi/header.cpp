// conclave.h alone, as C++.
#include <conclave.h>

uint32_t header_is_cxx(const conclave_options& options) { return options.size; }
