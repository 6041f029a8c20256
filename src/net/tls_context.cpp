// What all TLS connections of a client share: trust, protocol versions, kept sessions.
#include "net/tls_context.hpp"

#include <asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <string_view>

namespace conclave::net {
namespace {

int keep_session(SSL* connection, SSL_SESSION* session) {
    auto* slot = static_cast<tls_session_slot*>(SSL_get_app_data(connection));
    slot->reset(session);
    return 1;  // the reference is ours now
}

bool trust_system(SSL_CTX* context) {
    // The default file is missing on many systems and the directory on others: both are optional.
    SSL_CTX_load_verify_file(context, X509_get_default_cert_file());
    return SSL_CTX_load_verify_dir(context, X509_get_default_cert_dir()) == 1;
}

void configure(SSL_CTX* context) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One system call a record instead of two.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context, protocols, sizeof(protocols) - 1);
}

/// An IP address must stand in the certificate as such; only names are announced to the server.
bool expect_peer(SSL* connection, const std::string& host) {
    asio::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
    }
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(connection, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

error unreadable(std::string_view field) {
    return invalid(field, "is not a readable file of PEM certificates");
}

result<void> check_file(std::string_view field, const std::string& path) {
    if (path.empty()) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> file(BIO_new_file(path.c_str(), "r"),
                                                             &BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> first(
        file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
    ERR_clear_error();
    if (!first) return unreadable(field);
    return {};
}

/// One folder of a list is enough: such lists name folders that only some systems have.
result<void> check_folders(std::string_view list) {
    if (list.empty()) return {};
    while (!list.empty()) {
        const auto colon = list.find(':');
        std::error_code unknown;
        if (std::filesystem::is_directory(list.substr(0, colon), unknown)) return {};
        list.remove_prefix(colon == std::string_view::npos ? list.size() : colon + 1);
    }
    return invalid("ca_dir", "is not a folder of certificates");
}

/// The option whose certificates cannot be loaded; empty: none.
std::string_view trust(SSL_CTX* context, const trusted_authorities& who) {
    if (!who.ca_file.empty() && SSL_CTX_load_verify_file(context, who.ca_file.c_str()) != 1)
        return "ca_file";
    if (!who.ca_dir.empty() && SSL_CTX_load_verify_dir(context, who.ca_dir.c_str()) != 1)
        return "ca_dir";
    if (who.ca_file.empty() && who.ca_dir.empty() && !trust_system(context)) return "ca_file";
    const auto& extra = who.extra_ca_file;
    if (!extra.empty() && SSL_CTX_load_verify_file(context, extra.c_str()) != 1)
        return "extra_ca_file";
    return {};
}

}  // namespace

result<void> tls_context::check(const trusted_authorities& who) {
    if (auto ok = check_file("ca_file", who.ca_file); !ok) return ok;
    if (auto ok = check_folders(who.ca_dir); !ok) return ok;
    return check_file("extra_ca_file", who.extra_ca_file);
}

result<std::unique_ptr<tls_context>> tls_context::open(const trusted_authorities& who) {
    context_handle context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
        return fail(errc::out_of_memory, "TLS cannot be set up");
    }
    configure(context.get());
    const auto wrong = trust(context.get(), who);
    ERR_clear_error();
    if (!wrong.empty()) return unreadable(wrong);
    return std::unique_ptr<tls_context>(new tls_context(std::move(context)));
}

std::unique_ptr<SSL, tls_deleter> tls_context::start(const std::string& host,
                                                     tls_session_slot& slot) const {
    std::unique_ptr<SSL, tls_deleter> connection(SSL_new(context_.get()));
    if (!connection || !expect_peer(connection.get(), host)) return nullptr;
    SSL_set_app_data(connection.get(), &slot);
    if (slot) SSL_set_session(connection.get(), slot.get());
    SSL_set_connect_state(connection.get());
    return connection;
}

}  // namespace conclave::net
