// Writes and reads what callers were told.
#include "faults/client_log.hpp"

#include <algorithm>
#include <string_view>

namespace conclave::faults {

namespace {

constexpr std::string_view replay_mark = "\"replayed\":true";

std::string_view take_field(std::string_view& line) {
    const auto end = std::min(line.find('\t'), line.size());
    const auto field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return field;
}

}  // namespace

bool says_in_doubt(const error& e) {
    return std::any_of(e.details.begin(), e.details.end(), [](const error_detail& d) {
        return (d.key == "executed" || d.key == "outcome_unknown") &&
               d.value == decltype(d.value)(true);
    });
}

std::string without_replay_mark(std::string document) {
    if (const auto at = document.rfind(replay_mark); at != std::string::npos)
        document.replace(at, replay_mark.size(), "\"replayed\":false");
    return document;
}

void client_log::add(world_key key, const result<reply>& outcome) {
    std::string line = key.content();
    if (outcome)
        line += (outcome->metadata.replayed ? "\treplay\t" : "\tfresh\t") + outcome->document;
    else
        line += (says_in_doubt(outcome.error()) ? "\tdoubt\t" : "\terror\t") +
                std::string(to_string(outcome.error().code));
    file_.write(line);
}

std::vector<client_entry> client_log::read(const std::string& path) {
    std::vector<client_entry> entries;
    for (const auto& text : witness_file::read(path)) {
        std::string_view line = text;
        const auto key = world_key::of_content(take_field(line));
        if (!key) continue;
        const auto kind = take_field(line);
        client_entry e;
        e.key = *key;
        e.fresh = kind == "fresh";
        e.success = e.fresh || kind == "replay";
        e.in_doubt = kind == "doubt";
        (e.success ? e.document : e.code) = line;
        entries.push_back(std::move(e));
    }
    return entries;
}

}  // namespace conclave::faults
