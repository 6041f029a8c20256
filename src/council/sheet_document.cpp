// Looks for assessments in JSON of whatever shape.
#include "council/sheet_document.hpp"

#include "base/ascii.hpp"
#include "json/parse.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace conclave::council {

namespace {

constexpr int depth_max = 6;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_id_name(std::string_view letters) {
    constexpr std::array<std::string_view, 14> names{
        "id",        "label",       "answer",      "answerid", "response", "responseid", "code",
        "candidate", "candidateid", "answerlabel", "name",     "key",      "item",       "option"};
    return is_one_of(letters, names);
}

// Members that hold other things than this critic's scores.
bool is_foreign_name(std::string_view letters) {
    constexpr std::array<std::string_view, 12> names{"ranking", "rankings", "rank",    "ranks",
                                                     "order",   "best",     "example", "draft",
                                                     "schema",  "previous", "worst",   "initial"};
    return is_one_of(letters, names);
}

bool is_best_name(std::string_view letters) {
    constexpr std::array<std::string_view, 6> names{"best",       "bestid",       "winner",
                                                    "bestanswer", "bestresponse", "bestlabel"};
    return is_one_of(letters, names);
}

bool is_flaws_name(std::string_view letters) {
    constexpr std::array<std::string_view, 12> names{
        "flaws", "flaw",    "weaknesses", "weakness", "issues",   "problems",
        "cons",  "comment", "feedback",   "critique", "comments", "criticism"};
    return is_one_of(letters, names);
}

bool is_strengths_name(std::string_view letters) {
    constexpr std::array<std::string_view, 5> names{"strengths", "strength", "pros", "positives",
                                                    "merits"};
    return is_one_of(letters, names);
}

std::optional<severity> severity_of(const json::value& v) {
    const auto* text = v.as_string();
    if (!text) return std::nullopt;
    struct known {
        std::string_view word;
        council::severity severity;
    };
    constexpr std::array<known, 13> words{{
        {"none", severity::none},
        {"no", severity::none},
        {"minor", severity::minor},
        {"low", severity::minor},
        {"small", severity::minor},
        {"major", severity::major},
        {"moderate", severity::major},
        {"medium", severity::major},
        {"high", severity::major},
        {"serious", severity::major},
        {"fatal", severity::fatal},
        {"critical", severity::fatal},
        {"severe", severity::fatal},
    }};
    const auto letters = letters_of(*text);
    for (const auto& w : words)
        if (letters == w.word) return w.severity;
    return std::nullopt;
}

// A text, or a list of texts as one.
std::string prose_of(const json::value& v) {
    if (const auto* text = v.as_string()) return std::string(trim(*text));
    std::string all;
    if (const auto* items = v.as_array())
        for (const auto& item : *items)
            if (const auto* text = item.as_string())
                all.append(all.empty() ? "" : "; ").append(trim(*text));
    return all;
}

/// Where a value stands.
struct place {
    double scale = usual_scale;
    int depth = 0;
    bool scores = false;  ///< under a name that says that these are scores

    place inside(bool named_scores) const { return {scale, depth + 1, named_scores}; }
};

class document_reader {
   public:
    explicit document_reader(const label_finder& labels) : labels_(labels) {}

    void read(const json::value& v, place at) {
        if (at.depth > depth_max) return;
        if (const auto* text = v.as_string()) return read_text(*text, at);
        if (const auto* items = v.as_array()) return read_list(*items, at);
        if (v.as_object()) read_object(*v.as_object(), at);
    }

    sheet_draft take() && { return std::move(draft_); }

   private:
    // A document inside a text, as some tools wrap it.
    void read_text(const std::string& text, place at) {
        const auto inner = trim(text);
        if (inner.empty() || (inner.front() != '{' && inner.front() != '[')) return;
        if (const auto v = json::parse(inner, "text")) read(*v, at.inside(at.scores));
    }

    void read_list(const json::array& items, place at) {
        if (read_pair(items, at.scale)) return;
        for (const auto& item : items) read(item, at.inside(at.scores));
    }

    // ["ABCD", 8] and ["ABCD", 8, "a remark"].
    bool read_pair(const json::array& items, double scale) {
        if (items.size() < 2 || !items[0].as_string()) return false;
        const auto label = labels_.named(*items[0].as_string());
        if (!label || items[1].as_array() || items[1].as_object()) return false;
        const bool others = std::any_of(items.begin() + 2, items.end(),
                                        [](const auto& v) { return v.as_string() == nullptr; });
        remark r;
        r.label = *label;
        if (!others) r.said = score_of(items[1], scale);
        draft_.remarks.push_back(std::move(r));
        return true;
    }

