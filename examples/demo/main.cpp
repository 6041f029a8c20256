// The demo: tenants, vendors, a fallback, a replay, a kill in mid-send, streams with tools in four
// protocols, a council, and the bill.
//
//     demo [folder]     keeps demo.db in the folder; otherwise it goes with a temporary one
#include <conclave/conclave.hpp>

#include "council.hpp"
#include "dialects.hpp"
#include "doomed.hpp"
#include "page.hpp"
#include "simulator/simulator_process.hpp"
#include "vendors.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

namespace {

using namespace conclave;
using namespace demo;

struct guest {
    conclave::tenant tenant;
    conclave::session session;
};

class walk {
   public:
    explicit walk(const std::string& store)
        : store_(store), simulator_({"--no-quirks"}), gw_(gateway::open(store).value()) {
        routes_ = add_vendors(gw_, real_, simulator_.base_url());
    }

    /// True if everything was as promised.
    bool run() {
        introduce();
        auto acme = sign_up("Acme Corporation");
        auto globex = sign_up("Globex");
        one_message(acme);
        vendor_down(acme);
        other_tenant(acme, globex);
        killed(acme);
        conversation(acme);
        streams(acme);
        council(acme);
        bill({acme, globex});
        books();
        return sound_;
    }

   private:
    void introduce() const {
        std::cout << "conclave " << version() << ": one file, no server" << std::endl;
        line("store    " + store_);
        line("vendors  " + (real_ ? real_->model + " at " + real_->base_url
                                  : "two simulated ones at " + simulator_.base_url()));
    }

    /// Like a web backend: creates a tenant, gives it a key, and serves who comes with the key.
    guest sign_up(const std::string& name) {
        const auto record = gw_.tenants().create({.name = name}).value();
        const auto key = gw_.tenant(record.id).api_keys().create({.name = "server"}).value();
        auto tenant = gw_.authenticate(key.secret).value();
        const auto agent = tenant.agents()
                               .create({.name = "Support",
                                        .primary = routes_.primary,
                                        .fallbacks = fallbacks(),
                                        .instructions = "Answer in one short sentence.",
                                        .max_tokens = 100})
                               .value();
        return {tenant, tenant.sessions()
                            .create({.agent_id = agent.id, .customer_id = "customer_123"})
                            .value()};
    }

    void one_message(const guest& acme) {
        heading("1. A message, and the same key again");
        says("vendor-a", R"({"text":"It left our warehouse this morning.",)"
                         R"("tokens_in":45,"tokens_out":67})");
        const auto first = send(acme, "Where is my parcel?", "acme-1");
        const auto calls = calls_of("vendor-a");
        const auto again = send(acme, "Where is my parcel?", "acme-1");
        expect(again.metadata.replayed && again.message.id == first.message.id,
               "the same key gives the same reply");
        if (!real_) expect(calls_of("vendor-a") == calls, "the vendor heard it once");
    }

    void vendor_down(const guest& acme) {
        heading("2. The first vendor is down");
        says("vendor-a", "", R"({"status":500})");
        says("vendor-b", R"({"text":"Yes, until Friday.","tokens_in":45,"tokens_out":67})");
        auto caller = acme;
        if (real_) caller.session = stranded(acme.tenant);
        const auto began = std::chrono::steady_clock::now();
        const auto reply = send(caller, "Can I still change the address?", "acme-2");
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began);
        print_attempts(reply);
        line("after " + std::to_string(took.count()) + " ms, with waits of 200 and 400 ms");
        expect(reply.metadata.fallback_used, "the fallback was used");
    }

    void other_tenant(const guest& acme, const guest& globex) {
        heading("3. Another tenant, whose vendor asks it to wait");
        says("vendor-a", "", R"({"status":429,"retry_after_ms":300})");
        says("vendor-b", R"({"text":"We open at nine.","tokens_in":30,"tokens_out":12})");
        print_attempts(send(globex, "When do you open?", "acme-1"));  // a key is the tenant's own
        const auto peek = acme.tenant.sessions().get(globex.session.id);
        line("Acme asks for Globex's session: " +
             (peek ? "found!" : std::string(to_string(peek.error().code))));
        expect(!peek, "a tenant sees nothing of another");
    }

