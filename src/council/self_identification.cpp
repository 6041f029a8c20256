// Masks what a model says of its own name.
#include "base/ascii.hpp"
#include "council/injection.hpp"
#include "council/prose_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace conclave::council {

namespace {

constexpr std::string_view mask = "[an assistant]";

using words = std::span<const prose_word>;

/// Words from `first` to before `last`.
struct word_range {
    std::size_t first = 0;
    std::size_t last = 0;
};

bool in(const prose_word& word, std::string_view list) {
    return list.find(" " + word.lower + " ") != list.npos;
}

// A family of models, alone or with a version: "claude", "gpt-4o".
bool is_model(const prose_word& word) {
    constexpr std::array<std::string_view, 17> families{
        "claude", "chatgpt", "gpt",      "gemini", "bard",  "llama", "mistral", "mixtral",  "qwen",
        "grok",   "copilot", "deepseek", "kimi",   "gemma", "ernie", "glm",     "command-r"};
    return std::any_of(families.begin(), families.end(), [&](auto family) {
        const std::string_view name = word.lower;
        if (!name.starts_with(family)) return false;
        return name.size() == family.size() || name[family.size()] == '-' ||
               name[family.size()] == '.' || is_digit(name[family.size()]);
    });
}

bool is_vendor(const prose_word& word) {
    return in(
        word,
        " openai anthropic google deepmind meta mistral xai alibaba deepseek microsoft cohere "
        "moonshot nvidia amazon ");
}

bool is_version(const prose_word& word) {
    return is_digit(word.lower.front()) ||
           in(word,
              " sonnet opus haiku turbo mini pro flash ultra nano large medium small instruct chat "
              "coder ai r1 v3 o1 o3 ");
}

// The words that speak of oneself at `at`: "as", "I am", "my name is"; 0 without any.
std::size_t speaks_of_self(words text, std::size_t at) {
    const auto is = [&](std::size_t i, std::string_view word) {
        return at + i < text.size() && text[at + i].lower == word;
    };
    if (is(0, "i'm") || is(0, "as")) return 1;
    if ((is(0, "i") && (is(1, "am") || is(1, "was"))) || (is(0, "this") && is(1, "is"))) return 2;
    return is(0, "my") && is(1, "name") && is(2, "is") ? 3 : 0;
}

// The name of a model right behind, after words such as "an AI assistant called".
std::optional<word_range> model_behind(words text, std::size_t at) {
    constexpr std::string_view between =
        " an a the ai assistant model language large called named version of ";
    while (at < text.size() && in(text[at], between) && !text[at].ends_sentence()) ++at;
    if (at >= text.size() || !is_model(text[at])) return std::nullopt;
    auto last = at + 1;
    while (last < text.size() && !text[last - 1].ends_sentence() && is_version(text[last])) ++last;
    // "As Claude Shannon showed": a person.
    const bool person = last < text.size() && text[last].capital && text[last].lower != "i" &&
                        text[last].begin == text[last - 1].end + 1 &&
                        speaks_of_self(text, last) == 0;
    if (person) return std::nullopt;
    return word_range{at, last};
}

// "... trained by OpenAI", in the same sentence.
std::optional<word_range> vendor_behind(words text, std::size_t at) {
    constexpr std::size_t reach = 12;
    bool made = false;
    for (std::size_t i = at; i < text.size() && i < at + reach; ++i) {
        if (made && is_vendor(text[i])) return word_range{i, i + 1};
        made = in(text[i], " by from at ");
        if (text[i].ends_sentence()) break;
    }
    return std::nullopt;
}

// Whether what follows "as" is the speaker: "as a language model", not "as made by Google".
bool is_assistant_behind(words text, std::size_t at) {
    for (std::size_t i = at; i < text.size() && i < at + 6; ++i) {
        if (in(text[i], " ai assistant model chatbot bot ")) return true;
        if (text[i].ends_sentence()) return false;
    }
    return false;
}

std::vector<word_range> find_names(words text) {
    std::vector<word_range> names;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto said = speaks_of_self(text, at);
        if (said == 0) continue;
        const auto model = model_behind(text, at + said);
        if (model) names.push_back(*model);
        if (!model && !is_assistant_behind(text, at + said)) continue;
        if (const auto vendor = vendor_behind(text, model ? model->last : at + said))
            names.push_back(*vendor);
    }
    return names;
}

}  // namespace

std::string mask_self_identification(std::string_view text) {
    const auto all = words_of(text);
    std::string masked;
    std::size_t done = 0;
    for (const auto& name : find_names(all)) {
        const auto begin = all[name.first].begin;
        if (begin < done) continue;
        masked.append(text.substr(done, begin - done)).append(mask);
        done = all[name.last - 1].end;
    }
    return masked.append(text.substr(done));
}

}  // namespace conclave::council
