// Whom to believe when a server shows its certificate.
#pragma once

#include <string>

namespace conclave::net {

/// Empty texts are not given. Without `ca_file` and `ca_dir` the system's authorities are trusted
/// (the places compiled into OpenSSL; no environment is read).
struct trusted_authorities {
    std::string ca_file = {};        ///< PEM certificates, instead of the system's
    std::string ca_dir = {};         ///< folders in OpenSSL's form, instead of the system's
    std::string extra_ca_file = {};  ///< PEM certificates beside all others

    bool operator==(const trusted_authorities&) const = default;
};

}  // namespace conclave::net
