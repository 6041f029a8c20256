// What was read of a sheet so far, before it is one.
#pragma once

#include "council/score_sheet.hpp"
#include "council/score_value.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::council {

/// One mention of an answer.
struct remark {
    std::size_t label = 0;  ///< index
    std::optional<said_score> said;
    std::optional<council::severity> severity;
    std::string flaws;
    std::string strengths;
};

/// All that one document, or all lines, say.
struct sheet_draft {
    std::vector<remark> remarks;
    std::optional<std::size_t> best;

    std::size_t labels_scored(std::size_t labels) const;
    bool mentions(std::size_t label) const;
};

/// Finds labels in names and texts.
class label_finder {
   public:
    explicit label_finder(std::span<const std::string> labels) : labels_(labels) {}

    std::span<const std::string> labels() const { return labels_; }
    std::size_t size() const { return labels_.size(); }
    /// Of a word alone, whatever its case.
    std::optional<std::size_t> exact(std::string_view word) const;
    /// Of a name that holds one label and no words but "answer", "id" and their like.
    std::optional<std::size_t> named(std::string_view text) const;

   private:
    std::span<const std::string> labels_;
};

/// Words that stand beside a label and say nothing.
bool is_filler(std::string_view word);

/// Puts remarks in the place of their labels. Scores of one label that differ cancel each other.
score_sheet make_sheet(const sheet_draft& draft, parse_path path, const label_finder& labels);

/// Whether so many of the labels' scores make a sheet.
inline bool enough(std::size_t scored, std::size_t labels) {
    return scored > 0 && 2 * scored >= labels;
}

/// Plain numbers that are exactly 1 to n are places, not scores.
bool are_places(std::vector<double> numbers);

}  // namespace conclave::council
