// Asks for score sheets and reads them, step by step down the ladder.
#include "council/score_sheet.hpp"

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "council/loose_json.hpp"
#include "council/sheet_document.hpp"
#include "council/sheet_draft.hpp"
#include "council/sheet_lines.hpp"
#include "council/sheet_text.hpp"
#include "json/parse.hpp"
#include "json/writer.hpp"

#include <algorithm>
#include <utility>

namespace conclave::council {

namespace {

// What scanning may read in all, so that brackets without an end cost no more than their length.
constexpr std::size_t scan_factor = 8;
constexpr std::size_t scan_bytes = 64 * 1024;

/// A document amid the text that says something of the answers.
struct finding {
    sheet_draft draft;
    bool mended = false;
};

struct scan_result {
    std::vector<finding> findings;
    std::optional<std::size_t> best;  ///< also of a document that says nothing else
};

scan_result scan(std::string_view text, const label_finder& labels) {
    scan_result result;
    auto budget = scan_factor * text.size() + scan_bytes;
    auto at = text.find_first_of("{[");
    while (at != text.npos) {
        auto reading = read_loose_json(text.substr(at));
        if (reading.bytes >= budget) break;
        budget -= reading.bytes;
        std::size_t skip = 1;
        if (auto& found = reading.document) {
            finding one{read_sheet_document(found->value, labels), found->mended};
            if (one.draft.best) result.best = one.draft.best;
            const bool speaks = !one.draft.remarks.empty();
            if (speaks || !found->mended) skip = found->bytes;
            if (speaks) result.findings.push_back(std::move(one));
        }
        at = text.find_first_of("{[", at + skip);
    }
    return result;
}

bool are_disjoint(const std::vector<finding>& findings, std::size_t labels) {
    for (std::size_t i = 0; i < labels; ++i)
        if (std::count_if(findings.begin(), findings.end(),
                          [&](const auto& f) { return f.draft.mentions(i); }) > 1)
            return false;
    return true;
}

finding join(std::vector<finding> findings) {
    finding all;
    for (auto& f : findings) {
        all.mended = all.mended || f.mended;
        std::move(f.draft.remarks.begin(), f.draft.remarks.end(),
                  std::back_inserter(all.draft.remarks));
    }
    return all;
}

// The last document is the critic's last word. Documents about different answers belong together; a
// last one that is too small only counts beside the others, where contradictions cancel out.
finding settle(scan_result scanned, const label_finder& labels) {
    auto& all = scanned.findings;
    finding chosen;
    if (!all.empty()) {
        const auto scored = all.back().draft.labels_scored(labels.size());
        const bool last_alone = scored == labels.size() || (enough(scored, labels.size()) &&
                                                            !are_disjoint(all, labels.size()));
        chosen = last_alone ? std::move(all.back()) : join(std::move(all));
    }
    chosen.draft.best = scanned.best;
    return chosen;
}

/// Goes down the ladder and keeps the first sheet that is valid.
class ladder {
   public:
    explicit ladder(const label_finder& labels) : labels_(labels) {}

    /// True: the sheet is valid. Else the draft that says the most is kept for its errors.
    bool try_step(const sheet_draft& draft, parse_path path) {
        const auto scored = draft.labels_scored(labels_.size());
        const std::pair said{scored, draft.remarks.size()};
        if (enough(scored, labels_.size())) {
            sheet_ = make_sheet(draft, path, labels_);
            return true;
        }
        if (!sheet_ || said > said_) {
            sheet_ = make_sheet(draft, parse_path::none, labels_);
            said_ = said;
        }
        return false;
    }

    bool try_document(std::string_view text, parse_path path) {
        const auto document = json::parse(text, "sheet");
        if (!document) return false;
        is_json_ = is_json_ || document->as_object() || document->as_array();
        return try_step(read_sheet_document(*document, labels_), path);
    }

    bool try_scan(std::string_view text, bool mended) {
        auto found = settle(scan(text, labels_), labels_);
        const bool repaired = mended || found.mended;
        return try_step(found.draft, repaired ? parse_path::repaired : parse_path::scanned);
    }

    /// Whether a step found nothing but a whole JSON document.
    bool is_json() const { return is_json_; }

    score_sheet take() && {
        if (!sheet_->valid())
            for (auto& a : sheet_->assessments) a.score.reset(), a.flags = {};
        return *std::move(sheet_);
    }

