// The gateway: one open store with its providers, prices and tenants.
#pragma once

#include <conclave/check.hpp>
#include <conclave/completion.hpp>
#include <conclave/export.hpp>
#include <conclave/operation.hpp>
#include <conclave/policy.hpp>
#include <conclave/price.hpp>
#include <conclave/provider.hpp>
#include <conclave/result.hpp>
#include <conclave/tenant.hpp>
#include <conclave/tenant_record.hpp>
#include <conclave/tool.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace conclave {

/// What a commit survives: power loss, or only the end of the process, however it ends.
enum class durability { full, process };

/// `virtual_time` stands still until gateway::advance moves it: for tests of retries and timeouts.
enum class clock_kind { system, virtual_time };

/// How a gateway is opened. Since 0.1.
struct open_options {
    conclave::durability durability = durability::full;
    clock_kind clock = clock_kind::system;
    conclave::policy policy = {};     ///< under the providers' and agents' own
    std::string ca_file = {};         ///< PEM certificates to trust instead of the system's
    std::string ca_dir = {};          ///< the same as a folder in OpenSSL's form, or `a:b` of them
    std::string extra_ca_file = {};   ///< PEM certificates to trust beside all others
    std::string proxy = {};           ///< http://[user:password@]host:port
    std::int64_t drain_ms = 5'000;    ///< how long close lets sends in flight finish; 0 to 24 h
    std::size_t reader_threads = 2;   ///< 1 to 64
    std::size_t handler_threads = 4;  ///< for callback providers; 1 to 256
    std::string api_key_prefix = "cnv_live";
    std::vector<new_provider> providers = {};
    std::vector<new_price> prices = {};
    bool allow_network_filesystem = false;
    std::int64_t busy_timeout_ms = 5'000;  ///< wait for other processes before STORE_BUSY
};

/// Providers of the process: they are not stored. Since 0.1.
class CONCLAVE_API provider_operations {
   public:
    /// Adds a provider or takes the place of one of the same name. VALIDATION_ERROR names the
    /// field.
    result<void> register_provider(new_provider provider);
    result<std::vector<provider_info>> list();

   private:
    friend class gateway;
    explicit provider_operations(gateway_handle h) : handle_(std::move(h)) {}
    gateway_handle handle_;
};

/// Tools of the process: they are not stored. Since 0.1.
class CONCLAVE_API tool_operations {
   public:
    /// Adds a tool or takes the place of one of the same name; calls that run go on.
    /// VALIDATION_ERROR names the field.
    result<void> register_tool(new_tool tool);
    /// By name.
    result<std::vector<tool_info>> list();

   private:
    friend class gateway;
    explicit tool_operations(gateway_handle h) : handle_(std::move(h)) {}
    gateway_handle handle_;
};

/// Prices of the store, shared by all its tenants. Since 0.1.
class CONCLAVE_API price_operations {
   public:
    /// Adds a version; with unchanged values the one there is returned. Sends use the version in
    /// force when they begin.
    result<price_version> set(new_price price);
    /// Sets all prices of a file or document, or none: VALIDATION_ERROR naming the field and row,
    /// PAYLOAD_TOO_LARGE beyond 4 MiB. Nothing is ever loaded unless this asks for it. Blocks.
    result<std::vector<price_version>> load(price_source source);
    /// Newest first.
    result<std::vector<price_version>> list(std::optional<std::string> provider = {});

   private:
    friend class gateway;
    explicit price_operations(gateway_handle h) : handle_(std::move(h)) {}
    gateway_handle handle_;
};

/// All tenants. RESOURCE_NOT_FOUND for an unknown id. Since 0.1.
class CONCLAVE_API tenant_operations {
   public:
    result<tenant_record> create(new_tenant input);
    result<tenant_record> get(const tenant_id& id);
    result<page<tenant_record>> list(page_request page = {});
    result<tenant_record> update(const tenant_id& id, tenant_update change);
    /// Its keys and its sends give TENANT_SUSPENDED until it is activated; what it has can be read
    /// and changed.
    result<tenant_record> suspend(const tenant_id& id);
    result<tenant_record> activate(const tenant_id& id);
    /// Erases content and keys; usage events and key hashes stay.
    result<void> delete_tenant(const tenant_id& id);

