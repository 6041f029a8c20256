// A store whose transactions count as activity, for virtual time.
#pragma once

#include "runtime/activity.hpp"
#include "store/store.hpp"

namespace conclave::runtime {

/// Passes everything on. Thread-safe.
class counted_store final : public store::store {
   public:
    counted_store(conclave::store::store& inner, activity& work) : inner_(inner), work_(work) {}

    void enqueue(conclave::store::shared_command c,
                 completion<result<conclave::store::command_outcome>> done) override {
        work_.begin();
        inner_.enqueue(std::move(c), [this, done = std::move(done)](auto outcome) mutable {
            done(std::move(outcome));
            work_.end();
        });
    }
    result<conclave::store::query_answer> answer(const conclave::store::query& q) override {
        return inner_.answer(q);
    }
    result<void> backup(const std::string& path) override { return inner_.backup(path); }
    const owner_ref& self() const override { return inner_.self(); }
    conclave::store::owner_liveness judge(const owner_ref& owner) override {
        return inner_.judge(owner);
    }

   private:
    conclave::store::store& inner_;
    activity& work_;
};

}  // namespace conclave::runtime
