// The rules on which the three witnesses must agree.
#include "faults/oracle.hpp"

#include "faults/client_log.hpp"
#include "faults/sqlite_rows.hpp"
#include "faults/tool_world.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

namespace conclave::faults {

namespace {

constexpr std::int64_t succeeded = 2;
constexpr std::int64_t unknown = 5;

// What a caller may be told in these tests besides success.
const std::set<std::string> expected_errors{
    "ALL_PROVIDERS_FAILED",    "CANCELLED",       "DEADLINE_EXCEEDED", "HANDLE_CLOSED",
    "IDEMPOTENCY_IN_PROGRESS", "OUTCOME_UNKNOWN", "PROVIDER_REJECTED", "STORE_BUSY",
    "STORE_UNAVAILABLE"};

/// A key's row in the database, with what hangs on it.
struct ledger_row {
    std::string tenant;
    std::int64_t state = 0;
    std::int64_t attempts = 0;
    std::int64_t charges = 0;      ///< usage events
    std::int64_t billable = 0;     ///< provider calls that a bill stands for
    std::int64_t billing = 0;      ///< providers of these: each has a usage event
    std::int64_t stale_bills = 0;  ///< of them, calls of an epoch that did not settle, but for
                                   ///< those that its rounds name
    std::int64_t rounds = 0;       ///< that the answer rests on
    std::int64_t doubtful = 0;     ///< provider calls that may have been executed
    std::int64_t running = 0;      ///< provider calls without an end
    std::string reply_id;
    std::string reply;
    std::string reply_metadata;
    std::map<std::string, std::int64_t> calls;  ///< by provider
    std::map<std::string, int> tool_calls;      ///< rounds by id
};

struct evidence {
    std::map<world_key, ledger_row> ledger;
    std::map<world_key, std::map<std::string, std::int64_t>> journal;  ///< calls by vendor
    /// Those that may have been executed, by round.
    std::map<world_key, std::map<int, std::int64_t>> executed;
    std::vector<client_entry> client;
    findings found;

    void report(const char* rule, world_key key, const std::string& facts) {
        found.push_back(std::string(rule) + " " + key.content() + ": " + facts);
    }
};

std::string numbers(const char* a, std::int64_t x, const char* b, std::int64_t y) {
    return std::to_string(x) + " " + a + ", " + std::to_string(y) + " " + b;
}

void read_journal(const std::string& file, evidence& e) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string number;
        std::string vendor;
        std::string content;
        if (!(fields >> number >> vendor >> content) || content.size() < 2) continue;
        const auto key = world_key::of_content(content.substr(1, content.size() - 2));
        int round = 0;
        fields >> round;
        if (key) {
            ++e.journal[*key][vendor];
            if (vendor != "vendor-a") ++e.executed[*key][round];
        } else
            e.found.push_back("P " + line + ": not a message of this test");
    }
}

void read_ledger(const sqlite_rows& db, evidence& e) {
    std::map<std::pair<std::string, std::string>, world_key> by_send;
    db.each(
        "SELECT x.tenant_id, x.send_id, u.content, x.state, x.attempts,"
        " (SELECT count(*) FROM usage_event b WHERE b.tenant_id = x.tenant_id"
        "  AND b.send_id = x.send_id AND b.corrects IS NULL),"
        " r.message_id, r.content, r.reply_metadata, (SELECT count(*) FROM send_round o"
        "  WHERE o.tenant_id = x.tenant_id AND o.send_id = x.send_id) FROM send x"
        " LEFT JOIN message u ON u.tenant_id = x.tenant_id AND u.session_id = x.session_id"
        "  AND u.seq = x.user_seq"
        " LEFT JOIN message r ON r.tenant_id = x.tenant_id AND r.session_id = x.session_id"
        "  AND r.seq = x.reply_seq",
        [&](const sqlite_rows::row& row) {
            const auto key = world_key::of_content(row.text(2));
            if (!key || e.ledger.contains(*key)) {
                e.found.push_back("D send " + row.text(1) + ": no message, or one of another key");
                return;
            }
            by_send[{row.text(0), row.text(1)}] = *key;
            auto& l = e.ledger[*key];
            l.tenant = row.text(0);
            l.state = row.integer(3);
            l.attempts = row.integer(4);
            l.charges = row.integer(5);
            l.reply_id = row.text(6);
            l.reply = row.text(7);
            l.reply_metadata = row.text(8);
            l.rounds = row.integer(9);
        });
    db.each(
        "SELECT p.tenant_id, p.send_id, p.provider, count(*), sum(p.billable),"
        " sum(p.billable = 1 AND p.epoch <> x.epoch AND NOT EXISTS (SELECT 1 FROM send_round o"
        "  WHERE o.tenant_id = p.tenant_id AND o.send_id = p.send_id AND o.round = p.round"
        "  AND o.attempt = p.attempt)), sum(p.class IN (4, 5, 6)),"
        " sum(p.finished_at IS NULL) FROM (SELECT tenant_id, send_id, provider, billable, epoch,"
        "  round, attempt, class, finished_at FROM provider_call UNION ALL SELECT tenant_id,"
        "  send_id, open_provider, 0, epoch, 0, 0, NULL, NULL FROM send"
        "  WHERE open_at IS NOT NULL) p"
        " JOIN send x ON x.tenant_id = p.tenant_id AND x.send_id = p.send_id GROUP BY 1, 2, 3",
        [&](const sqlite_rows::row& row) {
            const auto send = by_send.find({row.text(0), row.text(1)});
            if (send == by_send.end()) return;
            auto& l = e.ledger[send->second];
            l.calls[row.text(2)] = row.integer(3);
            l.billable += row.integer(4);
            l.billing += row.integer(4) > 0 ? 1 : 0;
            l.stale_bills += row.integer(5);
            l.doubtful += row.integer(6);
            l.running += row.integer(7);
        });
    db.each("SELECT tenant_id, send_id, tool_call_id, round FROM tool_call",
            [&](const sqlite_rows::row& row) {
                const auto send = by_send.find({row.text(0), row.text(1)});
                if (send == by_send.end()) return;
                e.ledger[send->second].tool_calls[row.text(2)] = static_cast<int>(row.integer(3));
            });
}

