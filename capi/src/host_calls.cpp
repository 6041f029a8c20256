// Asks the host and takes its answers.
#include "capi/src/host_calls.hpp"

#include "base/utf8.hpp"
#include "capi/src/documents/print.hpp"
#include "capi/src/documents/read.hpp"
#include "json/parse.hpp"

#include <conclave.h>

#include <utility>

namespace conclave::capi {

namespace {

error not_served() {
    return fail(errc::internal_error, "no open port serves the handler of the host");
}

/// The port that took the event; null if none is open.
std::shared_ptr<port> deliver(const handler_home& home, const std::shared_ptr<requester>& caller,
                              port_event e) {
    if (caller && !caller->completed && caller->gateway == home.gateway) {
        auto asked = e;
        asked.request = caller->request;
        if (caller->port->push(std::move(asked))) return caller->port;
    }
    auto registered = home.port.lock();
    if (registered && registered->push(std::move(e))) return registered;
    return nullptr;
}

class provider_host_call final : public host_call {
   public:
    explicit provider_host_call(provider_call call) : call_(std::move(call)) {}

    result<void> answer(const json::value& document) override {
        auto reply = read_document(document, read_provider_answer);
        if (!reply) return std::move(reply).error();
        call_.reply(*std::move(reply));
        return {};
    }
    void fail(error why) override { call_.reply(std::move(why)); }
    void add_text(std::string text) override { call_.text(std::move(text)); }
    std::shared_ptr<void> caller() const override { return call_.caller(); }
    void on_cancel(completion<void> stop) override { call_.on_cancel(std::move(stop)); }

   private:
    provider_call call_;
};

class tool_host_call final : public host_call {
   public:
    explicit tool_host_call(tool_call_handle call) : call_(std::move(call)) {}

    result<void> answer(const json::value& document) override {
        auto content = read_document(document, read_tool_result);
        if (!content) return std::move(content).error();
        call_.reply(*std::move(content));
        return {};
    }
    void fail(error why) override { call_.reply(std::move(why)); }
    std::shared_ptr<void> caller() const override { return call_.caller(); }
    void on_cancel(completion<void> stop) override { call_.on_cancel(std::move(stop)); }

   private:
    tool_call_handle call_;
};

/// {kind, name, request}.
template <class Request>
std::string call_document(std::string_view kind, const std::string& name, const Request& request) {
    json::writer w;
    w.begin_object().key("kind").string(kind).key("name").string(name).key("request");
    print(w, request);
    w.end_object();
    return std::move(w).text();
}

}  // namespace

host_calls& host_calls::all() {
    static auto* const calls = new host_calls;
    return *calls;
}

async_provider_handler host_calls::provider_handler(std::string name, handler_home home) {
    return [name = std::move(name), home = std::move(home)](const provider_request& request,
                                                            provider_call call) {
        all().ask(home, call_document("provider", name, request),
                  std::make_shared<provider_host_call>(std::move(call)));
    };
}

async_tool_handler host_calls::tool_handler(std::string name, handler_home home) {
    return [name = std::move(name), home = std::move(home)](const tool_call& request,
                                                            tool_call_handle call) {
        all().ask(home, call_document("tool", name, request),
                  std::make_shared<tool_host_call>(std::move(call)));
    };
}

void host_calls::ask(const handler_home& home, std::string document,
                     std::shared_ptr<host_call> call) {
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.size() < limits::host_calls) waiting_.emplace(number = ++last_, call);
    }
    if (number == 0)
        return call->fail(fail(errc::rate_limited, "too many host calls wait for answers"));
    const auto target = deliver(home, std::static_pointer_cast<requester>(call->caller()),
                                {CONCLAVE_EVENT_HOST_CALL, 0, number, 0, std::move(document)});
    if (!target) {
        forget(number);
        return call->fail(not_served());
    }
    call->on_cancel([this, number, weak = std::weak_ptr(target)] {
        if (!forget(number)) return;
        if (const auto p = weak.lock())
            (void)p->push({CONCLAVE_EVENT_HOST_CALL_ENDED, 0, number, 0, {}});
    });
}

std::shared_ptr<host_call> host_calls::find(std::uint64_t call) {
    const std::scoped_lock lock(mutex_);
    const auto found = waiting_.find(call);
    return found == waiting_.end() ? nullptr : found->second;
}

bool host_calls::forget(std::uint64_t call) {
    std::shared_ptr<host_call> gone;  // let go of after the lock
    const std::scoped_lock lock(mutex_);
    const auto found = waiting_.find(call);
    if (found == waiting_.end()) return false;
    gone = std::move(found->second);
    waiting_.erase(found);
    return true;
}

result<void> host_calls::answer(std::uint64_t call, std::string_view document) {
    const auto waiting = find(call);
    if (!waiting) return {};
    auto parsed = json::parse(document, "document");
    if (!parsed) return std::move(parsed).error();
    if (auto ok = waiting->answer(*parsed); !ok) return ok;
    forget(call);
    return {};
}

result<void> host_calls::fail_call(std::uint64_t call, errc code, std::string_view document) {
    const auto waiting = find(call);
    if (!waiting) return {};
    auto parsed = json::parse(document.empty() ? "{}" : document, "document");
    if (!parsed) return std::move(parsed).error();
    auto why = read_document(*parsed, read_host_failure);
    if (!why) return std::move(why).error();
    auto e = fail(code, std::move(why->message));
    e.retry_after_ms = why->retry_after_ms;
    if (forget(call)) waiting->fail(std::move(e));
    return {};
}

result<void> host_calls::add_text(std::uint64_t call, std::string_view text) {
    if (!utf8::valid(text)) return invalid("text", "must be UTF-8");
    if (const auto waiting = find(call)) waiting->add_text(std::string(text));
    return {};
}

}  // namespace conclave::capi
