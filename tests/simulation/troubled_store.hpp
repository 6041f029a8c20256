// A store on a failing disk: transactions that are not taken, or taken without a word of it.
#pragma once

#include "simulation/scheduler.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace conclave::simulation {

/// Passes everything on, except what chance lets fail while there is trouble. Only the transactions
/// of sends are hit.
class troubled_store final : public store::store {
   public:
    troubled_store(conclave::store::store& inner, scheduler& s, simulated_pool& elsewhere)
        : inner_(inner), scheduler_(s), elsewhere_(elsewhere) {}

    /// One in so many transactions fails; 0: none.
    void set_trouble(std::int64_t one_in) { one_in_ = one_in; }

    void enqueue(conclave::store::shared_command c,
                 completion<result<conclave::store::command_outcome>> done) override {
        if (!is_hit() || !belongs_to_send(*c)) return inner_.enqueue(std::move(c), std::move(done));
        if (scheduler_.chance().one_in(2)) {
            elsewhere_.run([done = std::move(done)]() mutable {
                done(fail(errc::store_busy, "simulated: nothing was written"));
            });
            return;
        }
        inner_.enqueue(std::move(c), [done = std::move(done)](auto) mutable {
            done(fail(errc::store_unavailable, "simulated: the outcome is not known")
                     .with("outcome_unknown", true));
        });
    }
    result<conclave::store::query_answer> answer(const conclave::store::query& q) override {
        if (std::holds_alternative<conclave::store::prepare_send>(q) && is_hit())
            return fail(errc::store_unavailable, "simulated: the state cannot be read");
        return inner_.answer(q);
    }
    result<void> backup(const std::string& path) override { return inner_.backup(path); }
    const owner_ref& self() const override { return inner_.self(); }
    conclave::store::owner_liveness judge(const owner_ref& owner) override {
        return inner_.judge(owner);
    }

   private:
    bool is_hit() { return one_in_ > 0 && scheduler_.chance().one_in(one_in_); }

    static bool belongs_to_send(const conclave::store::command& c) {
        return std::visit(
            [](const auto& one) {
                using type = std::decay_t<decltype(one)>;
                using namespace conclave::store;
                return std::is_same_v<type, claim_send> || std::is_same_v<type, release_calls> ||
                       std::is_same_v<type, settle_send> || std::is_same_v<type, fail_send> ||
                       std::is_same_v<type, record_late_calls> ||
                       std::is_same_v<type, abandon_sends>;
            },
            c);
    }

    conclave::store::store& inner_;
    scheduler& scheduler_;
    simulated_pool& elsewhere_;
    std::int64_t one_in_ = 0;
};

}  // namespace conclave::simulation
