// Random bytes, few and many, and across a fork.
#include "crypto/random.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace conclave;

namespace {

std::string draw(random_source& random, std::size_t bytes) {
    std::string drawn(bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(drawn)));
    return drawn;
}

}  // namespace

TEST_CASE("few bytes and many are never the same twice", "[crypto]") {
    crypto::system_random random;
    // Far more than a stock, which sizes that do not divide it leave unused at its end.
    for (const std::size_t bytes : {8, 10, 11, 600}) {
        std::set<std::string> drawn;
        for (int i = 0; i < 500; ++i) drawn.insert(draw(random, bytes));
        CHECK(drawn.size() == 500);
    }
    CHECK(draw(random, 0).empty());

    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 1'000; ++i) numbers.insert(random.next());
    CHECK(numbers.size() == 1'000);
}

TEST_CASE("every byte that is given is random", "[crypto]") {
    crypto::system_random random;
    for (const std::size_t bytes : {8, 10, 11}) {
        std::vector<std::set<char>> seen(bytes);
        for (int i = 0; i < 200; ++i) {
            const auto drawn = draw(random, bytes);
            for (std::size_t at = 0; at < bytes; ++at) seen[at].insert(drawn[at]);
        }
        // 200 draws of 256 values give some 139.
        for (const auto& values : seen) CHECK(values.size() > 64);
    }
}

TEST_CASE("a forked child does not repeat its parent's bytes", "[crypto]") {
    crypto::system_random random;
    (void)draw(random, 10);  // now there is a stock
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::string drawn;
        try {
            drawn = draw(random, 10);
        } catch (const std::exception&) {
            ::_exit(2);
        }
        ::_exit(::write(ends[1], drawn.data(), 10) == 10 ? 0 : 1);
    }
    ::close(ends[1]);
    std::string theirs(10, '\0');
    CHECK(::read(ends[0], theirs.data(), theirs.size()) == 10);
    ::close(ends[0]);
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(draw(random, 10) != theirs);
}

TEST_CASE("threads never get the same bytes", "[crypto]") {
    crypto::system_random random;
    std::vector<std::vector<std::string>> given(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : given)
            threads.emplace_back([&random, &mine] {
                for (int i = 0; i < 5'000; ++i) mine.push_back(draw(random, 10));
            });
    }
    std::set<std::string> all;
    for (const auto& mine : given) all.insert(mine.begin(), mine.end());
    CHECK(all.size() == 20'000);
}
