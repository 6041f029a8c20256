// The shim under the TypeScript facade: numbers and texts across the border, nothing more.
//
// Lifetimes, each told as the fault it prevents:
// 1. The engine's threads call nothing here but `ring`, and `ring` nothing but the thread-safe
//    function. shut_down silences the port before it gives that function back, so that no thread
//    holds one that Node has freed.
// 2. An environment (the main thread or a worker) can end at any moment, by terminate() too. Its
//    cleanup hook closes the gateway while the environment still stands; it was added after the
//    thread-safe function's own and therefore runs before it. process.exit() of the main thread
//    runs no hooks at all: the facade calls `release` then.
// 3. Node calls `wake` once more with a null environment for rings that were queued when it ended.
//    Nothing may be touched then.
#include <conclave.h>
#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

/// One gateway and its port, in one environment. Used on the environment's own thread only.
struct gateway_handle {
    napi_env env = nullptr;
    conclave_gateway* gateway = nullptr;
    conclave_port* port = nullptr;
    napi_threadsafe_function ready = nullptr;
};

constexpr std::string_view close_at_once = R"({"drain_ms":0})";

void ring(void* user_data) {
    auto* ready = static_cast<napi_threadsafe_function>(user_data);
    napi_call_threadsafe_function(ready, nullptr, napi_tsfn_nonblocking);
}

void wake(napi_env env, napi_value ready, void* /*context*/, void* /*data*/) {
    if (env == nullptr) return;
    napi_value receiver = nullptr;
    if (napi_get_undefined(env, &receiver) != napi_ok) return;
    napi_call_function(env, receiver, ready, 0, nullptr, nullptr);
}

/// Ends the gateway, without waiting for sends in flight, and the port, and lets go of Node. A
/// second time nothing is left to do.
void shut_down(gateway_handle& handle) {
    if (handle.port == nullptr) return;
    conclave_port_on_ready(handle.port, nullptr, nullptr);
    conclave_port_free(handle.port);
    handle.port = nullptr;
    conclave_result* nothing = nullptr;
    conclave_call_blocking(handle.gateway, "gateway.close", close_at_once.data(),
                           close_at_once.size(), nullptr, &nothing);
    conclave_result_release(nothing);
    conclave_close(handle.gateway);
    napi_release_threadsafe_function(handle.ready, napi_tsfn_abort);
}

void end_environment(void* data) { shut_down(*static_cast<gateway_handle*>(data)); }

/// An error goes to JavaScript as its document; the Error is made there, where the stack is.
Napi::Value failure(Napi::Env env, const conclave_error& error) {
    return Napi::String::New(env, error.document, error.document_length);
}

/// A text of JavaScript in UTF-8, or nothing. Most are short: they are copied once, to the stack.
class text {
   public:
    explicit text(const Napi::Value& value) {
        napi_env env = value.Env();
        if (napi_get_value_string_utf8(env, value, short_, sizeof short_, &size_) != napi_ok)
            return;
        data_ = short_;
        // What does not fit is cut before the character that would not.
        constexpr std::size_t character_max = 4;
        if (size_ + character_max < sizeof short_) return;
        napi_get_value_string_utf8(env, value, nullptr, 0, &size_);
        long_.resize(size_);
        napi_get_value_string_utf8(env, value, long_.data(), size_ + 1, &size_);
        data_ = long_.data();
    }
    text(const text&) = delete;
    text& operator=(const text&) = delete;

    const char* c_str() const { return data_; }
    std::size_t size() const { return size_; }

   private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
    std::string long_;
    char short_[2048];  // not initialised: written before it is read
};

bool is_ascii(std::string_view bytes) {
    unsigned char all = 0;
    for (const char byte : bytes) all |= static_cast<unsigned char>(byte);
    return all < 0x80;
}

/// ASCII is what JavaScript keeps it as, and needs no decoding.
napi_value string_of(napi_env env, std::string_view bytes) {
    napi_value made = nullptr;
    if (is_ascii(bytes))
        napi_create_string_latin1(env, bytes.data(), bytes.size(), &made);
    else
        napi_create_string_utf8(env, bytes.data(), bytes.size(), &made);
    return made;
}

gateway_handle& handle_of(const Napi::CallbackInfo& info) {
    return *info[0].As<Napi::External<gateway_handle>>().Data();
}

std::uint64_t request_of(const Napi::CallbackInfo& info) {
    return static_cast<std::uint64_t>(info[1].As<Napi::Number>().Int64Value());
}

std::uint64_t call_of(const Napi::CallbackInfo& info) {
    bool lossless = false;
    return info[1].As<Napi::BigInt>().Uint64Value(&lossless);
}

Napi::Value version(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), conclave_version());
}

Napi::Value describe(const Napi::CallbackInfo& info) {
    std::size_t length = 0;
    const char* contract = conclave_describe(&length);
    return Napi::String::New(info.Env(), contract, length);
}

bool make_thread_safe(Napi::Env env, const Napi::Value& ready, napi_threadsafe_function& made) {
    return napi_create_threadsafe_function(env, ready, nullptr, Napi::String::New(env, "conclave"),
                                           0, 1, nullptr, nullptr, nullptr, wake,
                                           &made) == napi_ok &&
           napi_unref_threadsafe_function(env, made) == napi_ok;
}

