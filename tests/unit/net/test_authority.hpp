// A certificate authority made for one test.
#pragma once

#include <asio/ssl.hpp>
#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace conclave::net {

/// What a server's certificate says.
struct certificate_facts {
    std::string dns{};  ///< one name
    std::string ip{};
    long valid_from_s = -3600;
    long valid_until_s = 3600;
};

/// Signs server certificates; its own stands in a file that is removed with it.
class authority {
   public:
    authority() : key_(new_key()), certificate_(X509_new(), X509_free) {
        // Names of their own: an issuer is looked for by its name.
        const auto name = "authority of a test " + std::to_string(next_);
        certify(certificate_.get(), key_.get(), name.c_str(), {});
        extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
        sign(certificate_.get());
        file_ = std::filesystem::temp_directory_path() /
                ("conclave-ca-" + std::to_string(::getpid()) + "-" + std::to_string(next_++));
        write(file_);
    }
    ~authority() {
        std::filesystem::remove(file_);
        std::filesystem::remove_all(file_ + ".d");
    }
    authority(const authority&) = delete;
    authority& operator=(const authority&) = delete;

    std::string file() const { return file_; }

    /// A folder in OpenSSL's form: the certificate's file is named after its subject's hash.
    std::string folder() const {
        const auto made = file_ + ".d";
        std::filesystem::create_directory(made);
        char name[16];
        std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(certificate_.get()));
        write(made + "/" + name);
        return made;
    }

    /// A server that shows a certificate with these facts.
    asio::ssl::context server(const certificate_facts& facts) const {
        const auto key = new_key();
        const certificate leaf(X509_new(), X509_free);
        certify(leaf.get(), key.get(), "server of a test", facts);
        if (!facts.dns.empty()) extend(leaf.get(), NID_subject_alt_name, "DNS:" + facts.dns);
        if (!facts.ip.empty()) extend(leaf.get(), NID_subject_alt_name, "IP:" + facts.ip);
        sign(leaf.get());
        asio::ssl::context made(asio::ssl::context::tls_server);
        REQUIRE(SSL_CTX_use_certificate(made.native_handle(), leaf.get()) == 1);
        REQUIRE(SSL_CTX_use_PrivateKey(made.native_handle(), key.get()) == 1);
        return made;
    }

   private:
    using key_pair = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using certificate = std::unique_ptr<X509, decltype(&X509_free)>;

    void write(const std::string& path) const {
        FILE* out = std::fopen(path.c_str(), "w");
        REQUIRE(out);
        REQUIRE(PEM_write_X509(out, certificate_.get()) == 1);
        REQUIRE(std::fclose(out) == 0);
    }

    static key_pair new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

    void certify(X509* made, EVP_PKEY* key, const char* name,
                 const certificate_facts& facts) const {
        X509_set_version(made, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(made), facts.valid_from_s);
        X509_gmtime_adj(X509_getm_notAfter(made), facts.valid_until_s);
        X509_set_pubkey(made, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
        X509_set_issuer_name(made, X509_get_subject_name(certificate_.get()));
    }

    static void extend(X509* made, int nid, const std::string& value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
        REQUIRE(extension);
        REQUIRE(X509_add_ext(made, extension, -1) == 1);
        X509_EXTENSION_free(extension);
    }

    void sign(X509* made) const { REQUIRE(X509_sign(made, key_.get(), EVP_sha256()) > 0); }

    static inline int next_ = 0;
    key_pair key_;
    certificate certificate_;
    mutable long serial_ = 0;
    std::string file_;
};

}  // namespace conclave::net