// O1, O2 and O10.
void judge_client(evidence& e) {
    std::map<world_key, std::string> first;
    std::map<world_key, int> fresh;
    for (const auto& told : e.client) {
        if (!told.success) {
            if (!expected_errors.contains(told.code)) e.report("C", told.key, "told " + told.code);
            continue;
        }
        const auto document = without_replay_mark(told.document);
        const auto [known, is_first] = first.emplace(told.key, document);
        if (!is_first && known->second != document)
            e.report("O2", told.key, "told " + known->second + " and " + document);
        if (told.fresh && ++fresh[told.key] == 2)
            e.report("O2", told.key, "two callers were told that theirs was the first answer");
    }
    for (const auto& [key, document] : first) {
        const auto stored = e.ledger.find(key);
        if (stored == e.ledger.end() || stored->second.state != succeeded) {
            e.report("O1", key,
                     "a caller was told of success; the ledger has state " +
                         std::to_string(stored == e.ledger.end() ? 0 : stored->second.state));
            continue;
        }
        const auto& l = stored->second;
        if (!document.ends_with(",\"metadata\":" + l.reply_metadata + "}") ||
            document.find('"' + l.reply_id + '"') == std::string::npos ||
            document.find(l.reply) == std::string::npos)
            e.report("O1", key,
                     "told " + document + "; stored " + l.reply_id + " " + l.reply + " " +
                         l.reply_metadata);
        if (document.find("t" + std::to_string(1 - key.tenant) + "-k") != std::string::npos)
            e.report("O10", key, "another tenant's text in " + document);
    }
}

/// Executions of what must be executed once.
std::int64_t allowed(const witnesses& w, world_key key) {
    const auto again = w.allowed_again.find(key);
    return 1 + (again == w.allowed_again.end() ? 0 : again->second);
}

// O3 and O4.
void judge_journal(const witnesses& w, evidence& e) {
    for (const auto& [key, vendors] : e.journal) {
        std::int64_t calls = 0;
        const auto& l = e.ledger[key];
        for (const auto& [vendor, count] : vendors) {
            calls += count;
            const auto rows = l.calls.find(vendor);
            if (const auto recorded = rows == l.calls.end() ? 0 : rows->second; recorded < count)
                e.report("O4", key, vendor + ": " + numbers("calls", count, "rows", recorded));
        }
        if (calls > l.attempts)
            e.report("O3", key, numbers("calls", calls, "attempts recorded", l.attempts));
        for (const auto& [round, executed] : e.executed[key])
            if (w.strict && executed > allowed(w, key))
                e.report("O3", key,
                         numbers("calls possibly executed", executed, "allowed", allowed(w, key)));
    }
}

/// Where a tool ran: the round, or the call alone where neither model nor ledger tells the round.
std::string place_of(const effect& ran, const ledger_row& l) {
    const auto row = l.tool_calls.find(ran.call_id);
    const int round = ran.round < 0 && row != l.tool_calls.end() ? row->second : ran.round;
    return round < 0 ? "call " + ran.call_id : "round " + std::to_string(round);
}

