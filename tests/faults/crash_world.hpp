// What all crash tests share: two tenants, their sessions, and which message a key stands for.
#pragma once

#include <conclave/conclave.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::faults {

inline constexpr int world_tenants = 2;

/// A key of one tenant. Both tenants use the same key texts for different messages.
struct world_key {
    int tenant = 0;
    int number = 0;

    auto operator<=>(const world_key&) const = default;

    /// The user's message, unlike any other key's: "t0-k17".
    std::string content() const;
    /// "key-17".
    std::string text() const;
    static std::optional<world_key> of_content(std::string_view content);
};

/// What survives every crash because it was written before the first one.
struct crash_world {
    std::string database;
    std::string vendors;  ///< origin of the vendor simulator; empty: `callback_vendors`
    bool strict = false;
    bool full_durability = false;
    bool tools = false;  ///< every third session has an agent with the tools of tool_world
    /// The vendors are those of the four protocols, and all agents have these tools.
    bool protocols = false;
    std::array<tenant_id, world_tenants> tenants;
    std::array<std::vector<session_id>, world_tenants> sessions;

    void save(const std::string& file) const;
    static crash_world load(const std::string& file);

    /// Without providers if there is no simulator.
    open_options options() const;
    send_request request(world_key key) const;
    message_operations messages(const gateway& gw, world_key key) const;

    /// What hosts do before their first send: registers the tools, if there are any. `on_effect`
    /// is called whenever a tool has had its effect.
    void equip(const gateway& gw, std::function<void()> on_effect = {}) const;

    /// Creates tenants, agents, sessions and prices in an open store.
    void found(gateway& gw, int sessions_per_tenant);

   private:
    std::vector<agent_id> create_agents(const tenant& owner) const;
};

/// Vendors inside the process that write a journal in the simulator's format before they answer.
/// One in `trouble_every` calls fails, as its number decides; 0: none.
std::vector<new_provider> callback_vendors(const std::string& journal_file, int trouble_every);

}  // namespace conclave::faults
