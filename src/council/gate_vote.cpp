// Reads votes.
#include "council/gate_vote.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "council/loose_json.hpp"
#include "json/parse.hpp"
#include "json/writer.hpp"

#include <algorithm>

namespace conclave::council {

namespace {

/// A vote is short: what stands in front of so much is not looked at.
constexpr std::size_t vote_bytes = 4'096;

std::optional<std::size_t> label_in(const json::value& document,
                                    std::span<const std::string> labels) {
    const auto* better = json::find(document, "better");
    if (better == nullptr || better->as_string() == nullptr) return std::nullopt;
    const auto found = std::find(labels.begin(), labels.end(), trim(*better->as_string()));
    if (found == labels.end()) return std::nullopt;
    return static_cast<std::size_t>(found - labels.begin());
}

}  // namespace

std::string gate_vote_schema(std::span<const std::string> labels) {
    json::writer w;
    w.begin_object().key("type").string("object").key("properties").begin_object();
    w.key("reason").begin_object().key("type").string("string").end_object();
    w.key("better").begin_object().key("type").string("string").key("enum").begin_array();
    for (const auto& label : labels) w.string(label);
    w.end_array().end_object().end_object().key("required").raw(R"(["reason","better"])");
    w.key("additionalProperties").boolean(false).end_object();
    return std::move(w).text();
}

std::optional<std::size_t> read_gate_vote(std::string_view text,
                                          std::span<const std::string> labels) {
    if (!utf8::valid(text)) return std::nullopt;
    if (text.size() > vote_bytes) text.remove_prefix(text.size() - vote_bytes);
    // Each reading ends with its object, so that an object is not read for each brace inside it.
    std::optional<std::size_t> last;
    for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
        const auto read = read_loose_json(text.substr(at));
        const auto vote = read.document ? label_in(read.document->value, labels) : std::nullopt;
        if (vote) last = vote;
        at += vote ? std::max<std::size_t>(read.document->bytes, 1) : 1;
    }
    return last;
}

}  // namespace conclave::council
