// The C functions: handles looked up, texts copied, exceptions kept inside.
#include <conclave/version.hpp>

#include "base/utf8.hpp"
#include "capi/src/contract_text.hpp"
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/read.hpp"
#include "capi/src/forks.hpp"
#include "capi/src/handle_table.hpp"
#include "capi/src/host_calls.hpp"
#include "capi/src/open_gateway.hpp"
#include "capi/src/port.hpp"
#include "json/parse.hpp"

#include <conclave.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace {

using namespace conclave;
using namespace conclave::capi;

static_assert(CONCLAVE_INTERNAL_ERROR == static_cast<int>(errc::internal_error));

constexpr std::uint32_t pull_events_max = 1'000;
constexpr std::uint32_t options_bytes_max = 1'024;  // of any future version

/// Everything behind handles. Lives as long as the process.
struct tables {
    handle_table<conclave_gateway, open_gateway> gateways;
    handle_table<conclave_port, port> ports;
    handle_table<conclave_result, const std::string> results;
};

tables& all() {
    static auto* const made = [] {
        around_fork(
            [] {
                all().gateways.lock();
                all().ports.lock();
                all().results.lock();
            },
            [] {
                all().results.unlock();
                all().ports.unlock();
                all().gateways.unlock();
            });
        return new tables;
    }();
    return *made;
}

// --- Structures of the caller -------------------------------------------------------------------

/// As much of a structure as its maker knew; nothing for one of an unknown layout.
template <class T>
bool known_layout(const T* s) {
    return s != nullptr && s->size >= sizeof(T);
}

void copy_text(char* out, std::size_t capacity, std::string_view text) {
    const auto cut = utf8::truncate(text, capacity - 1);
    std::memcpy(out, cut.data(), cut.size());
    out[cut.size()] = '\0';
}

/// A newer caller's structure is longer: what this version does not know must be zero.
bool understood(const conclave_options& options) {
    if (options.size < sizeof options || options.size > options_bytes_max) return false;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&options);
    return std::all_of(bytes + sizeof options, bytes + options.size,
                       [](unsigned char b) { return b == 0; });
}

/// The caller's, or empty when it gave none that can be one.
std::string request_id_of(const conclave_options* options) {
    if (options == nullptr || options->request_id == nullptr) return {};
    return check_request_id(options->request_id) ? options->request_id : std::string();
}

/// Writes what went wrong where the caller wants it and gives its status.
std::int32_t report(const conclave_options* options, error e) {
    const auto status = static_cast<std::int32_t>(e.code);
    if (!known_layout(options) || !known_layout(options->error)) return status;
    if (e.request_id.empty()) e.request_id = request_id_of(options);
    auto& out = *options->error;
    out.status = status;
    copy_text(out.message, sizeof out.message, e.message);
    auto document = error_document(e);
    if (document.size() >= sizeof out.document) {
        e.details.clear();
        e.message = out.message;
        e.request_id.resize(std::min(e.request_id.size(), limits::request_id_bytes));
        document = error_document(e);
    }
    out.document_length = document.size();
    copy_text(out.document, sizeof out.document, document);
    return status;
}

/// Runs the body of one function: its error is reported, no exception leaves.
template <class Body>
std::int32_t guarded(const conclave_options* options, Body body) noexcept {
    try {
        try {
            if (options != nullptr && !understood(*options))
                return report(options, invalid("options", "have a layout that is not known"));
            const result<void> done = body();
            return done ? CONCLAVE_OK : report(options, done.error());
        } catch (const std::bad_alloc&) {
            return report(options, fail(errc::out_of_memory, "memory ran out"));
        } catch (...) {
            return report(options, fail(errc::internal_error, "an unexpected exception"));
        }
    } catch (...) {
        return CONCLAVE_OUT_OF_MEMORY;
    }
}

/// The same for functions without a status.
template <class Body>
void guarded(Body body) noexcept {
    (void)guarded(nullptr, [&]() -> result<void> {
        body();
        return {};
    });
}

result<std::shared_ptr<open_gateway>> gateway_of(const conclave_gateway* handle) {
    auto gw = all().gateways.find(handle);
    if (!gw) return fail(errc::handle_closed, "the gateway is closed");
    return gw;
}

result<std::shared_ptr<port>> port_of(const conclave_port* handle) {
    auto p = all().ports.find(handle);
    if (!p) return fail(errc::handle_closed, "the port is closed");
    if (p->forked()) return fail(errc::handle_forked, "the port was made before a fork");
    return p;
}

result<json::value> parse_document(const char* document, std::size_t length) {
    if (length == 0) return json::value(json::object{});
    if (document == nullptr) return invalid("document", "must not be null");
    return json::parse({document, length}, "document");
}

result<std::string> text_of(const char* text, std::string_view field) {
    std::string copy(text);
    if (copy.size() > limits::response_header_bytes || !utf8::valid(copy))
        return invalid(field, "must be a short UTF-8 text");
    return copy;
}

