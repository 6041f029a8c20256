// Makes attempts at registered providers: over HTTP, from a script, or by the host's own function.
#pragma once

#include <conclave/completion.hpp>
#include <conclave/provider.hpp>
#include <conclave/result.hpp>

#include "base/executor.hpp"
#include "base/task_pool.hpp"
#include "messaging/send.hpp"
#include "model/call.hpp"
#include "net/transport.hpp"
#include "providers/codec.hpp"
#include "providers/embeddings.hpp"
#include "providers/scripted.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace conclave::runtime {

/// A provider ready to be called. Immutable.
struct registered_provider {
    new_provider config;
    std::unique_ptr<providers::codec> codec;               ///< of the HTTP kinds
    std::unique_ptr<providers::embeddings_codec> vectors;  ///< of those that give vectors
    std::unique_ptr<providers::scripted_script> script;    ///< of `scripted`
};

/// Checks a provider and builds what calls it. VALIDATION_ERROR names the field.
result<std::shared_ptr<const registered_provider>> prepare_provider(new_provider config);

/// Where attempts become calls. Executor only.
class provider_desk {
   public:
    struct seams {
        conclave::executor& executor;
        const conclave::clock& clock;
        conclave::task_pool& handlers;  ///< runs callback handlers
        net::transport& transport;
    };
    using call_id = std::uint64_t;
    using text_listener = std::function<void(std::string_view)>;
    /// Hears the pieces of an answer while it is made, on the executor.
    struct listener {
        providers::answer_form form = providers::answer_form::whole;  ///< to ask a vendor for
        text_listener on_text = {};
        text_listener on_thinking = {};
    };

    explicit provider_desk(seams s);
    ~provider_desk();

    /// Adds a provider or takes the place of one of the same name; calls that run go on.
    void add(std::shared_ptr<const registered_provider> provider);

    /// Makes one attempt. `done` runs exactly once, on the executor, never inside this call; the
    /// listener's functions any number of times before it. An answer whose text was heard in part
    /// and that did not come to its end is `partial`; its usage is what was told of it, filled up
    /// with estimates. A call for vectors needs a provider that gives them.
    call_id call(messaging::call_provider attempt, completion<call_result> done, listener hears);

    /// Cuts a call off; `done` follows with what is known. An unknown id is ignored.
    void cancel(call_id id);

   private:
    struct running_call;
    struct seat {
        std::shared_ptr<const registered_provider> provider;
        std::int64_t running = 0;
        std::uint64_t calls_made = 0;
        std::deque<call_id> queue;  ///< beyond the provider's concurrency
    };

    void dispatch(running_call& call);
    void dispatch_http(running_call& call);
    void dispatch_vectors(running_call& call);
    void dispatch_scripted(running_call& call);
    void dispatch_callback(running_call& call);
    void ask_host(running_call& call);
    void dispatch_late(running_call& c);
    void play_later(running_call& call, std::int64_t wait_ms);
    void play(call_id id);
    void hear(call_id id, std::string_view text);
    void hear_thinking(call_id id, std::string_view text);
    void end(call_id id, call_result result);
    void time_out(call_id id);

    seams seams_;
    std::map<std::string, seat, std::less<>> seats_;
    /// Looked into for each piece of text of very many calls.
    std::unordered_map<call_id, std::unique_ptr<running_call>> calls_;
    call_id last_call_ = 0;
};

}  // namespace conclave::runtime
