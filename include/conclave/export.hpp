// Marks what a shared build of conclave exports.
#pragma once

/// Stands before every public class and function. In a shared build everything else is hidden;
/// in a static build nothing is exported by whoever links conclave in. Since 0.1.
#if defined(CONCLAVE_SHARED)
#define CONCLAVE_API __attribute__((visibility("default")))
#else
#define CONCLAVE_API
#endif
