// A gateway with one tenant, one agent and sessions, ready to send.
#pragma once

#include <conclave/conclave.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

struct workload_options {
    std::string base_url = {};  ///< of a simulator; empty: a scripted provider
    int sessions = 1;
    bool full = true;
    conclave::policy policy = {};  ///< of that simulator
};

class workload {
   public:
    workload(const std::string& path, workload_options o)
        : gateway_(
              conclave::gateway::open(path, {.durability = o.full ? conclave::durability::full
                                                                  : conclave::durability::process})
                  .value()) {
        using conclave::provider_kind;
        if (o.base_url.empty())
            gateway_.providers()
                .register_provider({.name = "vendor",
                                    .kind = provider_kind::scripted,
                                    .replies = {{.text = std::string(1024, 'a'),
                                                 .tokens_in = 45,
                                                 .tokens_out = 67}}})
                .value();
        else
            gateway_.providers()
                .register_provider({.name = "vendor",
                                    .kind = provider_kind::openai,
                                    .base_url = o.base_url + "/v1",
                                    .policy = o.policy,
                                    .default_model = "model"})
                .value();
        gateway_.prices().set({.provider = "vendor", .usd_per_1k_tokens = "0.002"}).value();
        tenant_ = gateway_.tenants().create({.name = "Benchmark"}).value().id;
        auto tenant = gateway_.tenant(tenant_);
        agent_ = tenant.agents().create({.name = "Agent", .primary = "vendor"}).value().id;
        for (int i = 0; i < o.sessions; ++i)
            sessions_.push_back({tenant.sessions().create({.agent_id = agent_}).value().id, 0});
    }

    /// One send with a fresh key. A session is replaced after a few turns, so that the prompt, and
    /// with it the work of one send, stays the same.
    void send(int session) { send(next_request(session)); }
    void send_key(int session, const std::string& key) {
        send(conclave::send_request{.session_id = sessions_[static_cast<std::size_t>(session)].id,
                                    .content = "Hello",
                                    .idempotency_key = key});
    }

    void send(conclave::send_request r) {
        const auto reply = gateway_.tenant(tenant_).messages().send(std::move(r));
        if (!reply) throw std::runtime_error(reply.error().message);
    }

    /// What `send` would send; now and then this creates a session.
    conclave::send_request next_request(int session) {
        auto& s = sessions_[static_cast<std::size_t>(session)];
        conclave::send_request r{.session_id = s.id,
                                 .content = "Hello",
                                 .idempotency_key = "key-" + std::to_string(++keys_)};
        if (++s.turns < turns_per_session) return r;
        s = {gateway_.tenant(tenant_).sessions().create({.agent_id = agent_}).value().id, 0};
        return r;
    }

    conclave::gateway& gateway() { return gateway_; }
    conclave::tenant tenant() const { return gateway_.tenant(tenant_); }

    static constexpr int turns_per_session = 8;

   private:
    struct session {
        conclave::session_id id;
        int turns = 0;
    };

    conclave::gateway gateway_;
    conclave::tenant_id tenant_;
    conclave::agent_id agent_;
    std::vector<session> sessions_;  // each used by one caller at a time
    std::atomic<std::int64_t> keys_{0};
};

}  // namespace bench
