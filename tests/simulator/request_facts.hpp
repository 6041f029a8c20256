// What the simulator needs to know of a request.
#pragma once

#include "answer.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

struct offered_tool {
    std::string name;
    nlohmann::json parameters;  ///< a JSON Schema, or null
};

struct tool_result {
    std::string id;  ///< where the vendor has no ids, the tool's name
    std::string content;
};

/// A model request, or an embedding request, of any vendor.
struct request_facts {
    std::string model;
    std::string last_user_content;
    std::string refusal;    ///< why the vendor answers 400, naming the field; empty: it does not
    std::size_t turns = 0;  ///< messages, contents or items
    std::vector<tool_result> tool_results;  ///< since the model's last turn
    std::size_t tool_rounds = 0;            ///< in which tools answered since the user spoke
    std::vector<offered_tool> tools;
    bool must_call = false;                ///< the request's tool choice forces a call
    std::string must_call_name;            ///< of this tool; empty: of any
    bool may_call = true;                  ///< false: the tool choice is none
    std::optional<nlohmann::json> schema;  ///< the answer is to be JSON that fits it
    std::vector<std::string> inputs;       ///< texts to embed
    std::size_t dimensions = 0;            ///< of the vectors; 0: the model's own
    answer_form form;
};

/// Follows a conversation turn by turn, and refuses one that vendors refuse: a tool call without
/// its result, a result without its call.
class conversation {
   public:
    /// Writes into `facts`, which must outlive it.
    explicit conversation(request_facts& facts) : facts_(facts) {}

    void model_speaks();
    /// Text of the user; an empty one is no text.
    void user_says(std::string text);
    void call(std::string id);
    void result(std::string id, std::string content);
    /// The conversation is over, the model is to answer.
    void end();

   private:
    void refuse_open_calls();

    request_facts& facts_;
    std::vector<std::string> open_calls_;
};

}  // namespace simulator