   private:
    const label_finder& labels_;
    std::optional<score_sheet> sheet_;
    std::pair<std::size_t, std::size_t> said_;  ///< labels with scores, remarks
    bool is_json_ = false;
};

void climb(std::string_view text, const label_finder& labels, bool cut, ladder& steps) {
    if (steps.try_document(text, parse_path::strict)) return;
    const auto inner = unwrap_sheet(text);
    if (inner != text && steps.try_document(inner, parse_path::unwrapped)) return;
    if (steps.try_scan(inner, false)) return;
    if (inner.find("\\\"") != inner.npos && steps.try_scan(without_escapes(inner), true)) return;
    // JSON that is sound and yet no sheet has no lines to read.
    if (!steps.is_json()) steps.try_step(read_sheet_lines(inner, labels, cut), parse_path::lines);
}

score_sheet refuse(const label_finder& labels, std::string error) {
    auto sheet = make_sheet({}, parse_path::none, labels);
    sheet.errors = {std::move(error)};
    return sheet;
}

void write_labels(json::writer& w, std::span<const std::string> labels) {
    w.begin_object().key("type").string("string").key("enum").begin_array();
    for (const auto& label : labels) w.string(label);
    w.end_array().end_object();
}

void write_text(json::writer& w, std::string_view name, std::size_t most) {
    w.key(name).begin_object().key("type").string("string");
    w.key("description").string("at most " + std::to_string(most) + " characters");
    w.end_object();
}

void write_assessment(json::writer& w, std::span<const std::string> labels) {
    w.begin_object().key("type").string("object").key("properties").begin_object();
    w.key("id");
    write_labels(w, labels);
    write_text(w, "flaws", limits::sheet_flaws);
    write_text(w, "strengths", limits::sheet_strengths);
    w.key("severity").begin_object().key("type").string("string").key("enum").begin_array();
    for (const auto s : {severity::none, severity::minor, severity::major, severity::fatal})
        w.string(name_of(s));
    w.end_array().end_object();
    // A list, as not every provider takes a minimum and a maximum.
    w.key("score").begin_object().key("type").string("integer").key("enum").begin_array();
    for (int score = 1; score <= 10; ++score) w.integer(score);
    w.end_array().end_object().end_object();
    w.key("required").raw(R"(["id","flaws","strengths","severity","score"])");
    w.key("additionalProperties").boolean(false).end_object();
}

}  // namespace

std::string_view name_of(parse_path path) noexcept {
    switch (path) {
        case parse_path::strict: return "strict";
        case parse_path::unwrapped: return "unwrapped";
        case parse_path::scanned: return "scanned";
        case parse_path::repaired: return "repaired";
        case parse_path::lines: return "lines";
        case parse_path::none: return "none";
    }
    return {};
}

std::string_view name_of(severity s) noexcept {
    switch (s) {
        case severity::none: return "none";
        case severity::minor: return "minor";
        case severity::major: return "major";
        case severity::fatal: return "fatal";
    }
    return {};
}

std::size_t score_sheet::scores() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        assessments.begin(), assessments.end(), [](const auto& a) { return a.score.has_value(); }));
}

std::string score_sheet_schema(std::span<const std::string> labels) {
    json::writer w;
    w.begin_object().key("type").string("object").key("properties").begin_object();
    w.key("assessments").begin_object().key("type").string("array").key("items");
    write_assessment(w, labels);
    w.end_object().key("best");
    write_labels(w, labels);
    w.end_object().key("required").raw(R"(["assessments","best"])");
    w.key("additionalProperties").boolean(false).end_object();
    return std::move(w).text();
}

score_sheet read_score_sheet(std::string_view text, std::span<const std::string> labels, bool cut) {
    const label_finder finder(labels);
    if (text.size() > limits::sheet_bytes)
        return refuse(finder,
                      "the text is longer than " + std::to_string(limits::sheet_bytes) + " bytes");
    if (!utf8::valid(text)) return refuse(finder, "the text is not valid UTF-8");
    ladder steps(finder);
    steps.try_step({}, parse_path::none);
    climb(text, finder, cut, steps);
    return std::move(steps).take();
}

std::string score_sheet_reask(const score_sheet& sheet, std::span<const std::string> labels) {
    std::string text = "Your assessment could not be used:\n";
    for (const auto& error : sheet.errors) text.append("- ").append(error).append("\n");
    text +=
        "Write it again as one JSON object and nothing else:\n"
        R"({"assessments": [{"id": "...", "flaws": "...", "strengths": "...", )"
        R"("severity": "none|minor|major|fatal", "score": 1 to 10}], "best": "..."})"
        "\nAssess each of these ids once:";
    for (const auto& label : labels) text.append(" ").append(label);
    text += "\n";
    return text;
}

}  // namespace conclave::council
