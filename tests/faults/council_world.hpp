// A council whose models are pure functions, so that anybody can say what must come of it.
#pragma once

#include <conclave/conclave.hpp>

#include <memory>
#include <string>

namespace conclave::faults {

inline constexpr int council_members = 5;
/// Of five members three answers are enough, and three sheets give each answer two scores.
inline constexpr int council_quorum = 3;

/// What survives every kill.
struct council_world {
    std::string database;
    std::string journal;
    std::string tenant;
    std::string session;
    bool strict = false;

    /// With the models, who write down what they hear before they answer.
    gateway open() const;
    result<reply> ask(const gateway& gw, int number) const;
    /// In a gateway of its own: tenant, agent and session.
    void found();
};

/// The user's message: "This is question 17."
std::string question_text(int number);

/// What the member 1 to 5 says to a prompt. A better answer comes from a higher number, and all
/// critics see that.
provider_reply say(int member, const provider_request& prompt);

/// What a turn gives that nothing disturbs: the best member improves its own answer.
std::string undisturbed_text(int number);

/// A line of the journal: "17 critique 4".
std::string journal_line(int number, const std::string& stage, int member);

}  // namespace conclave::faults
