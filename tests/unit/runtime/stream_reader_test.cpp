// One consumer: its pulls are served once each, also from several threads, also after its call.
#include "runtime/stream_reader.hpp"

#include "base/limits.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace conclave;
using namespace conclave::runtime;

namespace {

using giver = stream_reader::giver;

struct pulled {
    stream_reader::taker taker() {
        return [this](const std::optional<stream_event>& e) {
            ++served;
            if (e) texts.push_back(e->text.empty() ? e->id : e->text);
        };
    }
    int served = 0;
    std::vector<std::string> texts;
};

void run_at_once(stream_reader::taker take, std::optional<stream_event>&& event, giver) {
    take(std::move(event));
}

result<reply> an_end() { return fail(errc::cancelled, "the end"); }

std::shared_ptr<shared_log> a_log() { return std::make_shared<shared_log>(0); }

void add(shared_log& log, std::string_view text) {
    log.with([&](auto& l) { l.add_text(text); });
}

}  // namespace

TEST_CASE("pulls wait for events in their order", "[reader]") {
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    pulled p;
    for (int i = 0; i < 3; ++i) reader.pull(p.taker());
    CHECK(p.served == 0);
    const auto log = a_log();
    reader.show(log, false);
    CHECK(p.served == 1);  // started
    add(*log, "one");
    reader.show(log, false);
    add(*log, "two");
    reader.show(log, false);
    CHECK(p.texts == std::vector<std::string>{"0.0.0", "one", "two"});
    reader.show(log, false);
    CHECK(p.served == 3);
}

TEST_CASE("the courier hears within which call an event is handed over", "[reader]") {
    std::vector<giver> by;
    const auto note = [&by](stream_reader::taker take, std::optional<stream_event>&& event,
                            giver who) {
        by.push_back(who);
        take(std::move(event));
    };
    stream_reader reader(request_id("req_1"), {}, note);
    pulled p;
    reader.pull(p.taker());
    const auto log = a_log();
    reader.show(log, false);
    add(*log, "waits");
    reader.pull(p.taker());
    reader.pull(p.taker());
    add(*log, "comes");
    reader.show(log, false);
    reader.pull(p.taker());
    reader.end(an_end());
    stream_reader closed(request_id("req_2"), {}, note);
    closed.pull(p.taker());
    closed.close();
    CHECK(by ==
          std::vector{giver::send, giver::consumer, giver::send, giver::end, giver::consumer});
    CHECK(p.served == 5);
}

TEST_CASE("after the last event pulls get nothing", "[reader]") {
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    const auto log = a_log();
    reader.show(log, false);
    add(*log, "seen");
    reader.end(an_end());
    add(*log, " by others");
    std::vector<stream_event> events;
    while (auto e = reader.next()) events.push_back(*std::move(e));
    REQUIRE(events.size() == 3);
    CHECK(events[1].text == "seen");
    CHECK(events[2].error->code == errc::cancelled);
    pulled p;
    reader.pull(p.taker());
    CHECK(p.served == 1);
    CHECK(p.texts.empty());
    CHECK(log.use_count() == 1);  // let go of
}

TEST_CASE("an end without a log is one event", "[reader]") {
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    pulled p;
    reader.pull(p.taker());
    reader.pull(p.taker());
    reader.end(an_end());
    CHECK(p.served == 2);
    CHECK(p.texts == std::vector<std::string>{"0.0.0"});
}

TEST_CASE("a consumer that closes gets nothing more", "[reader]") {
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    const auto log = a_log();
    reader.show(log, false);
    pulled p;
    for (int i = 0; i < 2; ++i) reader.pull(p.taker());
    reader.close();
    CHECK(p.served == 2);
    CHECK(p.texts.size() == 1);
    add(*log, "unseen");
    reader.show(log, false);
    reader.end(an_end());
    CHECK_FALSE(reader.next());
    CHECK(log.use_count() == 1);
}

TEST_CASE("one pull more than may wait gets an error, and the others their events", "[reader]") {
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    pulled p;
    for (std::size_t i = 0; i < limits::stream_pulls; ++i) reader.pull(p.taker());
    CHECK(p.served == 0);
    std::optional<stream_event> refused;
    reader.pull([&](std::optional<stream_event> e) { refused = std::move(e); });
    REQUIRE(refused);
    REQUIRE(refused->error);
    CHECK(refused->error->code == errc::store_busy);
    CHECK(p.served == 0);
    reader.end(an_end());
    CHECK(p.served == static_cast<int>(limits::stream_pulls));
    CHECK(p.texts == std::vector<std::string>{"0.0.0"});
}

TEST_CASE("a consumer may close from within an event while more pulls wait", "[reader]") {
    std::function<void()> on_first;
    stream_reader reader(
        request_id("req_1"), {},
        [&](stream_reader::taker take, std::optional<stream_event>&& event, giver) {
            take(std::move(event));
            if (const auto close = std::exchange(on_first, nullptr)) close();
        });
    on_first = [&] { reader.close(); };
    pulled p;
    for (int i = 0; i < 3; ++i) reader.pull(p.taker());
    reader.show(a_log(), false);
    CHECK(p.served == 3);
    CHECK(p.texts.size() == 1);
}

TEST_CASE("a waiting thread is woken by text, by the end and by close", "[reader]") {
    const auto log = a_log();
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    std::atomic<int> events{0};
    const auto wait = [&] {
        while (reader.next()) ++events;
    };
    std::thread first(wait);
    std::thread second(wait);
    reader.show(log, false);
    for (int i = 0; i < 1'000; ++i) {
        add(*log, "x");
        reader.show(log, false);
    }
    reader.end(an_end());
    first.join();
    second.join();
    CHECK(events >= 3);
    CHECK(events <= 1'002);

    stream_reader idle(request_id("req_2"), {}, run_at_once);
    std::thread waiting([&] { CHECK_FALSE(idle.next()); });
    idle.close();
    waiting.join();
}

TEST_CASE("takers that pull again share the text with a waiting thread", "[reader]") {
    const auto log = a_log();
    stream_reader reader(request_id("req_1"), {}, run_at_once);
    std::atomic<std::size_t> bytes{0};
    std::atomic<int> last_ones{0};
    std::atomic<int> over{0};
    const auto see = [&](const std::optional<stream_event>& e) {
        if (!e) return false;
        bytes += e->text.size();
        last_ones += e->error ? 1 : 0;
        return true;
    };
    std::function<void()> pull = [&] {
        reader.pull([&](const std::optional<stream_event>& e) { see(e) ? pull() : void(++over); });
    };
    pull();
    std::thread puller(pull);
    std::thread waiter([&] {
        while (see(reader.next())) {
        }
        ++over;
    });
    reader.show(log, false);
    for (int i = 0; i < 1'000; ++i) {
        add(*log, "x");
        reader.show(log, false);
    }
    reader.end(an_end());
    puller.join();
    waiter.join();
    CHECK(bytes == 1'000);
    CHECK(last_ones == 1);
    CHECK(over == 3);
}