result<call_options> options_of(const conclave_options* options) {
    call_options o;
    if (options == nullptr) return o;
    if (options->api_key) {
        // A key that is not text is a wrong key.
        o.api_key = std::string(options->api_key);
    }
    if (options->tenant_id) {
        auto id = text_of(options->tenant_id, "tenant_id");
        if (!id) return std::move(id).error();
        o.tenant_id = *std::move(id);
    }
    if (options->request_id) {
        if (auto ok = check_request_id(options->request_id); !ok) return ok.error();
        o.request_id = options->request_id;
    }
    if (options->port) {
        auto p = port_of(options->port);
        if (!p) return std::move(p).error();
        o.handlers = *p;
    }
    if (options->deadline_ms != 0) {
        if (auto ok = check_range("deadline_ms", options->deadline_ms, 1, limits::policy_time_ms);
            !ok)
            return ok.error();
        o.deadline_ms = options->deadline_ms;
    }
    return o;
}

result<const operation_entry*> operation_of(const char* name) {
    if (name == nullptr) return invalid("operation", "must not be null");
    if (const auto* op = find_operation(name)) return op;
    return fail(errc::unsupported, "the contract has no operation of this name")
        .with("field", "operation");
}

conclave_result* new_result(std::string document) {
    return all().results.add(std::make_shared<const std::string>(std::move(document)));
}

/// What call_blocking and submit have in common.
struct prepared {
    std::shared_ptr<open_gateway> gateway;
    const operation_entry* op = nullptr;
    json::value document;
    call_options options;
};

result<prepared> prepare_at(const std::shared_ptr<open_gateway>& gateway, const char* operation,
                            const char* document, std::size_t length,
                            const conclave_options* options) {
    prepared p;
    p.gateway = gateway;
    auto copied = options_of(options);
    if (!copied) return std::move(copied).error();
    p.options = *std::move(copied);
    auto op = operation_of(operation);
    if (!op) return std::move(op).error();
    p.op = *op;
    auto parsed = parse_document(document, length);
    if (!parsed) return std::move(parsed).error();
    p.document = *std::move(parsed);
    // Providers and tools belong to the process: registering them is not first use.
    const bool uses = p.op->scope == operation_entry::scope_kind::tenant || !p.op->apart;
    if (auto ok = uses ? gateway->usable() : result<void>(); !ok) return std::move(ok).error();
    return p;
}

result<prepared> prepare(conclave_gateway* handle, const char* operation, const char* document,
                         std::size_t length, const conclave_options* options) {
    auto gateway = gateway_of(handle);
    if (!gateway) return std::move(gateway).error();
    auto p = prepare_at(*gateway, operation, document, length, options);
    // After a fork its locks mean nothing.
    if (!p && p.error().code != errc::handle_forked)
        return (*gateway)->with_request(std::move(p).error(), request_id_of(options));
    return p;
}

}  // namespace

