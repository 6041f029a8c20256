// Reads sheets line by line.
#include "council/sheet_lines.hpp"

#include "base/ascii.hpp"
#include "council/score_phrase.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace conclave::council {

namespace {

bool is_word_byte(char c) { return is_letter(c) || is_digit(c); }

// Also letters beyond ASCII; not bullets, dashes, arrows and full-width marks.
bool is_prose_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return is_word_byte(c) || (byte >= 0xC3 && byte != 0xE2 && byte != 0xEF);
}

/// A label in a line.
struct mention {
    std::size_t label = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

std::vector<mention> mentions_in(std::string_view line, const label_finder& labels) {
    std::vector<mention> all;
    for (std::size_t at = 0; at < line.size();) {
        auto end = at;
        while (end < line.size() && is_word_byte(line[end])) ++end;
        if (end > at)
            if (const auto label = labels.exact(line.substr(at, end - at)))
                all.push_back({*label, at, end});
        at = std::max(end, at + 1);
    }
    return all;
}

std::vector<std::string_view> cells_of(std::string_view line) {
    auto row = trim(line);
    if (!row.empty() && row.front() == '|') row.remove_prefix(1);
    if (!row.empty() && row.back() == '|') row.remove_suffix(1);
    std::vector<std::string_view> cells;
    while (true) {
        const auto bar = row.find('|');
        cells.push_back(trim(row.substr(0, bar)));
        if (bar == row.npos) return cells;
        row.remove_prefix(bar + 1);
    }
}

bool is_row(std::string_view line) { return std::count(line.begin(), line.end(), '|') >= 2; }

// Whether a line names its label at the beginning, as a heading or a list does.
bool is_heading(std::string_view line, const mention& m) {
    for (std::size_t at = 0; at < m.begin;) {
        auto end = at;
        while (end < m.begin && is_prose_byte(line[end])) ++end;
        const auto word = line.substr(at, end - at);
        const bool number = std::all_of(word.begin(), word.end(), is_digit);
        if (!word.empty() && !number && !is_filler(word)) return false;
        at = std::max(end, at + 1);
    }
    const auto rest = trim(line.substr(m.end));
    constexpr std::string_view within_prose = ",;!?";
    return rest.empty() ||
           (!is_prose_byte(rest.front()) && within_prose.find(rest.front()) == within_prose.npos);
}

bool holds_brackets(std::string_view line) { return line.find_first_of("{}") != line.npos; }

// Whether a line without a label may yet begin what is said of another answer.
bool may_be_heading(std::string_view line) {
    line = trim(line);
    if (line.starts_with('#') || holds_brackets(line)) return true;
    while (!line.empty() && !is_prose_byte(line.front())) line.remove_prefix(1);
    std::size_t end = 0;
    while (end < line.size() && is_prose_byte(line[end])) ++end;
    constexpr std::array<std::string_view, 6> words{"id",    "answer",    "response",
                                                    "label", "candidate", "option"};
    constexpr std::size_t name_bytes = 16;
    const auto rest = trim(line.substr(end));
    return std::find(words.begin(), words.end(), to_lower(line.substr(0, end))) != words.end() &&
           (rest.size() <= name_bytes || !is_prose_byte(rest.front()));
}

// Whether a heading whose line break was lost stands amid the line.
bool holds_heading(std::string_view line) { return line.find("##") != line.npos; }

// Whether the line goes on with another list item whose line break was lost: its score is not
// that of the label in front.
bool holds_item(std::string_view line) {
    constexpr std::array<std::string_view, 3> marks{")- ", ".- ", "*- "};
    return std::any_of(marks.begin(), marks.end(),
                       [&](auto mark) { return line.find(mark) != line.npos; });
}

class line_reader {
   public:
    explicit line_reader(const label_finder& labels) : labels_(labels) {}

    void read(std::string_view line) {
        if (trim(line).empty()) return;
        if (is_row(line) && read_row(line)) return;
        const auto mentions = mentions_in(line, labels_);
        if (mentions.empty()) return read_below(line);
        if (mentions.size() == 1) return read_one(line, mentions[0]);
        read_several(line, mentions);
    }