/// open(config, ready): a handle
Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const text config(info[0]);
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    auto handle = std::make_unique<gateway_handle>();
    handle->env = env;
    if (conclave_open(config.c_str(), config.size(), &options, &handle->gateway) != CONCLAVE_OK)
        return failure(env, error);
    if (conclave_port_new(&options, &handle->port) != CONCLAVE_OK) {
        conclave_close(handle->gateway);
        return failure(env, error);
    }
    if (!make_thread_safe(env, info[1], handle->ready)) {
        conclave_port_free(handle->port);
        conclave_close(handle->gateway);
        Napi::Error::New(env, "Node.js gave no thread-safe function").ThrowAsJavaScriptException();
        return env.Undefined();
    }
    conclave_port_on_ready(handle->port, ring, handle->ready);
    napi_add_env_cleanup_hook(env, end_environment, handle.get());
    return Napi::External<gateway_handle>::New(
        env, handle.release(), [](Napi::Env, gateway_handle* ended) { delete ended; });
}

/// submit(handle, operation, document, tenantId?, requestId?): the request's number
Napi::Value submit(const Napi::CallbackInfo& info) {
    const auto& handle = handle_of(info);
    const text operation(info[1]);
    const text document(info[2]);
    const text tenant_id(info[3]);
    const text request_id(info[4]);
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.tenant_id = tenant_id.c_str();
    options.request_id = request_id.c_str();
    options.port = handle.port;
    options.error = &error;
    std::uint64_t request = 0;
    if (conclave_submit(handle.gateway, handle.port, operation.c_str(), document.c_str(),
                        document.size(), &options, &request) != CONCLAVE_OK)
        return failure(info.Env(), error);
    return Napi::Number::New(info.Env(), static_cast<double>(request));
}

/// cancel(handle, request)
void cancel(const Napi::CallbackInfo& info) {
    conclave_cancel(handle_of(info).gateway, request_of(info));
}

/// pull(handle, request, count)
void pull(const Napi::CallbackInfo& info) {
    conclave_stream_pull(handle_of(info).gateway, request_of(info),
                         info[2].As<Napi::Number>().Uint32Value());
}

/// reply(handle, call, status, document)
Napi::Value reply(const Napi::CallbackInfo& info) {
    const text document(info[3]);
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    const auto status = info[2].As<Napi::Number>().Int32Value();
    if (conclave_reply(handle_of(info).gateway, call_of(info), status, document.c_str(),
                       document.size(), &options) != CONCLAVE_OK)
        return failure(info.Env(), error);
    return info.Env().Undefined();
}

/// replyText(handle, call, text)
void reply_text(const Napi::CallbackInfo& info) {
    const text piece(info[2]);
    conclave_reply_text(handle_of(info).gateway, call_of(info), piece.c_str(), piece.size());
}

/// What an event has beside its document, as the typed arrays of channel.ts read it.
struct event_facts {
    double kind;
    double request;
    double status;
    std::uint64_t call;
};

napi_value take_document(napi_env env, conclave_result* result) {
    std::size_t length = 0;
    const char* document = conclave_result_document(result, &length);
    napi_value made = string_of(env, document == nullptr ? "" : std::string_view(document, length));
    conclave_result_release(result);
    return made;
}

/// take(handle, facts): documents of events, without waiting
Napi::Value take(const Napi::CallbackInfo& info) {
    const auto& handle = handle_of(info);
    auto buffer = info[1].As<Napi::ArrayBuffer>();
    auto* facts = static_cast<event_facts*>(buffer.Data());
    const auto room = static_cast<std::uint32_t>(buffer.ByteLength() / sizeof(event_facts));
    auto documents = Napi::Array::New(info.Env());
    for (std::uint32_t i = 0; i < room; ++i) {
        conclave_event event = CONCLAVE_EVENT_INIT;
        if (conclave_port_next(handle.port, 0, &event) != CONCLAVE_OK) break;
        if (event.kind == CONCLAVE_EVENT_NONE) break;
        facts[i] = {static_cast<double>(event.kind), static_cast<double>(event.request),
                    static_cast<double>(event.status), event.call};
        napi_set_element(info.Env(), documents, i, take_document(info.Env(), event.result));
    }
    return documents;
}

/// keepAlive(handle, wanted)
void keep_alive(const Napi::CallbackInfo& info) {
    const auto& handle = handle_of(info);
    if (info[1].As<Napi::Boolean>().Value())
        napi_ref_threadsafe_function(handle.env, handle.ready);
    else
        napi_unref_threadsafe_function(handle.env, handle.ready);
}

/// close(handle)
void close(const Napi::CallbackInfo& info) { conclave_close(handle_of(info).gateway); }

/// release(handle); of a gateway that was not closed, sends in flight are not waited for
void release(const Napi::CallbackInfo& info) {
    auto& handle = handle_of(info);
    napi_remove_env_cleanup_hook(handle.env, end_environment, &handle);
    shut_down(handle);
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    exports.Set("version", Napi::Function::New(env, version, "version"));
    exports.Set("describe", Napi::Function::New(env, describe, "describe"));
    exports.Set("open", Napi::Function::New(env, open, "open"));
    exports.Set("submit", Napi::Function::New(env, submit, "submit"));
    exports.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
    exports.Set("pull", Napi::Function::New(env, pull, "pull"));
    exports.Set("reply", Napi::Function::New(env, reply, "reply"));
    exports.Set("replyText", Napi::Function::New(env, reply_text, "replyText"));
    exports.Set("take", Napi::Function::New(env, take, "take"));
    exports.Set("keepAlive", Napi::Function::New(env, keep_alive, "keepAlive"));
    exports.Set("close", Napi::Function::New(env, close, "close"));
    exports.Set("release", Napi::Function::New(env, release, "release"));
    return exports;
}

}  // namespace

NODE_API_MODULE(conclave, initialise)
