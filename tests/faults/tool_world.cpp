// The model, its tools, and their journals.
#include "faults/tool_world.hpp"

#include "faults/witness_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>

namespace conclave::faults {

namespace {

constexpr const char* tool_names[] = {"look", "book", "pay"};

std::string effects_of(const std::string& database) { return database + ".effects"; }

/// Unlike any other call's, of this process or another.
std::string new_call_id() {
    static std::atomic<int> last{0};
    return "c" + std::to_string(::getpid()) + "-" + std::to_string(++last);
}

/// The round that the model is in: its calls since the user spoke.
int round_of(const provider_request& request) {
    int round = 0;
    for (auto turn = request.turns.rbegin();
         turn != request.turns.rend() && turn->role != message_role::user; ++turn)
        if (!turn->tool_calls.empty()) ++round;
    return round;
}

const std::string& last_said(const provider_request& request) {
    return std::find_if(request.turns.rbegin(), request.turns.rend(),
                        [](const auto& turn) { return turn.role == message_role::user; })
        ->content;
}

}  // namespace

std::vector<agent_tool> agent_tools() {
    std::vector<agent_tool> list;
    for (const char* name : tool_names) list.push_back({.name = name, .registered = true});
    return list;
}

void register_tools(const gateway& gw, const std::string& database,
                    std::function<void()> on_effect) {
    const auto effects = std::make_shared<witness_file>(effects_of(database));
    for (const std::string name : tool_names) {
        new_tool t;
        t.name = name;
        t.parameters = R"({"type":"object","required":["what"],
                           "properties":{"what":{"type":"string"}}})";
        t.side_effects = name != "look";
        t.idempotent = name == "book";
        t.handler = [=](const tool_call& call) -> result<tool_answer> {
            // {"what":"t0-k17 2"}, or without the round
            const auto what = call.arguments.substr(9, call.arguments.size() - 11);
            const auto round = what.find(' ') == what.npos ? " -1" : "";
            effects->write(what + round + ' ' + call.name + ' ' + call.id);
            if (on_effect) on_effect();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            return tool_answer("did " + what);
        };
        gw.tools().register_tool(std::move(t)).value();
    }
}

int rounds_of(world_key key) { return key.number % 4; }

std::string tool_journal(const std::string& database) { return database + ".tool-journal"; }

new_provider tool_user(const std::string& database) {
    const auto journal = std::make_shared<witness_file>(tool_journal(database));
    new_provider p;
    p.name = tool_user_name;
    p.kind = provider_kind::callback;
    p.default_model = "model";
    p.handler = [journal](const provider_request& request) -> result<provider_reply> {
        const auto& said = last_said(request);
        const auto round = round_of(request);
        journal->write(std::string("0\t") + tool_user_name + "\t\"" + said + "\"\t" +
                       std::to_string(round));
        provider_reply reply;
        reply.tokens = token_usage{.input = 45, .output = 67};
        const auto key = world_key::of_content(said);
        if (!key || round >= rounds_of(*key)) {
            reply.text = "You said: " + said;
            return reply;
        }
        for (const char* name : tool_names)
            reply.tool_calls.push_back(
                {new_call_id(), name,
                 R"({"what":")" + said + ' ' + std::to_string(round) + R"("})"});
        return reply;
    };
    return p;
}

std::vector<effect> read_effects(const std::string& database) {
    std::vector<effect> effects;
    for (const auto& line : witness_file::read(effects_of(database))) {
        std::istringstream fields(line);
        std::string content;
        effect e;
        if (!(fields >> content >> e.round >> e.tool >> e.call_id)) continue;
        if (const auto key = world_key::of_content(content)) {
            e.key = *key;
            effects.push_back(std::move(e));
        }
    }
    return effects;
}

}  // namespace conclave::faults