    sheet_draft take() && {
        // 1, 2, 3 for three answers are places, unless their scale was said.
        std::vector<double> plain;
        for (const auto& r : draft_.remarks)
            if (r.said && !r.said->scaled && !named_[index_of(r)]) plain.push_back(r.said->score);
        if (are_places(std::move(plain)))
            for (auto& r : draft_.remarks)
                if (r.said && !r.said->scaled && !named_[index_of(r)]) r.said.reset();
        return std::move(draft_);
    }

   private:
    std::size_t index_of(const remark& r) const {
        return static_cast<std::size_t>(&r - draft_.remarks.data());
    }

    void add(std::size_t label, const score_phrase& p, bool named_score) {
        remark r;
        r.label = label;
        if (!p.unclear) r.said = p.said;
        draft_.remarks.push_back(std::move(r));
        named_.push_back(named_score);
    }

    void read_one(std::string_view line, const mention& m) {
        const bool named_first = is_heading(line, m);
        // A label amid the texts of a broken document has none of its numbers.
        if (holds_item(line) || (!named_first && holds_brackets(line))) return heading_.reset();
        auto rest = line.substr(m.end);
        // A label amid a sentence has only what that sentence says.
        if (!named_first) rest = rest.substr(0, heading_ ? 0 : rest.find_first_of(".;!?"));
        const auto behind = read_behind_label(rest);
        const auto before = score_before(line.substr(0, m.begin));
        heading_.reset();
        if (behind.said || behind.unclear) {
            add(m.label, behind, has_score_word(line));
        } else if (before) {
            add(m.label, {before, true, false}, true);
        } else if (named_first) {
            heading_ = m.label;
        }
    }

    // "8/10 - ABCD", "8/10 for ABCD".
    static std::optional<said_score> score_before(std::string_view text) {
        while (!text.empty() && !is_prose_byte(text.front())) text.remove_prefix(1);
        const auto p = read_score_prefix(text);
        if (!p || !p->said || !p->said->scaled) return std::nullopt;
        const auto letters = letters_of(text.substr(p->bytes));
        return letters.empty() || letters == "for" || letters == "to" ? p->said : std::nullopt;
    }

    // Each label has its own score behind it, or the line is about the first.
    void read_several(std::string_view line, const std::vector<mention>& mentions) {
        heading_.reset();
        std::vector<score_phrase> phrases;
        for (std::size_t i = 0; i < mentions.size(); ++i) {
            const auto end = i + 1 < mentions.size() ? mentions[i + 1].begin : line.size();
            phrases.push_back(
                read_behind_label(line.substr(mentions[i].end, end - mentions[i].end)));
        }
        const auto sure = [](const score_phrase& p) { return p.direct && !p.unclear; };
        const auto n =
            static_cast<std::size_t>(std::count_if(phrases.begin(), phrases.end(), sure));
        const bool about_first = n == 1 && sure(phrases[0]) && is_heading(line, mentions[0]);
        if (n < phrases.size() && !about_first) return;
        const bool named_score = has_score_word(line);
        for (std::size_t i = 0; i < n; ++i) add(mentions[i].label, phrases[i], named_score);
    }

    void read_below(std::string_view line) {
        const auto p = read_below_label(line);
        if (p.said || p.unclear) {
            // Scores in front of their labels: which belongs to which is not for us to guess.
            if (!heading_ && draft_.remarks.empty()) scores_first_ = true;
            if (heading_ && !scores_first_) add(*heading_, p, true);
        } else if (may_be_heading(line)) {
            heading_.reset();
        }
        if (holds_heading(line)) heading_.reset();
    }

    static bool has_score_word(std::string_view line) {
        const auto lower = to_lower(line);
        return lower.find("score") != lower.npos || lower.find("rating") != lower.npos;
    }

