// Claims sends without sending them.
#include "own_claims.hpp"

#include "base/id_source.hpp"
#include "crypto/random.hpp"
#include "crypto/sha256.hpp"
#include "measure.hpp"
#include "runtime/clocks.hpp"
#include "runtime/rendezvous.hpp"
#include "runtime/store_writer.hpp"
#include "store/sqlite/engine.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace bench {

using namespace conclave;

struct own_claims::impl {
    explicit impl(const std::string& path) {
        store::sqlite_options options;
        options.path = path;
        options.on_work = [this] { writer.wake(); };
        database = store::sqlite_store::open(std::move(options), clock, random).value();
        writer.start(*database);
        run(store::create_tenant{{scope.id(), "Benchmark", tenant_status::active, "{}", "{}", now},
                                 {}});
        agent.id = ids.agent();
        agent.name = "Agent";
        agent.primary = "vendor";
        agent.created_at = agent.updated_at = now;
        run(store::create_agent{scope, agent});
    }

    template <class Command>
    typename Command::outcome run(Command c) {
        runtime::rendezvous<typename Command::outcome> outcome;
        store::submit(*database, std::move(c), outcome.arrival());
        return outcome.wait().value();
    }

    store::claim_send next() {
        session s;
        s.id = ids.session();
        s.agent_id = agent.id;
        s.created_at = s.last_activity_at = now;
        run(store::create_session{scope, s});
        const send_key key{"messages.send", crypto::sha256(s.id.str())};
        const auto read = store::read(*database, store::prepare_send{scope, key, s.id}).value();
        return {scope,
                key,
                {},
                ids.send(),
                s.id,
                read.turn.next_seq,
                agent.id,
                read.turn.agent->version,
                read.price_generation,
                ids.message(),
                message_role::user,
                "Hello",
                "{}",
                ids.request(),
                database->self().id,
                money::from_nano_usd(8'000'000),
                {{}, {"vendor", "model"}, {}, now},
                true,
                clock.now()};
    }

    runtime::system_clock clock;
    crypto::system_random random;
    id_source ids{clock, random};
    const timestamp now = clock.now();
    const tenant_scope scope{ids.tenant()};
    conclave::agent agent;
    runtime::store_writer writer;
    std::unique_ptr<store::sqlite_store> database;
    std::optional<store::claim_send> prepared;
};

own_claims::own_claims(const std::string& path) : impl_(std::make_unique<impl>(path)) {}

own_claims::~own_claims() { impl_->writer.stop(); }

void own_claims::prepare() { impl_->prepared = impl_->next(); }

double own_claims::claim_us() {
    const auto start = wall_us();
    const auto outcome = impl_->run(*std::exchange(impl_->prepared, {}));
    const auto took = wall_us() - start;
    if (outcome.what != store::claim_send::verdict::claimed)
        throw std::runtime_error("a claim was refused");
    return took;
}

}  // namespace bench
