// Leads each command and query to its function.
#include "store/repositories.hpp"

#include "store/handlers.hpp"

#include <variant>

namespace conclave::store {

command_outcome apply(batch& c, const command& work) {
    return std::visit(
        [&](const auto& one) {
            using outcome = typename std::decay_t<decltype(one)>::outcome;
            return command_outcome(std::in_place_type<outcome>, perform(c, one));
        },
        work);
}

query_answer answer(sql::connection& c, const query& question) {
    return std::visit(
        [&](const auto& one) {
            using its_answer = typename std::decay_t<decltype(one)>::answer;
            return query_answer(std::in_place_type<its_answer>, find(c, one));
        },
        question);
}

}  // namespace conclave::store