    // True: the line was one of a table.
    bool read_row(std::string_view line) {
        heading_.reset();
        const auto cells = cells_of(line);
        const bool rule = std::all_of(line.begin(), line.end(), [](char c) {
            return c == '|' || c == '-' || c == ':' || c == ' ' || c == '\r' || c == '\t';
        });
        if (rule) return true;
        std::vector<std::pair<std::size_t, std::size_t>> named;  // column, label
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (const auto label = labels_.named(cells[i])) named.emplace_back(i, *label);
        if (named.size() == 1) return read_body(cells, named[0].first, named[0].second), true;
        if (named.size() > 1) return columns_ = std::move(named), score_column_.reset(), true;
        if (read_across(cells)) return true;
        return read_head(cells);
    }

    bool read_head(const std::vector<std::string_view>& cells) {
        std::vector<std::size_t> scores;
        std::vector<std::size_t> overall;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto letters = letters_of(cells[i]);
            if (!is_score_name(letters)) continue;
            scores.push_back(i);
            if (letters.starts_with("overall") || letters.starts_with("final"))
                overall.push_back(i);
        }
        const auto& chosen = overall.size() == 1 ? overall : scores;
        if (scores.empty()) return false;
        columns_.clear();
        head_ = true;
        score_column_.reset();
        if (chosen.size() == 1 && scale_in(cells[chosen[0]])) {
            score_column_ = chosen[0];
            scale_ = *scale_in(cells[chosen[0]]);
        }
        return true;
    }

    void read_body(const std::vector<std::string_view>& cells, std::size_t label_column,
                   std::size_t label) {
        score_phrase p;
        if (head_) {
            if (score_column_ && *score_column_ < cells.size())
                p.said = read_score(cells[*score_column_], scale_);
        } else {
            // Only a plain label: "ABCD: 8" between bars is no cell of a table.
            if (std::any_of(cells[label_column].begin(), cells[label_column].end(), is_digit))
                return;
            int readable = 0;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto said = i == label_column ? std::nullopt : read_score(cells[i]);
                if (said && is_digit(cells[i].front())) p.said = said, ++readable;
            }
            p.unclear = readable != 1;
        }
        add(label, p, head_);
    }

    // "| Score | 8 | 7 |" below a row of labels.
    bool read_across(const std::vector<std::string_view>& cells) {
        if (columns_.empty() || !is_score_name(letters_of(cells[0]))) return false;
        const auto scale = scale_in(cells[0]);
        for (const auto& [column, label] : columns_) {
            score_phrase p;
            if (scale && column < cells.size()) p.said = read_score(cells[column], *scale);
            add(label, p, true);
        }
        return true;
    }

    const label_finder& labels_;
    sheet_draft draft_;
    std::vector<bool> named_;  ///< of each remark: its score was called one
    std::optional<std::size_t> heading_;
    bool scores_first_ = false;
    // Of the table that is being read.
    bool head_ = false;
    std::optional<std::size_t> score_column_;
    double scale_ = usual_scale;
    std::vector<std::pair<std::size_t, std::size_t>> columns_;
};

// Whether plain numbers of this text may be on another scale.
bool has_other_scale(std::string_view text) {
    const auto lower = to_lower(text);
    for (const auto* words : {"1-5", "1 to 5", "1\342\200\2235", "0-5", "0 to 5", "out of 5 ",
                              "0-100", "1-100", "1 to 100", "0 to 100", "out of 100 "})
        if (lower.find(words) != lower.npos) return true;
    return false;
}

}  // namespace

sheet_draft read_sheet_lines(std::string_view text, const label_finder& labels, bool cut) {
    line_reader reader(labels);
    auto rest = text;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const bool last = end == rest.npos;
        auto line = rest.substr(0, end);
        rest.remove_prefix(last ? rest.size() : end + 1);
        // The number that a cut left last may be the beginning of another.
        while (last && cut && !line.empty() && is_word_byte(line.back())) line.remove_suffix(1);
        reader.read(line);
    }
    auto draft = std::move(reader).take();
    if (has_other_scale(text))
        for (auto& r : draft.remarks)
            if (r.said && !r.said->scaled) r.said.reset();
    return draft;
}

}  // namespace conclave::council
