// A critic's score sheet: what it is asked for, and how what it wrote is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// How bad the flaws of an answer are.
enum class severity : std::uint8_t { none, minor, major, fatal };

/// How a score that is no plain number from 1 to 10 became one.
struct score_flags {
    bool rescaled = false;  ///< said in percent or as 4/5
    bool clamped = false;   ///< said as 0 to 1 or 10 to 11

    bool operator==(const score_flags&) const = default;
};

/// What a critic says of one answer.
struct assessment {
    std::string label;
    std::optional<double> score;  ///< 1 to 10; nothing: not given, unreadable or contradictory
    score_flags flags;
    std::optional<council::severity> severity;
    std::string flaws;      ///< at most limits::sheet_flaws code points
    std::string strengths;  ///< at most limits::sheet_strengths code points

    bool operator==(const assessment&) const = default;
};

/// The step of the ladder that made a text a valid sheet.
enum class parse_path : std::uint8_t {
    strict,     ///< the text is one JSON document
    unwrapped,  ///< without byte order mark, reasoning and code fence
    scanned,    ///< a JSON document amid other text
    repaired,   ///< a JSON document with its faults mended
    lines,      ///< lines, tables, headings
    none,       ///< no step did
};

/// "strict", ...: how the path is stored and shown.
std::string_view name_of(parse_path path) noexcept;
/// "none", "minor", "major", "fatal".
std::string_view name_of(severity s) noexcept;

struct score_sheet {
    parse_path path = parse_path::none;
    std::vector<assessment> assessments;  ///< one for each label, in the order of the labels
    std::optional<std::string> best;      ///< the label that the critic calls best
    bool self_inconsistent = false;       ///< another label has a higher score than `best`
    /// What is wrong, one impersonal line each, free of the critic's own text: for the re-ask. Also
    /// of a valid sheet in which single cells are missing.
    std::vector<std::string> errors;

    /// At least half of the labels have a score. Anything else is an abstention.
    bool valid() const noexcept { return path != parse_path::none; }
    std::size_t scores() const noexcept;

    bool operator==(const score_sheet&) const = default;
};

/// The JSON Schema that a critic's answer must fit, as a JSON text; the labels as its enums.
std::string score_sheet_schema(std::span<const std::string> labels);

/// Reads what a critic wrote; `cut` says that the token limit ended it. Bounded in work, never
/// fails, never guesses from the order in which answers are mentioned: what is not surely said is
/// missing. The sheet of an abstention has no scores.
score_sheet read_score_sheet(std::string_view text, std::span<const std::string> labels,
                             bool cut = false);

/// The message that asks the same critic once more, beside nothing but its own text.
std::string score_sheet_reask(const score_sheet& sheet, std::span<const std::string> labels);

}  // namespace conclave::council
