// A send driver with a store that is answered by hand.
#pragma once

#include "runtime/send_driver.hpp"
#include "simulation/dice.hpp"
#include "unit/messaging/send_fixture.hpp"
#include "unit/runtime/hand_driven.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace conclave::runtime::test {

/// Answers queries from its members; transactions wait until they are answered.
class hand_run_store final : public store::store {
   public:
    void enqueue(conclave::store::shared_command c,
                 completion<result<conclave::store::command_outcome>> done) override {
        waiting_.push_back({std::move(c), std::move(done)});
    }
    result<conclave::store::query_answer> answer(const conclave::store::query& q) override {
        if (std::holds_alternative<conclave::store::list_prices>(q)) {
            ++price_reads;
            return conclave::store::query_answer(conclave::store::list_prices::answer{{}, 5});
        }
        REQUIRE(std::holds_alternative<conclave::store::prepare_send>(q));
        ++reads;
        return conclave::store::query_answer(state);
    }
    result<void> backup(const std::string&) override { return {}; }
    const owner_ref& self() const override { return self_; }
    conclave::store::owner_liveness judge(const owner_ref&) override {
        return conclave::store::owner_liveness::alive;
    }

    std::size_t waiting() const { return waiting_.size(); }
    /// Answers the oldest waiting transaction, which must be of this kind, and returns it.
    template <class Command>
    Command answer_next(typename Command::outcome outcome) {
        REQUIRE_FALSE(waiting_.empty());
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        REQUIRE(std::holds_alternative<Command>(*next.command));
        next.done(conclave::store::command_outcome(std::move(outcome)));
        return std::get<Command>(*next.command);
    }

    /// Fails the oldest waiting transaction.
    void refuse_next(error why) {
        REQUIRE_FALSE(waiting_.empty());
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        next.done(std::move(why));
    }

    conclave::store::prepare_send::answer state;  ///< of every key
    int reads = 0;
    int price_reads = 0;

   private:
    struct entry {
        conclave::store::shared_command command;
        completion<result<conclave::store::command_outcome>> done;
    };
    std::deque<entry> waiting_;
    const owner_ref self_{messaging::test::self, 1, 10, 100};
};

/// What one caller was told.
struct caller {
    std::vector<result<reply>> told;

    const result<reply>& only() const {
        REQUIRE(told.size() == 1);
        return told.front();
    }
    errc code() const {
        REQUIRE_FALSE(only());
        return only().error().code;
    }
};

inline messaging::send_order order_of(std::string key, std::string content = "Hello") {
    auto r = messaging::test::a_request();
    r.idempotency_key = std::move(key);
    r.content = std::move(content);
    return messaging::test::an_order(std::move(r));
}

/// One provider, a function that answers "Hi" when the pool of handlers is run.
struct driven : hand_driven {
    driven() {
        store.state = messaging::test::hand_fed().fresh();
        new_provider p{.name = "vendorA", .kind = provider_kind::callback};
        p.handler = [](const provider_request&) { return provider_reply{"Hi"}; };
        desk.add(prepare_provider(std::move(p)).value());
    }

    send_driver::ticket start(caller& c, messaging::send_order order = order_of("key-1"),
                              std::optional<std::int64_t> deadline_ms = {}) {
        driver.start(++last, std::move(order), nullptr, deadline_ms,
                     [&c](result<reply> r) { c.told.push_back(std::move(r)); });
        return last;
    }
    /// Lets the state of the next send be read.
    void read() {
        readers.run_one();
        run();
    }
    store::claim_send claim(std::string send = "snd_1") {
        store::claim_send::outcome o;
        o.claim = {std::move(send), 1, 1, 0};
        auto t1 = store.answer_next<store::claim_send>(std::move(o));
        run();
        return t1;
    }
    void answer() {
        handlers.run_one();
        run();
    }
    store::settle_send settle() {
        auto t2 = store.answer_next<store::settle_send>({.reply_seq = 2});
        run();
        return t2;
    }
    void bring_to_call() {
        read();
        claim();
    }
    void finish() {
        answer();
        settle();
    }

    simulation::seeded_random random{1};
    id_source ids{time, random};
    hand_run_store store;
    hand_run_pool readers;
    calls::breaker_board breakers;
    council::latency_book latencies;
    messaging::configuration config = messaging::test::a_configuration();
    provider_desk desk{{tasks, time, handlers, network}};
    tool_desk tools{{tasks, time, handlers}};
    send_driver driver{
        {tasks, time, random, ids, store, readers, desk, tools, breakers, config, latencies}};
    send_driver::ticket last = 0;
};

}  // namespace conclave::runtime::test