    void killed(const guest& acme) {
        heading("4. kill -9 in the middle of a send");
        says("vendor-a", R"({"latency_ms":30000})",
             R"({"text":"You can pay on delivery.","tokens_in":45,"tokens_out":67})");
        const std::string question = "How can I pay?";
        const auto calls = calls_of("vendor-a");
        const auto messages = transcript(acme).size();
        doomed_process other({store_, simulator_.base_url(), acme.tenant.id().str(),
                              acme.session.id.str(), question, "acme-3"});
        const auto pid = std::to_string(other.pid());
        while (transcript(acme).size() == messages || (!real_ && calls_of("vendor-a") == calls))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        line("process " + pid + " has sent it; the vendor is thinking");
        line("process " + pid + " died of signal " + std::to_string(other.kill()));

        const auto reply = send(acme, question, "acme-3");
        const auto again = send(acme, question, "acme-3");
        expect(again.metadata.replayed && again.document.size() + 1 >= reply.document.size(),
               "the same key gives one answer");
        print_ledger(acme, reply);
    }

    void conversation(const guest& acme) const {
        heading("5. Acme's conversation");
        for (const auto& m : transcript(acme))
            line(std::to_string(m.seq) + "  " +
                 (m.role == message_role::user ? "customer  " : "agent     ") + m.content);
    }

    void streams(const guest& acme) {
        heading("6. Four protocols: streamed, with a tool");
        add_dialects(gw_, simulator_);
        expect(watch_dialects(acme.tenant), "each came in pieces, called the tool, has its bill");
    }

    void council(const guest& acme) {
        heading("7. A council");
        add_council_models(gw_);
        expect(watch_council(acme.tenant), "one key, one answer, one bill");
    }

    void bill(const std::vector<guest>& guests) {
        heading("8. The bill");
        std::vector<std::vector<std::string>> rows{
            {"tenant", "provider", "messages", "tokens in", "out", "USD"}};
        const auto add = [&rows](const std::string& tenant, const std::string& provider,
                                 const usage_totals& t) {
            rows.push_back({tenant, provider, std::to_string(t.messages),
                            std::to_string(t.tokens_in), std::to_string(t.tokens_out),
                            dollars(t.cost)});
        };
        usage_totals all;
        for (const auto& g : guests) {
            const auto rollup = g.tenant.usage().rollup(first_day(), last_day()).value();
            auto name = g.tenant.get().value().name;
            money parts;
            for (const auto& p : rollup.by_provider) {
                add(std::exchange(name, {}), p.provider, p);
                parts += p.cost;
            }
            add("", "total", rollup.totals);
            expect_quietly(parts == rollup.totals.cost && sum_of_events(g) == parts);
            all.messages += rollup.totals.messages;
            all.tokens_in += rollup.totals.tokens_in;
            all.tokens_out += rollup.totals.tokens_out;
            all.cost += rollup.totals.cost;
        }
        add("all", "", all);
        table(rows, 2);
        line("totals = parts = usage events, to the nano-dollar" +
             std::string(sound_ ? "" : ": NO"));
    }

    void books() {
        heading("9. gateway.check()");
        const auto report = gw_.check().value();
        std::string names;
        for (const auto& i : report.invariants) {
            names += i.name + ' ';
            if (!i.ok) line(i.name + " BROKEN: " + i.statement);
        }
        line(names + (report.ok() ? "hold" : "were checked"));
        expect_quietly(report.ok());
    }

    // --- Small things ---------------------------------------------------------------------------

    std::vector<std::string> fallbacks() const {
        if (routes_.fallback == routes_.primary) return {};
        return {routes_.fallback};
    }

    /// A session of an agent whose first vendor is down, for the real vendor that is not.
    session stranded(conclave::tenant tenant) const {
        const auto agent = tenant.agents()
                               .create({.name = "Stranded",
                                        .primary = routes_.broken,
                                        .fallbacks = {routes_.fallback},
                                        .max_tokens = 100})
                               .value();
        return tenant.sessions().create({.agent_id = agent.id}).value();
    }

