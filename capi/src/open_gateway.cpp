// Carries requests to the C++ API and their outcomes to ports.
#include "capi/src/open_gateway.hpp"

#include "base/process.hpp"
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/read.hpp"
#include "capi/src/host_calls.hpp"
#include "runtime/apart.hpp"

#include <conclave.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace conclave::capi {

namespace {

// Never used twice in a process.
std::atomic<std::uint64_t> last_gateway{0};
std::atomic<std::uint64_t> last_request{0};

// Events pulled before a stream stood.
constexpr std::uint64_t wanted_max = 1'000'000;

/// Of what waits for providers.
template <class Request>
void fill_in(Request& request, const call_options& options) {
    request.request_id = options.request_id;
    if (!request.deadline_ms) request.deadline_ms = options.deadline_ms;
}

}  // namespace

open_gateway::open_gateway(conclave::gateway gw)
    : number_(++last_gateway), gateway_(std::move(gw)) {}

error open_gateway::with_request(error e, const std::string& request_id) const {
    if (e.request_id.empty())
        e.request_id = request_id.empty() ? gateway_.new_request_id().str() : request_id;
    return e;
}

result<void> open_gateway::add_callback_provider(new_provider provider,
                                                 std::weak_ptr<port> handlers) {
    provider.async_handler =
        host_calls::provider_handler(provider.name, {std::move(handlers), number_});
    return gateway_.providers().register_provider(std::move(provider));
}

result<void> open_gateway::usable() {
    const auto self = current_process();
    std::int64_t used_in = 0;
    if (used_in_.compare_exchange_strong(used_in, self) || used_in == self) return {};
    return fail(errc::handle_forked,
                "the gateway, or its file, was used before a fork and cannot be used in the child");
}

result<tenant> open_gateway::tenant_of(const call_options& o) const {
    if (o.api_key) return gateway_.authenticate(*o.api_key);
    if (o.tenant_id) return gateway_.tenant(*o.tenant_id);
    return invalid("tenant_id", "is required in the options, or an api_key");
}

result<std::string> open_gateway::run(const order& o) const {
    call c{gateway_, {}, o.document, {o.options.handlers, number_}};
    if (o.op->scope == operation_entry::scope_kind::tenant) {
        auto opened = tenant_of(o.options);
        if (!opened) return with_request(std::move(opened).error(), o.options.request_id);
        c.tenant = *std::move(opened);
    }
    auto outcome = o.op->run(c);
    if (!outcome) return with_request(std::move(outcome).error(), o.options.request_id);
    return outcome;
}

result<std::string> open_gateway::call_blocking(const operation_entry& op, json::value document,
                                                call_options options) {
    const order o{&op, std::move(document), std::move(options), 0, nullptr};
    return op.run ? run(o) : run_waiting(o);
}

result<std::string> open_gateway::run_waiting(const order& o) const {
    if (o.op->name == stream_operation)
        return fail(errc::unsupported, "a stream is submitted on a port and pulled from there");
    auto scope = tenant_of(o.options);
    if (!scope) return with_request(std::move(scope).error(), o.options.request_id);
    if (o.op->name == embed_operation) {
        auto request = read_document(o.document, read_embeddings_request);
        if (!request) return with_request(std::move(request).error(), o.options.request_id);
        fill_in(*request, o.options);
        auto given = scope->embeddings().create(*std::move(request));
        if (!given) return std::move(given).error();
        return document_of(*given);
    }
    const auto ask = [&](auto read, auto send) -> result<conclave::reply> {
        auto request = read_document(o.document, read);
        if (!request) return with_request(std::move(request).error(), o.options.request_id);
        fill_in(*request, o.options);
        return send(*std::move(request));
    };
    auto reply =
        o.op->name == council_operation
            ? ask(read_council_request, [&](auto r) { return scope->council().run(std::move(r)); })
            : ask(read_send_request, [&](auto r) { return scope->messages().send(std::move(r)); });
    if (!reply) return in_words_of_the_contract(std::move(reply).error());
    return std::move(reply->document);
}

result<std::uint64_t> open_gateway::submit(const operation_entry& op, json::value document,
                                           call_options options, std::shared_ptr<port> target) {
    if (auto ok = target->reserve(); !ok) return std::move(ok).error();
    const auto request = ++last_request;
    auto caller = std::make_shared<requester>(std::move(target), request, number_);
    {
        const std::scoped_lock lock(mutex_);
        requests_[request].caller = caller;
    }
    order o{&op, std::move(document), std::move(options), request, std::move(caller)};
    const auto self = shared_from_this();
    if (!op.run) {
        start_waiting(std::move(o));
    } else if (op.apart) {
        runtime::run_apart([self, o = std::move(o)] { self->end(o.request, self->run(o)); });
    } else {
        gateway_.start([self, o = std::move(o)] { return self->run(o); },
                       completion<result<std::string>>([self, request](result<std::string> r) {
                           self->end(request, std::move(r));
                       }));
    }
    return request;
}

/// What waits for providers: at once when the tenant is known, else after its key was read.
void open_gateway::start_waiting(order o) {
    const auto self = shared_from_this();
    if (!o.options.api_key) {
        auto scope = tenant_of(o.options);
        if (!scope) return end_apart(o, std::move(scope).error());
        return begin(o, *std::move(scope));
    }
    const auto shared = std::make_shared<order>(std::move(o));
    gateway_.start([self, shared] { return self->tenant_of(shared->options); },
                   completion<result<tenant>>([self, shared](result<tenant> scope) {
                       if (scope) return self->begin(*shared, *std::move(scope));
                       self->end(shared->request, self->with_request(std::move(scope).error(),
                                                                     shared->options.request_id));
                   }));
}

