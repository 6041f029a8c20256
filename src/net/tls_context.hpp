// What all TLS connections of a client share: trust, protocol versions, kept sessions.
#pragma once

#include <conclave/result.hpp>

#include "net/trusted_authorities.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace conclave::net {

struct tls_deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* session) const { SSL_free(session); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

/// The newest session that one server offered for resumption, if any.
using tls_session_slot = std::unique_ptr<SSL_SESSION, tls_deleter>;

/// Client side of TLS 1.2 and later. The peer's certificate is always verified, against the name or
/// the IP address that was asked for. Not thread-safe.
class tls_context {
   public:
    /// Whether the files have a certificate at all and the folders exist: a system's whole bundle
    /// takes 25 ms to load, which is left to the first connection. VALIDATION_ERROR naming
    /// `ca_file`, `ca_dir` or `extra_ca_file`.
    static result<void> check(const trusted_authorities& who);

    /// VALIDATION_ERROR as `check`.
    static result<std::unique_ptr<tls_context>> open(const trusted_authorities& who);

    /// A connection end for `host`, a name or an IP address. It resumes the session in `slot` and
    /// stores newer ones there: the slot must outlive it. Null when memory is short.
    std::unique_ptr<SSL, tls_deleter> start(const std::string& host, tls_session_slot& slot) const;

   private:
    using context_handle = std::unique_ptr<SSL_CTX, tls_deleter>;
    explicit tls_context(context_handle context) : context_(std::move(context)) {}

    context_handle context_;
};

}  // namespace conclave::net
