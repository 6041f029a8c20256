// The cases through the C++ API: each operation by the public method that carries it, so that one
// without a method does not compile. The C API's readers and printers stand for the documents.
#include <conclave/conclave.hpp>

#include "capi/src/documents/print.hpp"
#include "capi/src/documents/read.hpp"
#include "json/parse.hpp"
#include "messaging/reply_document.hpp"
#include "suite.hpp"

#include <future>
#include <type_traits>
#include <utility>
#include <vector>

namespace conclave::conformance {

namespace {

using json::object_reader;

json::value parsed(std::string_view text) {
    auto document = json::parse(text, "document");
    if (!document) throw mismatch("no JSON came: " + std::string(text));
    return *std::move(document);
}

answer failure(const error& e) { return {true, parsed(capi::error_document(e))}; }

/// The document of what a method gave; a text becomes {text}.
template <class T>
answer given(const result<T>& outcome) {
    if (!outcome) return failure(outcome.error());
    if constexpr (std::is_void_v<T>)
        return {false, json::object{}};
    else if constexpr (std::is_same_v<T, std::string>)
        return {false, parsed(capi::text_document(*outcome))};
    else
        return {false, parsed(capi::document_of(*outcome))};
}

/// A reply's own document; that of its members must be the same.
answer given_reply(const result<reply>& r) {
    // Parts and results of tools have fields of their own in C++.
    if (!r) return failure(capi::in_words_of_the_contract(r.error()));
    auto document = parsed(r->document);
    const auto printed = messaging::restore_reply(
        r->message, messaging::print_metadata(r->metadata), r->metadata.replayed);
    if (!(parsed(printed.document) == document))
        throw mismatch("the reply is not its document: " + printed.document);
    return {false, std::move(document)};
}

// --- What the documents hold
// ----------------------------------------------------------------------

struct nothing {};
nothing no_fields(object_reader&) { return {}; }
std::string the_id(object_reader& in) { return in.required_string("id", capi::any_text); }
std::string the_path(object_reader& in) { return in.required_string("path", capi::any_text); }
std::string the_key(object_reader& in) { return in.required_string("api_key", capi::any_text); }
std::int64_t the_time(object_reader& in) { return in.required_integer("ms"); }
std::optional<std::string> the_provider(object_reader& in) {
    return capi::optional_text(in, "provider");
}
std::optional<std::int64_t> the_drain(object_reader& in) {
    return in.optional_integer("drain_ms", 0, limits::policy_time_ms);
}

/// An id, and what goes with it.
template <class T, T (*Read)(object_reader&)>
std::pair<std::string, T> id_and(object_reader& in) {
    auto id = the_id(in);
    return {std::move(id), Read(in)};
}
std::string the_reason(object_reader& in) { return capi::text_or_empty(in, "reason"); }

struct days {
    date from;
    date to;
    page_request page;
};
days range(object_reader& in) {
    const auto from = capi::required_date(in, "from");
    return {from, capi::required_date(in, "to"), {}};
}
days paged_range(object_reader& in) {
    auto d = range(in);
    d.page = capi::read_page_request(in);
    return d;
}

// --- The operations
// -------------------------------------------------------------------------------

/// What the case's own handler fails with.
error planned_error(const json::value& document) {
    auto e = fail(errc::internal_error, text_of(document, "message"));
    for (int n = 1; n <= static_cast<int>(errc::internal_error); ++n)
        if (to_string(static_cast<errc>(n)) == text_of(document, "code")) e.code = errc(n);
    if (const auto* wait = json::find(document, "retry_after_ms"))
        e.retry_after_ms = *wait->as_integer();
    return e;
}

struct scopes {
    gateway& gw;
    tenant& acme;
    planned_handlers& handlers;
    const order& o;

