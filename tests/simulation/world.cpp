// Makes up a run and plays it.
#include "simulation/world.hpp"

#include "agents/agents.hpp"
#include "messaging/order.hpp"
#include "messaging/resolution.hpp"
#include "metering/price_version.hpp"
#include "runtime/timer_queue.hpp"
#include "sessions/sessions.hpp"
#include "tenancy/tenants.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace conclave::simulation {

using std::chrono::milliseconds;

namespace {

constexpr std::int64_t hour_ms = 60LL * 60 * 1000;
constexpr std::uint64_t most_steps = 40'000'000;
constexpr std::size_t http_provider_count = 2;
constexpr std::int64_t accounting_sends = 10'000;
constexpr std::int64_t busy_times = 24 * 4 * 6;  // a quarter of an hour apart: six days

std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "conclave-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    return name;
}

/// What callers of the library see of an error, for the trace.
std::string describe(const result<reply>& r) {
    if (r) return r->document;
    return std::string(to_string(r.error().code)) + ' ' + r.error().message;
}

}  // namespace

/// The callers' own time line.
class world::clients final : private source {
   public:
    explicit clients(scheduler& s) : source(s) {}

    void at(instant when, completion<void> what) { actions_.add(when, std::move(what)); }
    bool done() const { return actions_.empty(); }
    void hold(bool held) { held_ = held; }

   private:
    std::optional<instant> ready_at() const override {
        return held_ ? std::nullopt : actions_.next();
    }
    void run_one() override {
        if (auto action = actions_.take_due(scheduler_.now())) (*action)();
    }

    runtime::timer_queue actions_;
    bool held_ = false;
};

world::world(world_options options)
    : options_(options),
      scheduler_(options.seed, options.print_trace),
      chance_(scheduler_.chance()),
      vendors_(scheduler_),
      clients_(std::make_unique<clients>(scheduler_)) {
    on_file_ = !options_.accounting && chance_.one_in(4);
    strict_ = !options_.accounting && chance_.one_in(6);
    if (chance_.one_in(4)) council_min_chars_ = 9;
    if (!options_.accounting && chance_.one_in(3)) trouble_ = chance_.pick({3, 10, 40});
    path_ = ":memory:";
    if (on_file_) {
        folder_ = make_folder();
        path_ = (folder_ / "simulated.db").string();
    }
}

world::~world() {
    instances_.clear();
    if (on_file_) std::filesystem::remove_all(folder_);
}

void world::run() {
    policy_ = make_policy();
    if (strict_) policy_.preset = "strict";
    make_providers();
    make_tools();
    instances_.resize(on_file_ ? 2 : 1);
    for (std::size_t i = 0; i < instances_.size(); ++i) open_instance(i);
    make_prices();
    make_tenants();
    plan_day();
    play_until_rest();
    check_callers();
    probe_all_keys();
    for (auto& i : instances_) i->close();
    counts_.steps = scheduler_.steps();
    check_callers();
    check_keys();
    check_ledger();
    check_receipts();
    check_councils();
    check_transcripts();
    check_invariants();
}

// --- The making
// -----------------------------------------------------------------------------------

