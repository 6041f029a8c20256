// Reads and prints the options of councils.
#include "json/council_text.hpp"

#include "json/object_reader.hpp"
#include "json/print.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace conclave::json {

namespace {

// More would not be checked by anybody who asks for them; the rule of the values is narrower.
constexpr std::size_t most_items = 64;

template <class Choice>
using words = std::initializer_list<std::pair<std::string_view, Choice>>;

const words<council_partial> partial_words{{"accept", council_partial::accept},
                                           {"fail", council_partial::fail}};
const words<straggler_mode> straggler_words{{"own_quantile", straggler_mode::own_quantile},
                                            {"wait_all", straggler_mode::wait_all},
                                            {"deadline", straggler_mode::deadline}};
const words<council_mode> mode_words{{"select", council_mode::select},
                                     {"improve", council_mode::improve},
                                     {"improve_k", council_mode::improve_k},
                                     {"fuse", council_mode::fuse},
                                     {"auto", council_mode::automatic}};
const words<council_hedge> hedge_words{{"none", council_hedge::none},
                                       {"synthesis", council_hedge::synthesis}};
const words<council_gate> gate_words{{"sanity", council_gate::sanity},
                                     {"panel", council_gate::panel}};
const words<council_budget> budget_words{{"reject", council_budget::reject},
                                         {"degrade", council_budget::degrade}};

template <class Choice>
std::string_view word_of(words<Choice> all, Choice c) {
    for (const auto& [word, choice] : all)
        if (choice == c) return word;
    return {};
}

template <class T>
void take(std::optional<T> given, T& out) {
    if (given) out = *std::move(given);
}

council_member read_member(object_reader& in, std::size_t i, const value& item) {
    if (const auto* text = item.as_string()) return {*text};
    const auto path = in.path("members", i);
    if (item.as_object() == nullptr) {
        in.take(invalid(path, "must be a route or an object"));
        return {};
    }
    if (find(item, "council") != nullptr || find(item, "members") != nullptr) {
        in.take(invalid(path + ".council", "must not be given: a council has no councils in it"));
        return {};
    }
    object_reader member(item, path);
    council_member m;
    m.route = member.required_string("route");
    take(member.optional_string("seat"), m.seat);
    in.take(member.finish());
    return m;
}

council_critics read_critics(object_reader& in) {
    council_critics c;
    const auto* document = in.optional_object("critics");
    if (document == nullptr) return c;
    object_reader critics(*document, in.path("critics"));
    take(critics.optional_boolean("members"), c.members);
    take(critics.optional_strings("extra", most_items), c.extra);
    c.sample = critics.optional_integer("sample");
    in.take(critics.finish());
    return c;
}

council_straggler read_straggler(object_reader& in) {
    council_straggler s;
    const auto* document = in.optional_object("straggler");
    if (document == nullptr) return s;
    object_reader straggler(*document, in.path("straggler"));
    take(straggler.optional_choice<straggler_mode>("mode", straggler_words), s.mode);
    take(straggler.optional_number("q", 0.0, 1.0), s.q);
    in.take(straggler.finish());
    return s;
}

void read_shares(object_reader& in, std::array<double, 3>& shares) {
    const auto* list = in.optional_array("shares", shares.size());
    if (list == nullptr) return;
    if (list->size() != shares.size()) return in.refuse("shares", "must be three numbers");
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto number = (*list)[i].as_number();
        if (!number) return in.refuse("shares", "must be three numbers");
        shares[i] = *number;
    }
}

/// A decimal string, as all money; or a number, as it is often written.
void read_max_usd(object_reader& in, std::optional<money>& out) {
    const auto* given = in.optional_value("max_usd");
    if (given == nullptr) return;
    const auto* text = given->as_string();
    if (text == nullptr && !given->as_number())
        return in.refuse("max_usd", "must be a decimal such as \"0.05\"");
    auto amount = money::parse_usd(text != nullptr ? *text : print(*given), in.path("max_usd"));
    if (!amount) return in.take(std::move(amount).error());
    out = *amount;
}

}  // namespace

result<council_options> read_council(const value& document, const std::string& path) {
    if (document.as_object() == nullptr) return invalid(path, "must be an object");
    object_reader in(document, path);
    council_options o;
    if (const auto* members = in.required_array("members", most_items))
        for (std::size_t i = 0; i < members->size(); ++i)
            o.members.push_back(read_member(in, i, (*members)[i]));
    o.critics = read_critics(in);
    take(in.optional_number("min_answer_ratio", 0.0, 1.0), o.min_answer_ratio);
    take(in.optional_integer("min_chars"), o.min_chars);
    take(in.optional_boolean("best_effort"), o.best_effort);
    take(in.optional_choice<council_partial>("on_partial", partial_words), o.on_partial);
    o.straggler = read_straggler(in);
    o.deadline_ms = in.optional_integer("deadline_ms");
    read_shares(in, o.shares);
    take(in.optional_string("rule"), o.rule);
    take(in.optional_string("ranker"), o.ranker);
    take(in.optional_choice<council_mode>("mode", mode_words), o.mode);
    take(in.optional_integer("k"), o.k);
    take(in.optional_string("synthesizer"), o.synthesizer);
    take(in.optional_choice<council_hedge>("hedge", hedge_words), o.hedge);
    take(in.optional_choice<council_gate>("gate", gate_words), o.gate);
    read_max_usd(in, o.max_usd);
    take(in.optional_choice<council_budget>("on_budget", budget_words), o.on_budget);
    o.seed = in.optional_integer("seed");
    if (auto ok = in.finish(); !ok) return ok.error();
    return o;
}

void print(writer& w, const council_options& o) {
    w.begin_object().key("members").begin_array();
    for (const auto& m : o.members) {
        w.begin_object().key("route").string(m.route);
        if (!m.seat.empty()) w.key("seat").string(m.seat);
        w.end_object();
    }
    w.end_array().key("critics").begin_object().key("members").boolean(o.critics.members);
    w.key("extra").begin_array();
    for (const auto& route : o.critics.extra) w.string(route);
    w.end_array();
    if (o.critics.sample) w.key("sample").integer(*o.critics.sample);
    w.end_object().key("min_answer_ratio").number(o.min_answer_ratio);
    w.key("min_chars").integer(o.min_chars).key("best_effort").boolean(o.best_effort);
    w.key("on_partial").string(word_of(partial_words, o.on_partial));
    w.key("straggler").begin_object();
    w.key("mode").string(word_of(straggler_words, o.straggler.mode));
    w.key("q").number(o.straggler.q).end_object();
    if (o.deadline_ms) w.key("deadline_ms").integer(*o.deadline_ms);
    w.key("shares").begin_array();
    for (const auto share : o.shares) w.number(share);
    w.end_array().key("rule").string(o.rule);
    if (!o.ranker.empty()) w.key("ranker").string(o.ranker);
    w.key("mode").string(word_of(mode_words, o.mode));
    if (o.mode == council_mode::improve_k) w.key("k").integer(o.k);
    w.key("synthesizer").string(o.synthesizer);
    w.key("hedge").string(word_of(hedge_words, o.hedge));
    if (o.gate != council_gate::sanity) w.key("gate").string(word_of(gate_words, o.gate));
    if (o.max_usd) w.key("max_usd").string(o.max_usd->to_usd_string());
    w.key("on_budget").string(word_of(budget_words, o.on_budget));
    if (o.seed) w.key("seed").integer(*o.seed);
    w.end_object();
}

std::string print_council(const council_options& o) {
    writer w;
    print(w, o);
    return std::move(w).text();
}

}  // namespace conclave::json
