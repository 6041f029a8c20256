// Makes up JSON values.
#include "sample.hpp"

#include "compose.hpp"
#include "json_text.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace simulator {
namespace {

using nlohmann::json;

constexpr int depth_max = 16;
constexpr std::int64_t numbers_until = 100;

// A name the user mentions, which is a word in capitals behind the first one; else the whole text.
std::string subject(std::string_view said) {
    std::size_t begin = 0;
    bool first = true;
    std::string out;
    while (begin < said.size()) {
        const auto end = std::min(said.find_first_of(" ,.;:!?\n", begin), said.size());
        const auto word = said.substr(begin, end - begin);
        if (!first && word.size() > 1 && std::isupper(static_cast<unsigned char>(word[0])) != 0) {
            return std::string(word);
        }
        first = first && word.empty();
        begin = end + 1;
    }
    return std::string(said);
}

class sampler {
   public:
    sampler(std::string_view said, std::uint64_t dice) : said_(said), dice_(dice) {}

    json value(const json& schema, int depth) {
        if (depth > depth_max) {
            return nullptr;
        }
        for (const auto* fixed : {"const", "default", "example"}) {
            if (schema.is_object() && schema.contains(fixed)) {
                return schema[fixed];
            }
        }
        if (const auto& choices = member(schema, "enum"); choices.is_array() && !choices.empty()) {
            return choices[roll() % choices.size()];
        }
        const auto type = type_of(schema);
        return type == "object"    ? object(schema, depth)
               : type == "array"   ? json::array({value(member(schema, "items"), depth + 1)})
               : type == "integer" ? json(integer(schema))
               : type == "number"  ? json(static_cast<double>(integer(schema)) + 0.5)
               : type == "boolean" ? json(roll() % 2 == 0)
               : type == "null"    ? json()
                                   : json(subject(said_));
    }

   private:
    std::uint64_t roll() { return dice_ = mix(dice_); }

    static std::string type_of(const json& schema) {
        const auto& type = member(schema, "type");
        auto name = type.is_array() && !type.empty() && type[0].is_string()
                        ? type[0].get<std::string>()
                        : text_member(schema, "type");
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return name.empty() && member(schema, "properties").is_object() ? "object" : name;
    }

    json object(const json& schema, int depth) {
        const auto& properties = member(schema, "properties");
        auto names = member(schema, "required");
        if (!names.is_array()) {
            names = json::array();
            for (const auto& [name, unused] : properties.items()) {
                names.push_back(name);
            }
        }
        json out = json::object();
        for (const auto& name : names) {
            if (name.is_string()) {
                const auto& key = name.get_ref<const std::string&>();
                out[key] = value(member(properties, key), depth + 1);
            }
        }
        return out;
    }

    std::int64_t integer(const json& schema) {
        const auto bound = [&](const char* name, std::int64_t otherwise) {
            const auto& limit = member(schema, name);
            return limit.is_number_integer() ? limit.get<std::int64_t>() : otherwise;
        };
        const auto least = bound("minimum", 0);
        const auto most = std::max(least, bound("maximum", least + numbers_until));
        const auto span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
        return span == UINT64_MAX ? least
                                  : static_cast<std::int64_t>(static_cast<std::uint64_t>(least) +
                                                              roll() % (span + 1));
    }

    std::string_view said_;
    std::uint64_t dice_;
};

}  // namespace

json sample(const json& schema, std::string_view said, std::uint64_t dice) {
    return sampler(said, dice).value(schema, 0);
}

}  // namespace simulator