policy world::make_policy() {
    policy p;
    const auto maybe = [this] { return chance_.one_in(3); };
    if (maybe()) p.preset = chance_.pick({"default", "vocalbridge"});
    if (maybe()) p.attempt_timeout_ms = chance_.pick({50, 200, 1'000, 5'000});
    if (maybe()) p.first_byte_timeout_ms = chance_.pick({40, 400, 4'000});
    if (maybe()) p.total_timeout_ms = chance_.pick({300, 2'000, 10'000, 60'000});
    if (maybe()) p.retries = chance_.between(0, 3);
    if (maybe()) p.base_delay_ms = chance_.pick({0, 20, 200, 1'000});
    if (maybe())
        p.jitter = chance_.pick({jitter_mode::none, jitter_mode::equal, jitter_mode::full});
    if (maybe()) p.max_retry_after_ms = chance_.pick({60, 5'000, 10'000});
    if (maybe()) p.in_progress = chance_.pick({in_progress_policy::wait, in_progress_policy::fail});
    if (maybe()) p.on_cancel = chance_.pick({cancel_policy::detach, cancel_policy::abort});
    if (!strict_ && maybe())
        p.on_ambiguous = chance_.pick({ambiguous_policy::retry, ambiguous_policy::stop});
    if (!strict_ && maybe())
        p.on_crash = chance_.pick({crash_policy::recover, crash_policy::report});
    // Under these presets the strict values of the gateway stay in force, unlike under `default`.
    if (strict_ && p.preset == "default") p.preset.reset();
    return p;
}

new_provider world::make_provider(const std::string& name) {
    new_provider p;
    p.name = name;
    p.policy = make_policy();
    if (chance_.one_in(3)) p.concurrency = chance_.between(1, 3);
    if (chance_.one_in(2)) p.default_model = "default-model";
    if (strict_ ||
        std::find(http_providers_.begin(), http_providers_.end(), name) != http_providers_.end()) {
        p.kind = provider_kind::openai;
        p.base_url = "http://" + name + "/v1";
        p.api_key = "secret";
        return p;
    }
    p.kind = provider_kind::scripted;
    for (auto n = chance_.between(1, 12); n > 0; --n) {
        scripted_reply r;
        r.text = "scripted " + std::to_string(n);
        if (chance_.one_in(2)) r.tokens_in = chance_.between(0, 3'000);
        if (chance_.one_in(2)) r.tokens_out = chance_.between(0, 3'000);
        r.latency_ms = chance_.pick({0, 0, 10, 300, 20'000});
        if (chance_.one_in(3)) {
            r.chunks = {r.text, "", " in", " pieces \u00e9"};
            r.text.clear();
            r.chunk_latency_ms = chance_.pick({0, 5, 200});
        }
        if (chance_.one_in(3))
            for (auto calls = chance_.between(1, 3); calls > 0; --calls)
                r.tool_calls.push_back(
                    {"", chance_.pick({"clock", "clock", "broken", "ask", "unknown"}),
                     chance_.one_in(8) ? R"({"zone":1})" : "{}"});
        if (chance_.one_in(3)) {
            scripted_reply::failure f;
            f.http_status = chance_.pick({0, 400, 404, 408, 429, 500, 501, 502, 503, 529});
            if (chance_.one_in(2)) f.retry_after_ms = chance_.pick({0, 700, 11'000});
            r.error = f;
        }
        p.replies.push_back(std::move(r));
    }
    return p;
}

void world::make_providers() {
    const auto count = static_cast<std::size_t>(chance_.between(2, 4));
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = "vendor" + std::to_string(i);
        if (strict_ || i < http_provider_count) {
            http_providers_.push_back(name);
            vendor_temper t;
            t.refuses = chance_.between(0, 3);
            t.breaks = chance_.between(0, 4);
            t.rejects = chance_.between(0, 1);
            t.hangs = chance_.between(0, 1);
            t.resets = chance_.between(0, 1);
            t.unreachable = chance_.between(0, 2);
            t.slowest_ms = chance_.pick({5, 300, 3'000});
            t.tells_usage = !chance_.one_in(4);
            vendors_.add(name, t);
        }
        providers_.push_back(runtime::prepare_provider(make_provider(name)).value());
        routes_.push_back(name);
        routes_.push_back(name + "/large");
        routes_.push_back(name + "/small");
    }
}

void world::make_tools() {
    const auto add = [this](std::string name, tool_handler handler) {
        // What is cut off is called again, or leaves its send in doubt.
        tools_.push_back(std::make_shared<const new_tool>(
            new_tool{.name = std::move(name),
                     .parameters = R"({"type":"object","additionalProperties":false})",
                     .handler = std::move(handler),
                     .timeout_ms = 500,
                     .side_effects = chance_.one_in(2),
                     .idempotent = chance_.one_in(2)}));
    };
    add("clock", [](const tool_call& call) -> result<tool_answer> {
        return tool_answer("noon " + call.id, {{"Sundial"}});
    });
    add("ranker", [](const tool_call& call) -> result<tool_answer> {
        // Four seats at most, of these names.
        return tool_answer(R"({"scores":{"seat 1":1,"seat 2":3,"seat 3":2,"seat 4":)" +
                           std::to_string(call.arguments.size()) + "}}");
    });
    add("broken",
        [](const tool_call&) -> result<std::string> { return fail(errc::tool_failed, "broken"); });
}

void world::open_instance(std::size_t at) {
    instances_[at] = std::make_unique<instance>(scheduler_, vendors_, path_, policy_);
    for (const auto& p : providers_) instances_[at]->add(p);
    for (const auto& t : tools_) instances_[at]->add(t);
    if (had_trouble_) instances_[at]->store().set_trouble(trouble_);
}

void world::make_prices() {
    for (auto n = chance_.between(1, 5); n > 0; --n) set_price(0);
    while (!instances_[0]->at_rest()) scheduler_.step();
}

void world::set_price(std::size_t at) {
    auto& i = *instances_[at];
    new_price p;
    p.provider = chance_.pick(providers_)->config.name;
    p.model = chance_.pick({"*", "large", "small", "default-model"});
    const auto decimal = [this] {
        return money::from_nano_usd(chance_.between(0, 20'000'000)).to_usd_string();
    };
    if (chance_.one_in(2)) {
        p.usd_per_1k_tokens = decimal();
    } else {
        auto& parts = p.usd_per_million.emplace(new_price::per_million{});
        parts.input = decimal();
        parts.output = decimal();
        if (chance_.one_in(2)) parts.cached_input = decimal();
        if (chance_.one_in(2)) parts.reasoning = decimal();
        if (chance_.one_in(3)) parts.request = decimal();
    }
    submit(at,
           store::set_price{
               metering::make_price_version(p, i.ids().price(), scheduler_.clock().now()).value()});
}

void world::make_tenants() {
    auto& i = *instances_[0];
    const auto now = [this] { return scheduler_.clock().now(); };
    for (auto t = chance_.between(1, 3); t > 0; --t) {
        auto created = tenancy::plan_create({.name = "tenant"}, i.ids(), i.random(), now()).value();
        tenant_of_world tenant{tenant_scope(created.record.id), {}, {}};
        i.run(std::move(created));
        for (auto n = chance_.between(1, 3); n > 0; --n) {
            auto a = agents::plan_create(tenant.scope, make_agent(), i.ids(), now()).value();
            tenant.agents.push_back(a.record);
            i.run(std::move(a));
        }
        const auto sessions = options_.accounting ? 40 : chance_.between(1, 4);
        for (auto n = sessions; n > 0; --n) {
            new_session wanted;
            wanted.agent_id = chance_.pick(tenant.agents).id;
            auto s = sessions::plan_create(tenant.scope, wanted, i.ids(), now()).value();
            tenant.sessions.push_back(s.record);
            i.run(std::move(s));
        }
        tenants_.push_back(std::move(tenant));
    }
}

// --- The playing
// ----------------------------------------------------------------------------------

void world::plan_day() {
    const auto begin = scheduler_.now();
    const auto sends = options_.accounting ? accounting_sends : chance_.between(10, 60);
    const std::int64_t span_ms = chance_.pick({500, 20'000});
    const auto any_time = [&] {
        // Some sends at a time, and nights between them.
        const auto busy = options_.accounting ? chance_.between(0, busy_times) : 0;
        return begin + milliseconds(busy * hour_ms / 4 + chance_.between(0, span_ms));
    };
    const auto any_instance = [&] {
        return static_cast<std::size_t>(
            chance_.between(0, static_cast<std::int64_t>(instances_.size()) - 1));
    };
    for (std::int64_t n = 0; n < sends; ++n)
        clients_->at(any_time(), [this, at = any_instance()] { send_some(at); });
    for (auto n = sends / 6; n > 0; --n)
        clients_->at(any_time(), [this, at = any_instance()] { act_on_world(at); });
    for (auto n = options_.accounting ? 0 : chance_.between(0, 2); n > 0; --n)
        clients_->at(any_time(), [this] {
            scheduler_.jump(chance_.between(1, 20 * hour_ms));
            scheduler_.note("the clock jumps");
        });
    if (trouble_ > 0) {
        clients_->at(begin + milliseconds(chance_.between(0, span_ms / 2)), [this] {
            had_trouble_ = true;
            for (auto& i : instances_) i->store().set_trouble(trouble_);
            scheduler_.note("the store is in trouble");
        });
    }
    if (!on_file_) return;
    for (auto n = chance_.between(1, 4); n > 0; --n)
        clients_->at(any_time(), [this, at = any_instance(), crashes = !chance_.one_in(4)] {
            crashes ? crash(at) : restart(at);
        });
}

template <class Command>
void world::submit(std::size_t at, Command command) {
    store::submit(static_cast<store::store&>(instances_[at]->store()), std::move(command),
                  [](result<typename Command::outcome>) {});
}

void world::act_on_world(std::size_t at) {
    auto& tenant = chance_.pick(tenants_);
    const auto now = scheduler_.clock().now();
    const auto change = [&](tenant_status status) {
        submit(at, store::update_tenant{tenant.scope, {}, status, now});
    };
    switch (chance_.between(1, options_.accounting ? 4 : 9)) {
        case 1:
        case 2: return set_price(at);
        case 3: return update_agent(at);
        case 4: {
            // Another script, another limit: calls that run go on.
            auto& p = chance_.pick(providers_);
            p = runtime::prepare_provider(make_provider(p->config.name)).value();
            for (auto& i : instances_) i->loop().post([&i = *i, p] { i.add(p); });
            return;
        }
        case 5: return change(tenant_status::suspended);
        case 6: return change(tenant_status::active);
        case 7:
        case 8: return resolve_one(at);
        case 9:
            if (chance_.one_in(3))
                submit(at, store::update_session{tenant.scope,
                                                 chance_.pick(tenant.sessions).id,
                                                 {},
                                                 session_status::closed,
                                                 now});
            return;
        default: return;
    }
}

void world::update_agent(std::size_t at) {
    auto& tenant = chance_.pick(tenants_);
    auto& current = chance_.pick(tenant.agents);
    const auto wanted = make_agent();
    agent_update change;
    change.primary = wanted.council ? wanted.council->members.front().route : wanted.primary;
    change.fallbacks = wanted.fallbacks;
    change.council = wanted.council;
    if (wanted.council) change.tools.emplace();
    change.policy = wanted.policy;
    auto next =
        agents::plan_update(tenant.scope, current, change, scheduler_.clock().now()).value();
    current = next.record;
    submit(at, std::move(next));
}

void world::resolve_one(std::size_t at) {
    if (keys_.empty()) return;
    auto& key = chance_.pick(keys_);
    auto& i = *instances_[at];
    const auto& scope = tenants_[key.tenant].scope;
    const auto found = i.read(store::find_unknown_send{scope, key.hashed, {}});
    if (!found.send) return;
    resolve_request wanted;
    wanted.idempotency_key = key.text;
    wanted.decision = chance_.pick({resolve_decision::succeed, resolve_decision::fail});
    if (!strict_ && chance_.one_in(2)) wanted.decision = resolve_decision::retry;
    wanted.content = "settled by hand";
    wanted.tokens = {.input = chance_.between(0, 500), .output = chance_.between(0, 500)};
    const auto prices = i.read(store::list_prices{});
    const auto plan = [&] {
        return messaging::plan_resolution(scope, wanted, found, prices.versions, i.ids(),
                                          scheduler_.clock().now());
    };
    auto command = plan();
    if (!command && wanted.decision == resolve_decision::succeed) {
        wanted.decision = resolve_decision::fail;  // nobody gives a council's answer by hand
        command = plan();
    }
    if (!command) throw finding("resolve: " + command.error().message);
    command->key = key.hashed;
    key.resolved = true;
    submit(at, *std::move(command));
}

std::size_t world::choose_key() {
    const bool known = !keys_.empty() && chance_.one_in(options_.accounting ? 20 : 2);
    if (known)
        return static_cast<std::size_t>(
            chance_.between(0, static_cast<std::int64_t>(keys_.size()) - 1));
    key_record key;
    key.tenant = static_cast<std::size_t>(
        chance_.between(0, static_cast<std::int64_t>(tenants_.size()) - 1));
    const auto& sessions = tenants_[key.tenant].sessions;
    key.session = static_cast<std::size_t>(
        chance_.between(0, static_cast<std::int64_t>(sessions.size()) - 1));
    // The same texts in all tenants.
    const auto number = tenants_[key.tenant].keys++;
    key.text = "key-" + std::to_string(number);
    key.marker = std::to_string(key.tenant) + ":" + std::to_string(number);
    key.hashed = messaging::hash_key(messaging::send_operation, key.text).value();
    keys_.push_back(std::move(key));
    return keys_.size() - 1;
}

void world::send_some(std::size_t at) {
    const auto key = choose_key();
    const int variant = chance_.one_in(15) ? 1 : 0;
    for (auto n = chance_.one_in(6) ? chance_.between(2, 4) : 1; n > 0; --n)
        start(key, at, variant, options_.accounting);
}

send_request world::request_of(const key_record& key, int variant, bool patient) {
    const auto& sessions = tenants_[key.tenant].sessions;
    send_request r;
    r.session_id = sessions[key.session].id;
    r.content = "Hello " + marker_text(key.marker);
    r.idempotency_key = key.text;
    if (variant == 1) r.metadata = R"({"other":true})";
    if (!patient && chance_.one_in(4)) r.deadline_ms = chance_.pick({1, 20, 300, 5'000});
    return r;
}

std::shared_ptr<onlooker> world::watch(const request_id& request) {
    auto o = std::make_shared<onlooker>(request);
    if (chance_.one_in(2)) o->pull();  // at once, and again after each event
    return o;
}

void world::start(std::size_t key, std::size_t at, int variant, bool patient) {
    const auto id = callers_.size();
    callers_.push_back({.key = key, .at = at, .variant = variant});
    ++open_callers_;
    ++counts_.sends;
    const auto& k = keys_[key];
    auto request = request_of(k, variant, patient);
    const auto deadline_ms = request.deadline_ms;
    auto order = messaging::validate(tenants_[k.tenant].scope, std::move(request)).value();
    auto& i = *instances_[at];
    order.request = i.ids().request();
    scheduler_.note("send " + std::to_string(id) + " of " + k.marker);

    // A blocking caller reads on its own thread; by the time it is heard the state may be old.
    std::optional<store::find_send::answer> known;
    if (chance_.one_in(2)) known = i.read(store::find_send{order.scope, order.key});
    auto onlooker = chance_.one_in(3) ? watch(order.request) : nullptr;
    i.loop().post([this, &i, id, order = std::move(order), known = std::move(known), deadline_ms,
                   onlooker]() mutable {
        auto done = [this, id, onlooker](result<reply> r) {
            if (onlooker) onlooker->end(r);
            on_answer(id, std::move(r));
        };
        i.driver().start(id, std::move(order), known ? &*known : nullptr, deadline_ms,
                         std::move(done), onlooker ? onlooker->reader() : nullptr);
    });
    if (patient || !chance_.one_in(6)) return;
    clients_->at(scheduler_.now() + milliseconds(chance_.between(0, 400)), [this, id] {
        const auto& c = callers_[id];
        if (c.lost) return;
        auto& there = *instances_[c.at];
        there.loop().post(
            [&there, id] { there.driver().leave(id, fail(errc::cancelled, "the caller left")); });
    });
}

void world::on_answer(std::size_t id, result<reply> answer) {
    auto& c = callers_[id];
    scheduler_.note("answer " + std::to_string(id) + ' ' + describe(answer));
    if (++c.answers != 1) throw finding("a caller was answered twice");
    if (c.lost) throw finding("a caller of a dead process was answered");
    --open_callers_;
    auto& key = keys_[c.key];
    if (answer) return on_success(c, key, *answer);
    ++counts_.errors;
    switch (answer.error().code) {
        case errc::cancelled:
        case errc::deadline_exceeded:
        case errc::handle_closed:
        case errc::store_busy:
        case errc::store_unavailable: key.somebody_left = true; break;
        default: break;
    }
    if (answer.error().code == errc::internal_error)
        throw finding("INTERNAL_ERROR: " + answer.error().message);
    if (probing_ && key.first_success)
        throw finding("key " + key.marker + " gave a reply and then " + describe(answer));
}

void world::on_success(const caller& c, key_record& key, const reply& r) {
    ++counts_.successes;
    if (key.first_success) {
        if (c.variant != key.first_variant)
            throw finding("key " + key.marker + " answered two different calls");
        auto same = key.first_success->document;
        const auto plain = [](std::string text) {
            const std::string fresh = "\"replayed\":false}";
            const auto at = text.rfind(fresh);
            return at == std::string::npos ? text
                                           : text.replace(at, fresh.size(), "\"replayed\":true}");
        };
        if (plain(same) != plain(r.document))
            throw finding("key " + key.marker + " gave two replies:\n" + same + "\n" + r.document);
    } else {
        key.first_success = r;
        key.first_variant = c.variant;
    }
    const bool says_replayed = r.document.find("\"replayed\":true}") != std::string::npos;
    if (says_replayed != r.metadata.replayed)
        throw finding("`replayed` differs between metadata and document");
    r.metadata.replayed ? ++key.replays : ++key.fresh;
    counts_.replays += r.metadata.replayed ? 1 : 0;
}

void world::crash(std::size_t at) {
    scheduler_.note("crash of " + std::to_string(at));
    ++counts_.crashes;
    for (auto& c : callers_) {
        if (c.at != at || c.answers > 0 || c.lost) continue;
        c.lost = true;
        keys_[c.key].somebody_left = true;
        ++counts_.lost;
        --open_callers_;
    }
    instances_[at].reset();
    open_instance(at);
}

void world::restart(std::size_t at) {
    scheduler_.note("restart of " + std::to_string(at));
    clients_->hold(true);
    instances_[at]->close();
    clients_->hold(false);
    for (const auto& c : callers_)
        if (c.at == at && c.answers == 0 && !c.lost)
            throw finding("a caller was not answered by the end of a close");
    crash(at);
    --counts_.crashes;
}

bool world::at_rest() const {
    return clients_->done() && open_callers_ == 0 &&
           std::all_of(instances_.begin(), instances_.end(),
                       [](const auto& i) { return i->at_rest(); });
}

void world::play_until_rest() {
    while (!at_rest()) {
        if (!scheduler_.step()) throw finding("nothing moves, and callers wait");
        if (scheduler_.steps() > most_steps) throw finding("it never comes to rest");
    }
}

/// Asks once more for every key, on a healthy store: what was answered must be answered the same.
void world::probe_all_keys() {
    probing_ = true;
    for (auto& i : instances_) i->store().set_trouble(0);
    for (const auto& t : tenants_)
        instances_[0]->run(
            store::update_tenant{t.scope, {}, tenant_status::active, scheduler_.clock().now()});
    for (std::size_t key = 0; key < keys_.size(); ++key) {
        const auto at = static_cast<std::size_t>(
            chance_.between(0, static_cast<std::int64_t>(instances_.size()) - 1));
        start(key, at, keys_[key].first_variant, true);
    }
    play_until_rest();
}

}  // namespace conclave::simulation