    void read_object(const json::object& members, place at) {
        const auto scale = scale_of(members, at.scale);
        if (!scale) return;
        at.scale = *scale;
        read_best(members);
        switch (read_assessment(members, at.scale)) {
            case found::one:
            case found::many: return;  // one object about several answers: whose score is whose?
            case found::none: break;
        }
        read_by_label(members, at);
        for (const auto& m : members) {
            const auto letters = letters_of(m.key);
            if (is_foreign_name(letters) || labels_.named(m.key)) continue;
            if (m.value.as_string() && letters == "text") continue;
            read(m.value, at.inside(is_scores_name(letters) || at.scores));
        }
    }

    static bool is_scores_name(std::string_view letters) {
        constexpr std::array<std::string_view, 8> names{"scores",      "assessments", "ratings",
                                                        "evaluations", "grades",      "score",
                                                        "reviews",     "points"};
        return is_one_of(letters, names);
    }

    // The scale that the object itself names, else that of what it stands in; nothing for one that
    // is unknown.
    static std::optional<double> scale_of(const json::object& members, double outer) {
        for (const auto& m : members) {
            const auto letters = letters_of(m.key);
            if (letters != "scale" && letters != "maxscore" && letters != "outof" &&
                letters != "max")
                continue;
            if (const auto* n = m.value.as_integer()) return scale_in(std::to_string(*n));
            if (m.value.as_number()) return std::nullopt;
            if (const auto* text = m.value.as_string()) return scale_in(*text);
        }
        return outer;
    }

    void read_best(const json::object& members) {
        for (const auto& m : members) {
            const auto* text = m.value.as_string();
            if (!text || !is_best_name(letters_of(m.key))) continue;
            if (const auto label = labels_.named(*text)) draft_.best = label;
        }
    }

    enum class found { none, one, many };

    found read_assessment(const json::object& members, double scale) {
        std::optional<std::size_t> label;
        for (const auto& m : members) {
            // A whole sheet, whatever stands beside it.
            if (m.value.as_array() && is_scores_name(letters_of(m.key))) return found::none;
            const auto* text = m.value.as_string();
            if (!text || !is_id_name(letters_of(m.key))) continue;
            const auto named = labels_.named(*text);
            if (!named) continue;
            if (label && *label != *named) return found::many;
            label = named;
        }
        if (!label) return found::none;
        add(*label, members, scale);
        return found::one;
    }

    // {"ABCD": 8, "FGHT": {"score": 7}}
    void read_by_label(const json::object& members, place at) {
        std::vector<remark> found;
        std::vector<double> plain;
        for (const auto& m : members) {
            const auto label = labels_.named(m.key);
            if (!label) continue;
            if (const auto* inner = m.value.as_object()) {
                add(*label, *inner, at.scale);
                continue;
            }
            remark r;
            r.label = *label;
            r.said = score_of(m.value, at.scale);
            if (r.said && !r.said->scaled) plain.push_back(r.said->score);
            found.push_back(std::move(r));
        }
        if (!at.scores && are_places(plain)) return;
        for (auto& r : found) draft_.remarks.push_back(std::move(r));
    }

    void add(std::size_t label, const json::object& members, double scale) {
        remark r;
        r.label = label;
        if (!holds_another(members)) r.said = agreed_score(members, scale);
        for (const auto& m : members) {
            const auto letters = letters_of(m.key);
            if (letters == "severity") r.severity = severity_of(m.value);
            if (is_flaws_name(letters) && r.flaws.empty()) r.flaws = prose_of(m.value);
            if (is_strengths_name(letters) && r.strengths.empty()) r.strengths = prose_of(m.value);
        }
        draft_.remarks.push_back(std::move(r));
    }

    // Whether the object has swallowed the one behind it, for want of a quotation mark: a name with
    // brackets in it, or one that comes twice. Its score may be the other's.
    static bool holds_another(const json::object& members) {
        bool severity = false;
        bool flaws = false;
        for (const auto& m : members) {
            if (m.key.find_first_of("{}") != m.key.npos) return true;
            const auto letters = letters_of(m.key);
            if (letters == "severity" && std::exchange(severity, true)) return true;
            if (letters == "flaws" && std::exchange(flaws, true)) return true;
        }
        return false;
    }

    // All members that name a score must agree on one.
    static std::optional<said_score> agreed_score(const json::object& members, double scale) {
        const auto own = scale_of(members, scale);
        if (!own) return std::nullopt;
        std::optional<said_score> said;
        bool given = false;
        for (const auto& m : members) {
            if (!is_score_name(letters_of(m.key))) continue;
            const auto named = scale_in(m.key);
            const auto one =
                named ? score_of(m.value, *named == usual_scale ? *own : *named) : std::nullopt;
            if (given && (!one || !said || one->score != said->score)) return std::nullopt;
            said = one;
            given = true;
        }
        return said;
    }

    const label_finder& labels_;
    sheet_draft draft_;
};

}  // namespace

sheet_draft read_sheet_document(const json::value& document, const label_finder& labels) {
    document_reader reader(labels);
    reader.read(document, {});
    return std::move(reader).take();
}

}  // namespace conclave::council