void open_gateway::begin(order& o, tenant scope) {
    if (o.op->name == embed_operation) {
        auto request = read_document(o.document, read_embeddings_request);
        if (!request) return end_apart(o, std::move(request).error());
        fill_in(*request, o.options);
        return start_embedding(o, *std::move(request), std::move(scope));
    }
    if (o.op->name == council_operation) return begin_council(o, std::move(scope));
    const bool streamed = o.op->name == stream_operation;
    std::string last_event_id;
    auto request = read_document(o.document, [&](json::object_reader& in) {
        if (streamed) last_event_id = text_or_empty(in, "last_event_id");
        return read_send_request(in);
    });
    if (!request) return end_apart(o, std::move(request).error());
    fill_in(*request, o.options);
    request->caller = o.caller;
    if (streamed) return start_stream(o, *std::move(request), last_event_id, std::move(scope));
    keep(o, scope.messages().start_send(*std::move(request), completion_of(o)));
}

void open_gateway::begin_council(order& o, tenant scope) {
    auto request = read_document(o.document, read_council_request);
    if (!request) return end_apart(o, std::move(request).error());
    fill_in(*request, o.options);
    request->caller = o.caller;
    keep(o, scope.council().start_run(*std::move(request), completion_of(o)));
}

completion<result<reply>> open_gateway::completion_of(const order& o) {
    // The port only takes the event in, so no other thread need be woken for that.
    return {prompt, [self = shared_from_this(), number = o.request](result<reply> r) {
                if (!r) return self->end(number, in_words_of_the_contract(std::move(r).error()));
                self->end(number, std::move(r->document));
            }};
}

void open_gateway::start_embedding(order& o, embeddings_request request, tenant scope) {
    const auto self = shared_from_this();
    const auto number = o.request;
    auto started = scope.embeddings().start_create(
        std::move(request), [self, number](result<embeddings> given) {
            if (!given) return self->end(number, std::move(given).error());
            self->end(number, document_of(*given));
        });
    keep(o, started);
}

/// For a cancel that comes later, or has come already.
void open_gateway::keep(const order& o, const operation& started) {
    std::unique_lock lock(mutex_);
    const auto found = requests_.find(o.request);
    if (found == requests_.end()) return;  // It has ended already.
    found->second.sending = started;
    if (!found->second.cancel_asked) return;
    lock.unlock();
    started.cancel();
}

void open_gateway::start_stream(order& o, send_request request, const std::string& last_event_id,
                                tenant scope) {
    auto stream = scope.messages().stream(std::move(request), last_event_id);
    if (!stream) return end_apart(o, in_words_of_the_contract(std::move(stream).error()));
    auto pump = std::make_shared<stream_pump>(
        *std::move(stream), o.caller->port, o.request,
        [self = shared_from_this(), number = o.request](result<std::string> r) {
            self->end(number, std::move(r));
        });
    std::unique_lock lock(mutex_);
    auto& r = requests_[o.request];
    r.stream = pump;
    const auto wanted = static_cast<std::uint32_t>(r.wanted);
    const bool cancelled = r.cancel_asked;
    lock.unlock();
    if (cancelled) return pump->cancel();
    if (wanted > 0) pump->pull(wanted);
}

/// Completes on another thread: never inside the submitting call.
void open_gateway::end_apart(const order& o, error e) {
    runtime::run_apart(
        [self = shared_from_this(), request = o.request,
         e = with_request(std::move(e), o.options.request_id)] { self->end(request, e); });
}

void open_gateway::end(std::uint64_t request, result<std::string> outcome) {
    std::unordered_map<std::uint64_t, under_way>::node_type ended;
    {
        const std::scoped_lock lock(mutex_);
        ended = requests_.extract(request);
    }
    if (ended.empty()) return;
    const auto status = outcome ? CONCLAVE_OK : static_cast<std::int32_t>(outcome.error().code);
    auto& caller = *ended.mapped().caller;
    caller.completed = true;
    caller.port->complete({CONCLAVE_EVENT_COMPLETION, request, 0, status,
                           outcome ? *std::move(outcome) : error_document(outcome.error())});
}

void open_gateway::cancel(std::uint64_t request) {
    operation sending;
    std::shared_ptr<stream_pump> stream;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = requests_.find(request);
        if (found == requests_.end()) return;
        found->second.cancel_asked = true;
        sending = found->second.sending;
        stream = found->second.stream;
    }
    sending.cancel();
    if (stream) stream->cancel();
}

void open_gateway::pull(std::uint64_t request, std::uint32_t count) {
    std::shared_ptr<stream_pump> stream;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = requests_.find(request);
        if (found == requests_.end()) return;
        stream = found->second.stream;
        if (!stream)
            found->second.wanted =
                std::min<std::uint64_t>(wanted_max, found->second.wanted + count);
    }
    if (stream) stream->pull(count);
}

void open_gateway::close() {
    gateway_.close();
    std::vector<std::shared_ptr<stream_pump>> streams;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [number, r] : requests_)
            if (r.stream) streams.push_back(r.stream);
    }
    for (const auto& s : streams) s->end_closed();
}

}  // namespace conclave::capi