// T: what must not run twice has not, and what ran again did so under the id it had.
void judge_tools(const witnesses& w, evidence& e) {
    std::map<std::tuple<world_key, std::string, std::string>, std::vector<std::string>> runs;
    for (const auto& effect : read_effects(w.database)) {
        const auto& l = e.ledger[effect.key];
        runs[{effect.key, place_of(effect, l), effect.tool}].push_back(effect.call_id);
        // By hand an answer may rest on other things.
        if (!w.strict && !l.tool_calls.contains(effect.call_id))
            e.report("T", effect.key, "no row of the call " + effect.call_id);
    }
    for (const auto& [what, ids] : runs) {
        const auto& [key, place, tool] = what;
        if (std::set(ids.begin(), ids.end()).size() > 1)
            e.report("T", key, tool + " ran for different calls of " + place);
        if (tool == "pay" && std::ssize(ids) > allowed(w, key))
            e.report("T", key, numbers("payments", std::ssize(ids), "allowed", allowed(w, key)));
    }
    for (const auto& [key, l] : e.ledger)
        for (int round = 0; !w.strict && l.state == succeeded && round < l.rounds; ++round)
            if (!runs.contains({key, "round " + std::to_string(round), "pay"}))
                e.report("T", key,
                         "answered, and nothing was paid in round " + std::to_string(round));
}

// O5 and O7, and that a bill stands for a call of the epoch that settled.
void judge_states(const witnesses& w, evidence& e) {
    for (const auto& [key, l] : e.ledger) {
        const std::int64_t due = l.state == succeeded ? 1 : 0;
        if (l.charges != l.billing || l.billable != due * (1 + l.rounds))
            e.report("O5", key,
                     "state " + std::to_string(l.state) + ", " +
                         numbers("charges", l.charges, "billable calls", l.billable));
        if (l.stale_bills != 0) e.report("O5", key, "billed for a call whose epoch was overtaken");
        if (l.state == unknown && l.running != 0)
            e.report("O7", key, "unknown, with a call that still counts as running");
        if (w.finished && l.state != succeeded && !w.strict)
            e.report("O7", key, "state " + std::to_string(l.state) + " in the end");
        if (w.finished && (l.state == unknown || l.running != 0))
            e.report("O7", key, "not settled in the end");
    }
}

void judge_turns(const sqlite_rows& db, evidence& e) {
    db.each(
        "SELECT s.session_id, count(m.seq), max(m.seq) FROM session s"
        " JOIN message m ON m.tenant_id = s.tenant_id AND m.session_id = s.session_id"
        " GROUP BY s.tenant_id, s.session_id"
        " HAVING count(m.seq) <> max(m.seq)",
        [&](const sqlite_rows::row& row) {
            e.found.push_back("D session " + row.text(0) + ": its messages have a gap");
        });
}

}  // namespace

findings judge(const witnesses& w) {
    evidence e;
    const sqlite_rows db(w.database);
    read_ledger(db, e);
    read_journal(w.journal_file, e);
    read_journal(tool_journal(w.database), e);
    e.client = client_log::read(w.client_file);
    judge_client(e);
    judge_journal(w, e);
    judge_tools(w, e);
    judge_states(w, e);
    judge_turns(db, e);
    const auto broken = unsound(w.database);
    e.found.insert(e.found.end(), broken.begin(), broken.end());
    return std::move(e.found);
}

findings broken_invariants(const gateway& gw) {
    const auto report = gw.check();
    if (!report) return {"O6 check(): " + report.error().message};
    findings found;
    for (const auto& i : report->invariants)
        if (!i.ok)
            found.push_back("O6 " + i.name + " " + i.statement + " " +
                            (i.offending.empty() ? "" : i.offending.front()));
    return found;
}

findings unsound(const std::string& database) {
    findings found;
    const sqlite_rows db(database);
    db.each("PRAGMA integrity_check", [&](const sqlite_rows::row& row) {
        if (row.text(0) != "ok") found.push_back("O9 integrity_check: " + row.text(0));
    });
    db.each("PRAGMA foreign_key_check", [&](const sqlite_rows::row& row) {
        found.push_back("O9 foreign_key_check: " + row.text(0));
    });
    return found;
}

void show(const findings& found) {
    constexpr std::size_t shown = 20;
    for (std::size_t i = 0; i < std::min(found.size(), shown); ++i)
        std::cout << "  " << found[i] << '\n';
}

std::string ledger_text(const std::string& database) {
    std::string all;
    const sqlite_rows db(database);
    for (const char* table :
         {"send", "message", "provider_call", "usage_event", "usage_rollup", "usage_session",
          "usage_session_days", "tenant_balance", "session", "send_round", "tool_call"})
        db.each(std::string("SELECT * FROM ") + table, [&](const sqlite_rows::row& row) {
            all += table;
            for (int c = 0; c < row.columns(); ++c) all += '|' + row.text(c);
            all += '\n';
        });
    return all;
}

}  // namespace conclave::faults
