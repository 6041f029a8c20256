// The cases through conclave.h: blocking calls, and ports for what is not waited for.
#include "json/parse.hpp"
#include "json/print.hpp"
#include "suite.hpp"

#include <conclave.h>

#include <thread>
#include <utility>
#include <vector>

namespace conclave::conformance {

namespace {

constexpr std::uint32_t events_at_once = 1'000;
constexpr std::int64_t patience_ms = 20'000;

json::value parsed(std::string_view text) {
    auto document = json::parse(text, "document");
    if (!document) throw mismatch("no JSON came: " + std::string(text));
    return *std::move(document);
}

json::value taken(conclave_result* result) {
    std::size_t length = 0;
    const auto* text = conclave_result_document(result, &length);
    auto document = parsed({text, length});
    conclave_result_release(result);
    return document;
}

/// The number of an error, as a host finds it.
std::int32_t status_of(const std::string& code) {
    for (std::int32_t status = 1; status <= CONCLAVE_INTERNAL_ERROR; ++status)
        if (conclave_status_name(status) == code) return status;
    return CONCLAVE_INTERNAL_ERROR;
}

/// A failure as conclave_reply takes it: its code is the status.
json::value without_code(const json::value& document) {
    json::object rest;
    for (const auto& m : *document.as_object())
        if (m.key != "code") rest.push_back(m);
    return rest;
}

/// A request that was submitted, and what came of it so far.
struct submitted {
    std::uint64_t request = 0;
    bool streamed = false;
    json::array events = {};
    std::optional<answer> done = {};
};

class c_host final : public host {
   public:
    explicit c_host(planned_handlers& handlers) : handlers_(handlers) {
        conclave_port_new(nullptr, &port_);
        conclave_port_new(nullptr, &handler_port_);
        // Blocking calls ask handlers on the port of the registration, from another thread.
        server_ = std::thread([this] {
            conclave_event e = CONCLAVE_EVENT_INIT;
            while (conclave_port_next(handler_port_, -1, &e) == CONCLAVE_OK) serve(e);
        });
    }
    ~c_host() override {
        for (auto* gateway : gateways_) conclave_close(gateway);
        conclave_port_free(port_);
        conclave_port_free(handler_port_);
        server_.join();
    }
    c_host(const c_host&) = delete;
    c_host& operator=(const c_host&) = delete;

    answer open(const json::value& document) override {
        const auto text = json::print(document);
        conclave_error error = CONCLAVE_ERROR_INIT;
        conclave_options options = CONCLAVE_OPTIONS_INIT;
        options.error = &error;
        options.port = handler_port_;
        conclave_gateway* gateway = nullptr;
        if (conclave_open(text.data(), text.size(), &options, &gateway) != CONCLAVE_OK)
            return failure(error);
        gateways_.push_back(gateway);
        return {false, json::object{}};
    }

    answer call(const order& o) override {
        if (o.streamed) {
            start("", o);
            return wait("");
        }
        conclave_error error = CONCLAVE_ERROR_INIT;
        const auto options = options_for(o, error);
        const auto text = json::print(o.document);
        conclave_result* result = nullptr;
        if (conclave_call_blocking(gateway(), o.operation.c_str(), text.data(), text.size(),
                                   &options, &result) != CONCLAVE_OK)
            return failure(error);
        return {false, taken(result)};
    }

    void start(const std::string& name, const order& o) override {
        conclave_error error = CONCLAVE_ERROR_INIT;
        const auto options = options_for(o, error);
        const auto text = json::print(o.document);
        submitted s{.streamed = o.streamed};
        if (conclave_submit(gateway(), port_, o.operation.c_str(), text.data(), text.size(),
                            &options, &s.request) != CONCLAVE_OK)
            s.done = failure(error);
        else if (o.streamed)
            conclave_stream_pull(gateway(), s.request, events_at_once);
        submitted_[name] = std::move(s);
    }

    void cancel(const std::string& name) override {
        conclave_cancel(gateway(), submitted_.at(name).request);
    }

    answer wait(const std::string& name) override {
        auto& s = submitted_.at(name);
        while (!s.done) {
            conclave_event e = CONCLAVE_EVENT_INIT;
            conclave_port_next(port_, patience_ms, &e);
            if (e.kind == CONCLAVE_EVENT_NONE) throw mismatch("no completion came");
            take(e);
        }
        return s.streamed ? stream_answer(s) : *s.done;
    }

   private:
    conclave_gateway* gateway() const { return gateways_.back(); }

    conclave_options options_for(const order& o, conclave_error& error) const {
        conclave_options options = CONCLAVE_OPTIONS_INIT;
        options.error = &error;
        options.port = handler_port_;
        if (o.api_key) options.api_key = o.api_key->c_str();
        if (o.tenant) options.tenant_id = o.tenant->c_str();
        if (!o.request_id.empty()) options.request_id = o.request_id.c_str();
        return options;
    }

    static answer failure(const conclave_error& error) {
        auto document = parsed({error.document, static_cast<std::size_t>(error.document_length)});
        if (text_of(document, "code") != conclave_status_name(error.status))
            throw mismatch("the status is not that of " + brief(document));
        return {true, std::move(document)};
    }

    void take(conclave_event& e) {
        if (e.kind == CONCLAVE_EVENT_HOST_CALL || e.kind == CONCLAVE_EVENT_HOST_CALL_ENDED)
            return serve(e);
        for (auto& [name, s] : submitted_) {
            if (s.request != e.request) continue;
            if (e.kind == CONCLAVE_EVENT_STREAM)
                s.events.push_back(taken(e.result));
            else
                s.done = {e.status != CONCLAVE_OK, taken(e.result)};
            return;
        }
        throw mismatch("an event came for nobody");
    }

    /// A stream tells its end twice: as its last event and as the completion.
    static answer stream_answer(const submitted& s) {
        const auto last = s.events.empty() ? json::value() : s.events.back();
        const auto* end = json::find(last, s.done->failed ? "error" : "reply");
        if (end == nullptr && s.done->failed) return *s.done;  // an error that no event told
        if (end == nullptr || !(*end == s.done->document))
            throw mismatch("the completion is not the last event: " + brief(s.done->document));
        return {false, joined(s.events)};
    }

    void serve(conclave_event& e) {
        if (e.kind != CONCLAVE_EVENT_HOST_CALL) return;
        const auto asked = taken(e.result);
        const bool tool = text_of(asked, "kind") == "tool";
        const auto& request = *json::find(asked, "request");
        const auto a = handlers_.next(text_of(asked, "name"),
                                      tool ? *json::find(request, "arguments") : request);
        const auto status = a.failed ? status_of(text_of(a.document, "code")) : CONCLAVE_OK;
        const bool is_text = a.document.as_string() != nullptr;
        const auto text =
            json::print(tool && is_text && !a.failed ? json::object{{"content", a.document}}
                                                     : without_code(a.document));
        conclave_reply(gateway(), e.call, status, text.data(), text.size(), nullptr);
    }

    planned_handlers& handlers_;
    conclave_port* port_ = nullptr;
    conclave_port* handler_port_ = nullptr;
    std::thread server_;
    std::vector<conclave_gateway*> gateways_;
    std::map<std::string, submitted> submitted_;
};

}  // namespace

}  // namespace conclave::conformance

int main(int argc, char** argv) {
    using namespace conclave::conformance;
    return run_suite(argc, argv, "C",
                     [](planned_handlers& handlers) { return std::make_unique<c_host>(handlers); });
}