extern "C" {

const char* conclave_version(void) { return CONCLAVE_VERSION; }

const char* conclave_status_name(int32_t status) {
    return status == CONCLAVE_OK ? "OK" : to_string(static_cast<errc>(status)).data();
}

const char* conclave_describe(size_t* length) {
    if (length) *length = contract_text().size();
    return contract_text().data();
}

int32_t conclave_open(const char* config, size_t config_length, const conclave_options* options,
                      conclave_gateway** gateway) {
    return guarded(options, [&]() -> result<void> {
        if (gateway == nullptr) return invalid("gateway", "must not be null");
        auto parsed = parse_document(config, config_length);
        if (!parsed) return std::move(parsed).error();
        auto copied = options_of(options);
        if (!copied) return std::move(copied).error();
        auto document = read_document(*parsed, read_open);
        if (!document) return std::move(document).error();
        auto providers = std::exchange(document->options.providers, {});
        const auto callbacks = std::stable_partition(
            providers.begin(), providers.end(),
            [](const new_provider& p) { return p.kind != provider_kind::callback; });
        document->options.providers.assign(providers.begin(), callbacks);
        auto gw = conclave::gateway::open(document->store, std::move(document->options));
        if (!gw) return std::move(gw).error();
        auto opened = std::make_shared<open_gateway>(*std::move(gw));
        for (auto p = callbacks; p != providers.end(); ++p)
            if (auto ok = opened->add_callback_provider(std::move(*p), copied->handlers); !ok)
                return ok;
        *gateway = all().gateways.add(std::move(opened));
        return {};
    });
}

void conclave_close(conclave_gateway* gateway) {
    guarded([&] {
        if (const auto gw = all().gateways.take(gateway); gw && gw->usable()) gw->close();
    });
}

int32_t conclave_call_blocking(conclave_gateway* gateway, const char* operation,
                               const char* document, size_t document_length,
                               const conclave_options* options, conclave_result** result_out) {
    return guarded(options, [&]() -> result<void> {
        if (result_out == nullptr) return invalid("result", "must not be null");
        auto p = prepare(gateway, operation, document, document_length, options);
        if (!p) return std::move(p).error();
        auto outcome =
            p->gateway->call_blocking(*p->op, std::move(p->document), std::move(p->options));
        if (!outcome) return std::move(outcome).error();
        *result_out = new_result(*std::move(outcome));
        return {};
    });
}

int32_t conclave_submit(conclave_gateway* gateway, conclave_port* port, const char* operation,
                        const char* document, size_t document_length,
                        const conclave_options* options, uint64_t* request) {
    return guarded(options, [&]() -> result<void> {
        if (request == nullptr) return invalid("request", "must not be null");
        // First the gateway: where both are closed, that is what the caller wants to hear.
        auto p = prepare(gateway, operation, document, document_length, options);
        if (!p) return std::move(p).error();
        auto target = port_of(port);
        if (!target) return std::move(target).error();
        auto number = p->gateway->submit(*p->op, std::move(p->document), std::move(p->options),
                                         *std::move(target));
        if (!number) return std::move(number).error();
        *request = *number;
        return {};
    });
}

int32_t conclave_cancel(conclave_gateway* gateway, uint64_t request) {
    return guarded(nullptr, [&]() -> result<void> {
        auto gw = gateway_of(gateway);
        if (!gw) return std::move(gw).error();
        if (auto ok = (*gw)->usable(); !ok) return ok;
        (*gw)->cancel(request);
        return {};
    });
}

int32_t conclave_stream_pull(conclave_gateway* gateway, uint64_t request, uint32_t count) {
    return guarded(nullptr, [&]() -> result<void> {
        auto gw = gateway_of(gateway);
        if (!gw) return std::move(gw).error();
        if (auto ok = (*gw)->usable(); !ok) return ok;
        if (count < 1 || count > pull_events_max)
            return invalid("count", "must lie between 1 and 1000");
        (*gw)->pull(request, count);
        return {};
    });
}

int32_t conclave_reply(conclave_gateway* gateway, uint64_t call, int32_t status,
                       const char* document, size_t document_length,
                       const conclave_options* options) {
    return guarded(options, [&]() -> result<void> {
        auto gw = gateway_of(gateway);
        if (!gw) return std::move(gw).error();
        if (auto ok = (*gw)->usable(); !ok) return ok;
        if (status < 0 || status > CONCLAVE_INTERNAL_ERROR)
            return invalid("status", "must be 0 or a number of the error table");
        if (document == nullptr && document_length > 0)
            return invalid("document", "must not be null");
        const std::string_view text =
            document_length == 0 ? std::string_view() : std::string_view(document, document_length);
        auto& calls = host_calls::all();
        return status == 0 ? calls.answer(call, text)
                           : calls.fail_call(call, static_cast<errc>(status), text);
    });
}

int32_t conclave_reply_text(conclave_gateway* gateway, uint64_t call, const char* text,
                            size_t text_length) {
    return guarded(nullptr, [&]() -> result<void> {
        auto gw = gateway_of(gateway);
        if (!gw) return std::move(gw).error();
        if (auto ok = (*gw)->usable(); !ok) return ok;
        if (text_length == 0) return {};
        if (text == nullptr) return invalid("text", "must not be null");
        return host_calls::all().add_text(call, {text, text_length});
    });
}

int32_t conclave_port_new(const conclave_options* options, conclave_port** port_out) {
    return guarded(options, [&]() -> result<void> {
        if (port_out == nullptr) return invalid("port", "must not be null");
        *port_out = all().ports.add(std::make_shared<port>());
        return {};
    });
}

int conclave_port_fd(conclave_port* port) {
    int descriptor = -1;
    guarded([&] {
        if (const auto p = port_of(port)) descriptor = (*p)->descriptor();
    });
    return descriptor;
}

int32_t conclave_port_on_ready(conclave_port* port, void (*ready)(void* user_data),
                               void* user_data) {
    return guarded(nullptr, [&]() -> result<void> {
        auto p = port_of(port);
        if (!p) return std::move(p).error();
        (*p)->on_ready(ready, user_data);
        return {};
    });
}

int32_t conclave_port_next(conclave_port* port, int64_t timeout_ms, conclave_event* event) {
    return guarded(nullptr, [&]() -> result<void> {
        if (!known_layout(event)) return invalid("event", "must be there, with a known layout");
        auto p = port_of(port);
        if (!p) return std::move(p).error();
        auto next = (*p)->next(timeout_ms);
        if (!next) return std::move(next).error();
        *event = CONCLAVE_EVENT_INIT;
        if (!*next) return {};
        auto& e = **next;
        event->kind = e.kind;
        event->request = e.request;
        event->call = e.call;
        event->status = e.status;
        if (e.document) event->result = new_result(*std::move(e.document));
        return {};
    });
}

void conclave_port_free(conclave_port* port) {
    guarded([&] {
        if (const auto p = all().ports.take(port); p && !p->forked()) p->close();
    });
}

const char* conclave_result_document(const conclave_result* result, size_t* length) {
    const char* text = nullptr;
    if (length) *length = 0;
    guarded([&] {
        const auto document = all().results.find(result);
        if (!document) return;
        // The handle still owns it: it lives until its release.
        text = document->c_str();
        if (length) *length = document->size();
    });
    return text;
}

void conclave_result_release(conclave_result* result) {
    guarded([&] { (void)all().results.take(result); });
}

}  // extern "C"