    const gateway& of(const gateway*) const { return gw; }
    const tenant& of(const tenant*) const { return acme; }
};

using method = std::function<answer(const scopes&)>;

/// Reads the document with `read` and hands what it holds to `act`.
template <class Read, class Act>
method by(Read read, Act act) {
    return [read, act](const scopes& s) {
        auto input = capi::read_document(s.o.document, read);
        if (!input) return failure(input.error());
        return act(s, *std::move(input));
    };
}

/// Calls a member function with what a document held: nothing, one value, or an id and one.
template <class Object, class Member, class Input>
auto call_with(Object&& object, Member member, Input input) {
    if constexpr (std::is_same_v<Input, nothing>)
        return (object.*member)();
    else if constexpr (requires { input.first; })
        return (object.*member)(std::move(input.first), std::move(input.second));
    else
        return (object.*member)(std::move(input));
}

/// A verb of a noun: `noun` leads from the gateway or tenant to its operations.
template <class Owner, class Operations, class Member, class Read>
method of(Operations (Owner::*noun)() const, Member verb, Read read) {
    return by(read, [noun, verb](const scopes& s, auto input) {
        auto operations = (s.of(static_cast<const Owner*>(nullptr)).*noun)();
        return given(call_with(operations, verb, std::move(input)));
    });
}

/// A verb of the gateway itself.
template <class Member, class Read>
method own(Member verb, Read read) {
    return by(read, [verb](const scopes& s, auto input) {
        return given(call_with(s.gw, verb, std::move(input)));
    });
}

answer register_provider(const scopes& s, new_provider p) {
    const auto name = p.name;
    if (p.kind == provider_kind::callback) {
        p.async_handler = [&handlers = s.handlers, name](const provider_request& request,
                                                         const provider_call& call) {
            json::writer w;
            capi::print(w, request);
            const auto a = handlers.next(name, parsed(w.text()));
            if (a.failed) return call.reply(planned_error(a.document));
            call.reply(capi::read_document(a.document, capi::read_provider_answer));
        };
    }
    if (auto ok = s.gw.providers().register_provider(std::move(p)); !ok) return failure(ok.error());
    for (const auto& one : s.gw.providers().list().value())
        if (one.name == name) return {false, parsed(capi::document_of(one))};
    throw mismatch("the provider is not in the list");
}

answer register_tool(const scopes& s, new_tool t) {
    const auto name = t.name;
    t.async_handler = [&handlers = s.handlers, name](const tool_call& asked,
                                                     const tool_call_handle& call) {
        const auto a = handlers.next(name, parsed(asked.arguments));
        if (a.failed) return call.reply(planned_error(a.document));
        if (const auto* text = a.document.as_string()) return call.reply(*text);
        call.reply(capi::read_document(a.document, capi::read_tool_result));
    };
    if (auto ok = s.gw.tools().register_tool(std::move(t)); !ok) return failure(ok.error());
    for (const auto& one : s.gw.tools().list().value())
        if (one.name == name) return {false, parsed(capi::document_of(one))};
    throw mismatch("the tool is not in the list");
}

answer resolve(const scopes& s, resolve_request r) {
    const auto state = s.acme.messages().resolve(std::move(r));
    if (!state) return failure(state.error());
    return {false, json::object{{"state", *state}}};
}

send_request with_request_id(const scopes& s, send_request r) {
    r.request_id = s.o.request_id;
    return r;
}

answer send(const scopes& s, send_request r) {
    return given_reply(s.acme.messages().send(with_request_id(s, std::move(r))));
}

answer embed(const scopes& s, embeddings_request r) {
    r.request_id = s.o.request_id;
    return given(s.acme.embeddings().create(std::move(r)));
}

answer run_council(const scopes& s, council_request r) {
    r.request_id = s.o.request_id;
    return given_reply(s.acme.council().run(std::move(r)));
}

struct scores_to_rank {
    message_id message;
    std::string rule;
};
scores_to_rank the_scores(object_reader& in) {
    message_id message(in.required_string("message_id", capi::any_text));
    return {std::move(message), in.required_string("rule", capi::any_text)};
}

answer reaggregate(const scopes& s, const scores_to_rank& which) {
    const auto ranking = s.acme.council().reaggregate(which.message, which.rule);
    if (!ranking) return failure(ranking.error());
    return {false, parsed(*ranking)};
}

answer rollup(const scopes& s, capi::rollup_request r) {
    return given(s.acme.usage().rollup(r.from, r.to, std::move(r.group_by)));
}

answer events(const scopes& s, days d) {
    return given(s.acme.usage().events(d.from, d.to, std::move(d.page)));
}

answer spend(const scopes& s, days d) {
    return given(s.acme.usage().spend(d.from, d.to, std::move(d.page)));
}

answer authenticate(const scopes& s, const std::string& key) {
    const auto scope = s.gw.authenticate(key);
    if (!scope) return failure(scope.error());
    return given(scope->get());
}

answer health(const scopes& s, nothing) {
    const auto document = s.gw.health();
    if (!document) return failure(document.error());
    return {false, parsed(*document)};
}

answer close(const scopes& s, std::optional<std::int64_t> drain_ms) {
    s.gw.close(drain_ms);
    return {false, json::object{}};
}

const std::map<std::string_view, method>& methods() {
    using namespace capi;
    using keys = api_key_operations;
    using agents = agent_operations;
    using sessions = session_operations;
    using messages = message_operations;
    using tenants = tenant_operations;
    constexpr auto change_agent = id_and<agent_update, read_agent_update>;
    constexpr auto change_session = id_and<session_update, read_session_update>;
    constexpr auto change_tenant = id_and<tenant_update, read_tenant_update>;
    constexpr auto part = id_and<page_request, read_page_request>;
    constexpr auto form = id_and<export_format, read_export_format>;
    constexpr auto revocation = id_and<std::string, the_reason>;
    static const std::map<std::string_view, method> all = {
        {"agents.create", of(&tenant::agents, &agents::create, read_new_agent)},
        {"agents.delete", of(&tenant::agents, &agents::delete_agent, the_id)},
        {"agents.get", of(&tenant::agents, &agents::get, the_id)},
        {"agents.list", of(&tenant::agents, &agents::list, read_page_request)},
        {"agents.update", of(&tenant::agents, &agents::update, change_agent)},
        {"api_keys.create", of(&tenant::api_keys, &keys::create, read_new_api_key)},
        {"api_keys.list", of(&tenant::api_keys, &keys::list, read_page_request)},
        {"api_keys.revoke", of(&tenant::api_keys, &keys::revoke, revocation)},
        {"authenticate", by(the_key, authenticate)},
        {"council.reaggregate", by(the_scores, reaggregate)},
        {"council.run", by(read_council_request, run_council)},
        {"embeddings.create", by(read_embeddings_request, embed)},
        {"gateway.advance", own(&gateway::advance, the_time)},
        {"gateway.backup", own(&gateway::backup, the_path)},
        {"gateway.check", own(&gateway::check, no_fields)},
        {"gateway.close", by(the_drain, close)},
        {"gateway.health", by(no_fields, health)},
        {"gateway.metrics", own(&gateway::metrics, no_fields)},
        {"gateway.new_idempotency_key", own(&gateway::new_idempotency_key, no_fields)},
        {"messages.list_unknown",
         of(&tenant::messages, &messages::list_unknown, read_page_request)},
        {"messages.resolve", by(read_resolve_request, resolve)},
        {"messages.send", by(read_send_request, send)},
        {"prices.list", of(&gateway::prices, &price_operations::list, the_provider)},
        {"prices.load", of(&gateway::prices, &price_operations::load, read_price_source)},
        {"prices.set", of(&gateway::prices, &price_operations::set, read_new_price)},
        {"providers.list", of(&gateway::providers, &provider_operations::list, no_fields)},
        {"providers.register", by(read_new_provider, register_provider)},
        {"sessions.close", of(&tenant::sessions, &sessions::close, the_id)},
        {"sessions.create", of(&tenant::sessions, &sessions::create, read_new_session)},
        {"sessions.delete", of(&tenant::sessions, &sessions::delete_session, the_id)},
        {"sessions.export", of(&tenant::sessions, &sessions::export_text, form)},
        {"sessions.get", of(&tenant::sessions, &sessions::get, the_id)},
        {"sessions.list", of(&tenant::sessions, &sessions::list, read_session_filter)},
        {"sessions.transcript", of(&tenant::sessions, &sessions::transcript, part)},
        {"sessions.update", of(&tenant::sessions, &sessions::update, change_session)},
        {"tenants.activate", of(&gateway::tenants, &tenants::activate, the_id)},
        {"tenants.create", of(&gateway::tenants, &tenants::create, read_new_tenant)},
        {"tenants.delete", of(&gateway::tenants, &tenants::delete_tenant, the_id)},
        {"tenants.get", of(&gateway::tenants, &tenants::get, the_id)},
        {"tenants.list", of(&gateway::tenants, &tenants::list, read_page_request)},
        {"tenants.suspend", of(&gateway::tenants, &tenants::suspend, the_id)},
        {"tenants.update", of(&gateway::tenants, &tenants::update, change_tenant)},
        {"tools.list", of(&gateway::tools, &tool_operations::list, no_fields)},
        {"tools.register", by(read_new_tool, register_tool)},
        {"usage.events", by(paged_range, events)},
        {"usage.rollup", by(capi::read_rollup_request, rollup)},
        {"usage.spend", by(paged_range, spend)},
    };
    return all;
}

// --- A stream
// -------------------------------------------------------------------------------------

/// operation: "messages.stream"; opens it, or says what is wrong with the request itself.
result<message_stream> open_stream(const scopes& s) {
    std::string last_event_id;
    auto request = capi::read_document(s.o.document, [&](object_reader& in) {
        last_event_id = capi::text_or_empty(in, "last_event_id");
        return capi::read_send_request(in);
    });
    if (!request) return std::move(request).error();
    return s.acme.messages().stream(with_request_id(s, *std::move(request)), last_event_id);
}

answer read_all(message_stream stream) {
    json::array events;
    bool ended = false;
    while (const auto e = stream.next()) {
        const auto printed = e->document();
        events.push_back(parsed(printed));
        const auto& document = events.back();
        if (text_of(document, "id") != e->id || text_of(document, "text") != e->text)
            throw mismatch("an event is not its document: " + printed);
        if (e->type == stream_event_type::done &&
            !(parsed(e->reply->document) == *json::find(document, "reply")))
            throw mismatch("the reply of the last event is not its document");
        ended = e->type == stream_event_type::done || e->type == stream_event_type::error;
    }
    if (!ended) return {true, json::object{{"code", "CANCELLED"}}};
    return {false, joined(events)};
}

/// A call that was started.
struct started {
    operation running = {};
    std::future<answer> done;
};

class cpp_host final : public host {
   public:
    explicit cpp_host(planned_handlers& handlers) : handlers_(handlers) {}
    ~cpp_host() override {
        for (const auto& gw : gateways_) gw.close(0);
    }
    cpp_host(const cpp_host&) = delete;
    cpp_host& operator=(const cpp_host&) = delete;

