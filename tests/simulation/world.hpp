// A run: tenants, agents, vendors and callers that a seed makes up, and what became of them.
#pragma once

#include <conclave/reply.hpp>

#include "model/send.hpp"
#include "model/tenant_scope.hpp"
#include "simulation/finding.hpp"
#include "simulation/instance.hpp"
#include "simulation/network.hpp"
#include "simulation/onlooker.hpp"
#include "simulation/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace conclave::simulation {

struct world_options {
    std::uint64_t seed = 1;
    bool print_trace = false;
    /// Many sends of many keys without crashes or a failing disk, over several days.
    bool accounting = false;
};

/// All that the callers know of one key.
struct key_record {
    std::size_t tenant = 0;
    std::size_t session = 0;
    std::string text;
    std::string marker;
    send_key hashed;

    std::int64_t fresh = 0;  ///< successes with `replayed` false
    std::int64_t replays = 0;
    std::optional<reply> first_success;
    int first_variant = 0;
    /// A caller left, was lost, or heard of trouble: it may have been the one that was first.
    bool somebody_left = false;
    bool resolved = false;
};

/// One call of send.
struct caller {
    std::size_t key = 0;
    std::size_t at = 0;  ///< the instance
    int variant = 0;     ///< other content or session under the same key
    std::int64_t answers = 0;
    bool lost = false;  ///< its process died
};

struct tenant_of_world {
    tenant_scope scope;
    std::vector<agent> agents;
    std::vector<session> sessions;
    std::int64_t keys = 0;
};

struct world_counts {
    std::int64_t sends = 0;
    std::int64_t successes = 0;
    std::int64_t replays = 0;
    std::int64_t errors = 0;
    std::int64_t lost = 0;
    std::int64_t crashes = 0;
    std::uint64_t steps = 0;
    std::int64_t days = 0;
    std::int64_t events = 0;
    std::int64_t attempts = 0;
    std::int64_t exposures = 0;
    std::int64_t councils = 0;  ///< replies of them
};

class world {
   public:
    explicit world(world_options options);
    ~world();

    /// Plays the run and asks the oracle. Throws finding.
    void run();

    std::uint64_t trace_hash() const { return scheduler_.trace_hash(); }
    const world_counts& counts() const { return counts_; }

   private:
    class clients;

    // The making.
    void make_providers();
    new_provider make_provider(const std::string& name);
    void make_tools();
    void make_prices();
    void make_tenants();
    new_agent make_agent();
    council_options make_council();
    policy make_policy();
    void set_price(std::size_t at);
    void open_instance(std::size_t at);

    // The playing.
    void plan_day();
    void act(std::size_t at);
    void act_on_world(std::size_t at);
    void send_some(std::size_t at);
    std::size_t choose_key();
    void start(std::size_t key, std::size_t at, int variant, bool patient);
    void start_prepared(std::size_t id, messaging::send_order order, bool patient);
    std::shared_ptr<onlooker> watch(const request_id& request);
    send_request request_of(const key_record& key, int variant, bool patient);
    void on_answer(std::size_t id, result<reply> answer);
    void on_success(const caller& c, key_record& key, const reply& r);
    void update_agent(std::size_t at);
    void resolve_one(std::size_t at);
    void crash(std::size_t at);
    void restart(std::size_t at);
    void play_until_rest();
    void probe_all_keys();
    bool at_rest() const;

    template <class Command>
    void submit(std::size_t at, Command command);

    // The judging; oracle.cpp.
    void check_callers() const;
    void check_keys();
    void check_ledger();
    void check_ledger_of(const tenant_of_world& tenant);
    void check_receipts();
    void check_councils();
    void check_council_calls();
    void check_transcripts();
    void check_invariants();

    const world_options options_;
    scheduler scheduler_;
    dice& chance_;
    simulated_vendors vendors_;
    std::filesystem::path folder_;
    std::string path_;
    bool on_file_ = false;
    bool strict_ = false;
    std::int64_t trouble_ = 0;  ///< one in so many transactions fails while there is trouble
    bool had_trouble_ = false;
    bool probing_ = false;
    policy policy_;
    std::int64_t council_min_chars_ = 1;
    std::vector<std::string> routes_;
    std::vector<std::shared_ptr<const runtime::registered_provider>> providers_;
    std::vector<std::shared_ptr<const new_tool>> tools_;
    std::vector<std::string> http_providers_;
    std::vector<std::unique_ptr<instance>> instances_;
    std::unique_ptr<clients> clients_;
    std::vector<tenant_of_world> tenants_;
    std::vector<key_record> keys_;
    std::vector<caller> callers_;
    std::size_t open_callers_ = 0;
    world_counts counts_;
};

/// All that the tenant has spent.
spend_report all_spend(instance& i, const tenant_scope& scope);

}  // namespace conclave::simulation
