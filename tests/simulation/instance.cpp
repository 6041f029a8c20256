// Opens, closes and crashes gateways.
#include "simulation/instance.hpp"

namespace conclave::simulation {

namespace {

constexpr std::int64_t slowest_read_ms = 15;
constexpr std::int64_t slowest_handler_ms = 4'000;

std::unique_ptr<store::sqlite_store> open_store(const std::string& path, simulated_writer& writer,
                                                const clock& clock, random_source& random) {
    store::sqlite_options o;
    o.path = path;
    // Nobody pulls the plug here; the power-loss loop does.
    o.durability = store::durability_level::process;
    o.on_work = [&writer] { writer.wake(); };
    auto opened = store::sqlite_store::open(std::move(o), clock, random);
    return std::move(opened).value();
}

}  // namespace

instance::instance(scheduler& s, simulated_vendors& vendors, const std::string& path,
                   conclave::policy policy)
    : scheduler_(s),
      loop_(s),
      readers_(s, slowest_read_ms),
      handlers_(s, slowest_handler_ms),
      writer_(s),
      random_(s.chance().number()),
      ids_(s.clock(), random_),
      database_(open_store(path, writer_, s.clock(), random_)),
      store_(*database_, s, readers_),
      network_(loop_, s, vendors),
      desk_({loop_, s.clock(), handlers_, network_}),
      tools_({loop_, s.clock(), handlers_}),
      driver_({loop_, s.clock(), random_, ids_, store_, readers_, desk_, tools_, breakers_, config_,
               latencies_}),
      sweeper_({loop_, s.clock(), store_, readers_, driver_}) {
    config_.policy = std::move(policy);
    writer_.serve([this] { return database_->run_batch(); });
    loop_.post([this] { sweeper_.start(); });
}

instance::~instance() {
    // The store first: it tells those whose transactions it never ran, and they still post.
    database_.reset();
    readers_.drop_all();
    handlers_.drop_all();
    loop_.drop_all();
}

void instance::add(const std::shared_ptr<const runtime::registered_provider>& provider) {
    config_.providers[provider->config.name] = {provider->config.policy,
                                                provider->config.default_model};
    desk_.add(provider);
}

void instance::add(const std::shared_ptr<const new_tool>& tool) {
    config_.tools[tool->name] = messaging::terms_of(*tool);
    tools_.add(tool);
}

bool instance::at_rest() const {
    return driver_.in_flight() == 0 && loop_.idle() && readers_.idle() && handlers_.idle() &&
           writer_.idle();
}

void instance::settle() {
    while (!at_rest()) scheduler_.step();
}

void instance::close() {
    loop_.post([this] {
        driver_.close();
        sweeper_.stop();
    });
    settle();
    loop_.post([this] { driver_.flush_replay_counts(); });
    settle();
    run(store::close_owner{database_->self().id, scheduler_.clock().now()});
}

}  // namespace conclave::simulation