    answer open(const json::value& document) override {
        auto input = capi::read_document(document, capi::read_open);
        if (!input) return failure(input.error());
        auto opened = gateway::open(input->store, std::move(input->options));
        if (!opened) return failure(opened.error());
        gateways_.push_back(*std::move(opened));
        return {false, json::object{}};
    }

    answer call(const order& o) override {
        auto scope = scope_of(o);
        if (!scope) return failure(scope.error());
        const scopes s{gateways_.back(), *scope, handlers_, o};
        if (o.streamed) {
            auto stream = open_stream(s);
            return stream ? read_all(*std::move(stream)) : failure(stream.error());
        }
        return methods().at(o.operation)(s);
    }

    void start(const std::string& name, const order& o) override {
        auto scope = scope_of(o).value();
        const scopes s{gateways_.back(), scope, handlers_, o};
        if (o.streamed) {
            auto stream = open_stream(s).value();
            started_[name] = {operation([stream]() mutable { stream.close(); }),
                              std::async(std::launch::async, read_all, stream)};
            return;
        }
        auto promise = std::make_shared<std::promise<result<reply>>>();
        const auto done = [promise](result<reply> r) { promise->set_value(std::move(r)); };
        auto running =
            o.operation == "council.run"
                ? scope.council().start_run(
                      capi::read_document(o.document, capi::read_council_request).value(), done)
                : scope.messages().start_send(
                      capi::read_document(o.document, capi::read_send_request).value(), done);
        started_[name] = {std::move(running), std::async(std::launch::deferred, [promise] {
                              return given_reply(promise->get_future().get());
                          })};
    }

    void cancel(const std::string& name) override { started_.at(name).running.cancel(); }
    answer wait(const std::string& name) override { return started_.at(name).done.get(); }

   private:
    result<tenant> scope_of(const order& o) {
        if (o.api_key) return gateways_.back().authenticate(*o.api_key);
        return gateways_.back().tenant(o.tenant.value_or(std::string()));
    }

    planned_handlers& handlers_;
    std::vector<gateway> gateways_;
    std::map<std::string, started> started_;
};

}  // namespace

}  // namespace conclave::conformance

int main(int argc, char** argv) {
    using namespace conclave::conformance;
    return run_suite(argc, argv, "C++", [](planned_handlers& handlers) {
        return std::make_unique<cpp_host>(handlers);
    });
}