   private:
    friend class gateway;
    explicit tenant_operations(gateway_handle h) : handle_(std::move(h)) {}
    gateway_handle handle_;
};

/// A handle on an open store. Cheap to copy; all copies are one handle. Thread-safe. The same file
/// opened twice in a process is one engine, shared and counted. A gateway that was used before
/// a fork gives HANDLE_FORKED in the child, and so does a file that was in use before the fork:
/// SQLite's locks do not survive one. Other files, and this one when it was not used yet, can be
/// opened there. When the last copy goes without `close`, sends in flight are cut. Since 0.1.
class CONCLAVE_API gateway {
   public:
    /// Opens "app.db", "sqlite:app.db" or ":memory:". Lazy: no thread and no file before first use,
    /// so errors of the file come then. VALIDATION_ERROR naming the option; CONFLICT if the file is
    /// open in this process with other options.
    static result<gateway> open(std::string_view store, open_options options = {});

    provider_operations providers() const { return provider_operations(handle_); }
    tool_operations tools() const { return tool_operations(handle_); }
    price_operations prices() const { return price_operations(handle_); }
    tenant_operations tenants() const { return tenant_operations(handle_); }

    /// The scope of a tenant that the host has authenticated itself. Checks nothing: calls on a
    /// tenant that does not exist fail.
    conclave::tenant tenant(tenant_id id) const { return {handle_, std::move(id)}; }

    /// The tenant that an API key opens. UNAUTHORIZED, API_KEY_REVOKED, API_KEY_EXPIRED,
    /// TENANT_SUSPENDED. Blocks for a read.
    result<conclave::tenant> authenticate(std::string_view api_key) const;

    /// Checks the ledger's invariants over the whole store. Blocks for as long as that takes;
    /// others go on.
    result<check_report> check() const;

    /// Copies the store to a new file while it is in use. CONFLICT if the file exists. Blocks.
    result<void> backup(const std::string& path) const;

    /// A JSON document about this process: version, store, sends in flight, warnings.
    result<std::string> health() const;

    /// Counters of this process in the text format of Prometheus.
    result<std::string> metrics() const;

    /// Moves the virtual clock and runs everything that falls due. UNSUPPORTED with the system
    /// clock. Blocks until nothing is left to do at the new time; network traffic is not waited
    /// for.
    result<void> advance(std::int64_t ms) const;

    /// A key that no other message has, for a host without keys of its own. To be kept until the
    /// answer is there: with it a message can be sent again. HANDLE_CLOSED, HANDLE_FORKED. Never
    /// blocks.
    result<std::string> new_idempotency_key() const;

    /// An id for a request that brought none: goes into `send_request::request_id`, answers and
    /// logs of the host. Never blocks.
    request_id new_request_id() const;

    /// Makes any blocking call asynchronous: runs it on a reader thread and hands its result to
    /// `done` on the completion thread, exactly once, never inside this call:
    /// `gw.start([=] { return acme.sessions().get(id); }, done)`.
    template <class Call, class T = std::invoke_result_t<Call&>>
    void start(Call call, completion<T> done) const {
        run_blocking([gw = *this, call = std::move(call), done = std::move(done)]() mutable {
            gw.complete([r = call(), done = std::move(done)]() mutable { done(std::move(r)); });
        });
    }

    /// Lets sends in flight finish for at most `drain_ms` (the option's value when absent), writes
    /// what is left as unknown and ends the threads. Other handles on the same file go on: then
    /// only the waits of this one end. Not from a completion or handler, whose thread it waits for.
    /// A second close does nothing, and does not wait for the first.
    void close(std::optional<std::int64_t> drain_ms = {}) const;

   private:
    explicit gateway(gateway_handle h) : handle_(std::move(h)) {}
    void run_blocking(completion<void> task) const;
    void complete(completion<void> task) const;

    gateway_handle handle_;
};

}  // namespace conclave