    void says(const std::string& vendor, const std::string& next,
              const std::string& later = "{}") const {
        simulator_.control(R"({"target":")" + vendor + R"(","scenarios":[)" + next +
                           R"(],"default":)" + later + "}");
    }
    std::uint64_t calls_of(std::string_view vendor) const { return simulator_.count(vendor); }

    reply send(const guest& g, const std::string& content, const std::string& key) const {
        const auto r =
            g.tenant.messages()
                .send({.session_id = g.session.id, .content = content, .idempotency_key = key})
                .value();
        if (!r.metadata.replayed) line("> " + content);
        line("< " + r.message.content);
        const auto& used = r.metadata;
        line("  " + used.provider_used + ", " + std::to_string(used.usage.tokens.input) + " + " +
             std::to_string(used.usage.tokens.output) + " tokens, $" +
             (used.usage.cost ? dollars(*used.usage.cost) : "?") + ", key " + key +
             (used.replayed ? ": replayed, free" : ""));
        return r;
    }

    void print_attempts(const reply& r) const {
        for (const auto& a : r.metadata.attempts)
            line("  " + a.provider + "  " + (a.success ? "answered" : "gave up ") + "  " +
                 count(a.retries + 1, "try", "tries") + "  " + a.error_code.value_or(""));
    }

    /// What the ledger knows of one send: also of the attempt that died with its process.
    void print_ledger(const guest& g, const reply& r) {
        const auto spend =
            g.tenant.usage().spend(first_day(), last_day(), {.limit = 1'000}).value();
        const auto events = g.tenant.usage().events(first_day(), last_day(), {.limit = 1'000});
        const auto billed =
            std::count_if(events.value().items.begin(), events.value().items.end(),
                          [&](const usage_event& e) { return e.message_id == r.message.id; });
        for (auto a = spend.attempts.rbegin(); a != spend.attempts.rend(); ++a)
            if (a->send_id == spend.attempts.front().send_id)
                line("  " + a->provider + "  " +
                     (a->billable ? "answered, billed        $" : "lost, possible spend up to $") +
                     dollars(a->cost.value_or(money())));
        expect(billed == 1, "and one bill");
    }

    std::vector<message> transcript(const guest& g) const {
        return g.tenant.sessions().transcript(g.session.id, {.limit = 1'000}).value().messages;
    }

    money sum_of_events(const guest& g) const {
        money sum;
        const auto events = g.tenant.usage().events(first_day(), last_day(), {.limit = 1'000});
        for (const auto& e : events.value().items) sum += e.cost.value_or(money());
        return sum;
    }

    static date today() {
        return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    }
    /// Midnight may pass during the demo.
    date first_day() const { return began_; }
    static date last_day() { return today(); }

    void expect_quietly(bool holds) { sound_ = sound_ && holds; }
    void expect(bool holds, const std::string& what) {
        line((holds ? "= " : "! NOT SO: ") + what);
        expect_quietly(holds);
    }

    const std::string store_;
    const date began_ = today();
    const std::optional<real_vendor> real_ = find_real_vendor();
    simulator::simulator_process simulator_;
    gateway gw_;
    routes routes_;
    bool sound_ = true;
};

/// A folder that goes with the demo.
class temporary_folder {
   public:
    temporary_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "conclave-demo-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("cannot make a folder in " + pattern);
        path = pattern;
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        be_doomed({argv, argv + argc});
        if (argc > 2) {
            std::cerr << "usage: demo [folder]\n";
            return 2;
        }
        if (argc == 2) {
            std::filesystem::create_directories(argv[1]);
            return walk((std::filesystem::path(argv[1]) / "demo.db").string()).run() ? 0 : 1;
        }
        const temporary_folder folder;
        return walk((folder.path / "demo.db").string()).run() ? 0 : 1;
    } catch (const std::exception& e) {
        std::cerr << "demo: " << e.what() << '\n';
        return 1;
    }
}
