// Every way in which a vendor misbehaves, in every dialect, whole and streamed: each ends in the
// right class, in bounded time and memory, with the bill right.
#include "faults/vendor_answers.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace faults;

/// One request of a caller, as the vendor meets it.
struct asking {
    std::uint64_t number = 1;
    std::future<void>* first_text = nullptr;  ///< when the caller of a stream has seen some text
};

struct misbehaviour {
    const char* name;
    void (*answer)(vendor_wire& to, const good_answer& good, const asking& by);
    const char* whole;     ///< the verdict, or several to choose from, separated by " | "
    const char* streamed;  ///< null: the same
    std::int64_t retries = 0;
};

constexpr std::int64_t took_ms_max = 10'000;
constexpr std::size_t memory_bytes_max = std::size_t{MEMORY_MIB_MAX} << 20;

// --- Verdicts that many rows share -------------------------------------------------------------

constexpr auto paid = "ok, billed 0.000224";
constexpr auto paid_by_estimate = "ok, billed about";
constexpr auto broken = "ambiguous NETWORK, exposed";
constexpr auto unreadable = "ambiguous BAD_RESPONSE, exposed";
constexpr auto timed_out = "ambiguous TIMEOUT, exposed";
constexpr auto shown_and_broken = "partial NETWORK, spent about";
constexpr auto shown_and_unreadable = "partial BAD_RESPONSE, spent about";
constexpr auto shown_and_timed_out = "partial TIMEOUT, spent about";

// --- Where an answer stops ---------------------------------------------------------------------

// The answer up to a place; what follows is the business of the row.
void send_head_half(vendor_wire& to, const good_answer& good) {
    to.send(good.head().substr(0, 30));
}

void send_head(vendor_wire& to, const good_answer& good) {
    to.send(good.streams
                ? good.chunked_head()
                : good.head() + "content-length: " + std::to_string(good.body.size()) + "\r\n\r\n");
}

// Of a stream the first piece, of a whole answer half of it.
void send_body_half(vendor_wire& to, const good_answer& good) {
    send_head(to, good);
    to.send(good.streams ? good_answer::chunk(good.body.substr(0, good.shown))
                         : good.body.substr(0, good.body.size() / 2));
}

template <void (*Place)(vendor_wire&, const good_answer&)>
void then_reset(vendor_wire& to, const good_answer& good, const asking& by) {
    Place(to, good);
    if (good.streams && Place == send_body_half) {
        by.first_text->wait();  // what is under way at a reset may be lost
    }
    to.reset();
}

template <void (*Place)(vendor_wire&, const good_answer&)>
void then_close(vendor_wire& to, const good_answer& good, const asking&) {
    Place(to, good);
    to.close();
}

template <void (*Place)(vendor_wire&, const good_answer&)>
void then_half_close(vendor_wire& to, const good_answer& good, const asking&) {
    Place(to, good);
    to.half_close();
    to.wait_for_goodbye();
}

template <void (*Place)(vendor_wire&, const good_answer&)>
void then_stall(vendor_wire& to, const good_answer& good, const asking&) {
    Place(to, good);
    to.wait_for_goodbye();
}

void send_nothing(vendor_wire&, const good_answer&) {}

// --- Framing -----------------------------------------------------------------------------------

template <class Length>
void send_with_length(vendor_wire& to, const good_answer& good, const Length& length) {
    to.send(good.head() + "content-length: " + length + "\r\n\r\n" + good.body);
}

void send_chunked(vendor_wire& to, const good_answer& good, std::string_view size) {
    to.send(good.chunked_head() + std::string(size) + "\r\n" + good.body + "\r\n0\r\n\r\n");
}

// The good answer with `what` in place of `instead_of`, wherever that stands.
std::string replaced(std::string text, const std::string& instead_of, const std::string& what) {
    for (auto at = text.find(instead_of); at != text.npos;
         at = text.find(instead_of, at + what.size())) {
        text.replace(at, instead_of.size(), what);
    }
    return text;
}

void send_replaced(vendor_wire& to, const good_answer& good, const std::string& instead_of,
                   const std::string& what) {
    to.send(good.response(replaced(good.body, instead_of, what)));
}

void send_failure(vendor_wire& to, const good_answer& good, const std::string& headers,
                  std::uint64_t number) {
    if (number > 1) {
        to.send(good.response());
        return;
    }
    to.send("HTTP/1.1 429 Too Many Requests\r\n" + headers + "content-length: 2\r\n\r\n{}");
}

// A stream of such documents, or one of them.
std::string carried(const good_answer& good, const std::string& document) {
    return good.streams ? "data: " + document + "\n\n" : document;
}

using to_wire = vendor_wire&;

const misbehaviour breaks[] = {
    {"reset after the request", then_reset<send_nothing>, broken, broken},
    {"reset in the headers", then_reset<send_head_half>, broken, broken},
    {"reset after the headers", then_reset<send_head>, broken, broken},
    {"reset in the body", then_reset<send_body_half>, broken, shown_and_broken},
    {"close after the request", then_close<send_nothing>, broken, broken},
    {"close in the headers", then_close<send_head_half>, broken, broken},
    {"close after the headers", then_close<send_head>, broken, broken},
    {"close in the body", then_close<send_body_half>, broken, shown_and_broken},
    {"half-close after the request", then_half_close<send_nothing>, broken, broken},
    {"half-close in the headers", then_half_close<send_head_half>, broken, broken},
    {"half-close after the headers", then_half_close<send_head>, broken, broken},
    {"half-close in the body", then_half_close<send_body_half>, broken, shown_and_broken},
    {"stall before the headers", then_stall<send_nothing>, timed_out, timed_out},
    {"stall in the headers", then_stall<send_head_half>, timed_out, timed_out},
    {"stall after the headers", then_stall<send_head>, timed_out, timed_out},
    {"stall in the body", then_stall<send_body_half>, timed_out, shown_and_timed_out},
    {"a byte now and then",
     [](to_wire to, const good_answer& good, const asking&) {
         for (const char byte : good.response()) {
             if (!to.send({&byte, 1}) || to.is_left_within(20)) {
                 return;
             }
         }
     },
     timed_out, timed_out},
    {"a few bytes at a time",
     [](to_wire to, const good_answer& good, const asking&) {
         const auto response = good.response();
         const auto bytes = response.size() / 1'000 + 1;  // few enough for a slow machine
         for (std::size_t at = 0; at < response.size(); at += bytes) {
             to.send(response.substr(at, bytes));
         }
     },
     paid, paid},
};

const misbehaviour framing[] = {
    {"content-length beyond the body, then silence",
     [](to_wire to, const good_answer& good, const asking&) {
         send_with_length(to, good, std::to_string(good.body.size() + 1));
         to.wait_for_goodbye();
     },
     timed_out, paid},
    {"content-length beyond the body, then the end",
     [](to_wire to, const good_answer& good, const asking&) {
         send_with_length(to, good, std::to_string(good.body.size() + 1));
         to.close();
     },
     broken, paid},
    {"content-length within the body",
     [](to_wire to, const good_answer& good, const asking&) {
         const auto cut = good.streams ? good.shown : good.body.size() / 2;
         send_with_length(to, good, std::to_string(cut));
     },
     unreadable, shown_and_unreadable},
    {"content-length of none",
     [](to_wire to, const good_answer& good, const asking&) { send_with_length(to, good, "0"); },
     unreadable, unreadable},
    {"negative content-length",
     [](to_wire to, const good_answer& good, const asking&) { send_with_length(to, good, "-1"); },
     unreadable, unreadable},
    {"content-length beyond 2^64",
     [](to_wire to, const good_answer& good, const asking&) {
         send_with_length(to, good, "99999999999999999999");
     },
     unreadable, unreadable},
    {"two lengths",
     [](to_wire to, const good_answer& good, const asking&) {
         send_with_length(to, good, "3\r\ncontent-length: " + std::to_string(good.body.size()));
     },
     unreadable, unreadable},
    {"no length at all",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.head() + "\r\n" + good.body);
         to.close();
     },
     paid, paid},
    {"chunk size beyond 2^64",
     [](to_wire to, const good_answer& good, const asking&) {
         send_chunked(to, good, "fffffffffffffffff");
     },
     unreadable, unreadable},
    {"chunk size that is no number",
     [](to_wire to, const good_answer& good, const asking&) { send_chunked(to, good, "-5"); },
     unreadable, unreadable},
    {"chunk longer than its size",
     [](to_wire to, const good_answer& good, const asking&) { send_chunked(to, good, "5"); },
     unreadable, unreadable},
    {"no last chunk",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.chunked_head() + good_answer::chunk(good.body));
         to.close();
     },
     broken, paid},
    {"a header of 1 MB",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.head() + "x: " + std::string(1 << 20, 'x') + "\r\n\r\n" + good.body);
     },
     unreadable, unreadable},
    {"10,000 headers",
     [](to_wire to, const good_answer& good, const asking&) {
         auto head = good.head();
         for (int i = 0; i < 10'000; ++i) {
             head += "x: y\r\n";
         }
         to.send(head + "\r\n" + good.body);
     },
     unreadable, unreadable},
    {"not HTTP",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send("220 mail.example ESMTP\r\n" + good.body);
     },
     unreadable, unreadable},
    {"a redirect",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.head("307 Temporary Redirect") +
                 "location: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n");
     },
     "final BAD_RESPONSE, free", "final BAD_RESPONSE, free"},
};

const misbehaviour contents[] = {
    {"a compressed body that would be huge",
     [](to_wire to, const good_answer& good, const asking&) {
         const std::string bomb("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
         to.send(good.head() + "content-encoding: gzip\r\ncontent-length: 1000010\r\n\r\n" + bomb +
                 std::string(1'000'000, '\0'));
     },
     unreadable, unreadable},
    {"invalid UTF-8",
     [](to_wire to, const good_answer& good, const asking&) {
         send_replaced(to, good, "world", "w\xff\xfe");
     },
     unreadable, shown_and_unreadable},
    {"a lone surrogate",
     [](to_wire to, const good_answer& good, const asking&) {
         send_replaced(to, good, "world", "w\\ud800");
     },
     unreadable, shown_and_unreadable},
    {"JSON 10,000 levels deep",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(carried(good, std::string(10'000, '[') + std::string(10'000, ']'))));
     },
     unreadable, unreadable},
    {"a body of 100 MB",
     [](to_wire to, const good_answer& good, const asking&) {
         const std::string block(1 << 20, ' ');
         to.send(good.head() + "content-length: 104857600\r\n\r\n");
         for (int i = 0; i < 100 && to.send(block); ++i) {
         }
     },
     unreadable, unreadable},
    {"a line of 100 MB",
     [](to_wire to, const good_answer& good, const asking&) {
         const std::string block(1 << 20, 'x');
         to.send(good.chunked_head() + good_answer::chunk("data: {\"x\":\""));
         for (int i = 0; i < 100 && to.send(good_answer::chunk(block)); ++i) {
         }
     },
     unreadable, unreadable},
    {"half of a document",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(
             good.body.substr(0, good.streams ? good.shown / 2 : good.body.size() / 2)));
     },
     unreadable, unreadable},
    {"HTML",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response("<html>It works!</html>"));
     },
     unreadable, unreadable},
    {"nothing",
     [](to_wire to, const good_answer& good, const asking&) { to.send(good.response("")); },
     unreadable, unreadable},
    {"no closing signal",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(good.body.substr(0, good.streams ? good.shown : 0)));
     },
     unreadable, shown_and_unreadable},
    {"a 200 with an error",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(good.failure));
     },
     "server_error UPSTREAM_5XX, exposed", "server_error UPSTREAM_5XX, exposed"},
    {"an error in the midst",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(good.body.substr(0, good.shown) + good.failure));
     },
     "server_error UPSTREAM_5XX, exposed", "partial UPSTREAM_5XX, spent about"},
    {"usage missing",
     [](to_wire to, const good_answer& good, const asking&) {
         to.send(good.response(good.without_usage));
     },
     paid_by_estimate, paid_by_estimate},
    {"usage missing at the end",
     [](to_wire to, const good_answer& good, const asking&) {
         const auto last = good.body.rfind(":67");
         const auto usage = good.body.rfind("\"usage", last);
         auto body = good.body;
         to.send(good.response(body.insert(usage + 1, "un")));
     },
     paid_by_estimate, paid_by_estimate},
    {"usage beyond 2^63",
     [](to_wire to, const good_answer& good, const asking&) {
         send_replaced(to, good, ":67", ":99999999999999999999");
     },
     paid_by_estimate, paid_by_estimate},
    {"usage negative",
     [](to_wire to, const good_answer& good, const asking&) {
         send_replaced(to, good, ":67", ":-67");
     },
     paid_by_estimate, paid_by_estimate},
    {"usage absurd",
     [](to_wire to, const good_answer& good, const asking&) {
         send_replaced(to, good, ":67", ":1e300");
     },
     paid_by_estimate, paid_by_estimate},
};

const misbehaviour waits[] = {
    {"retry-after as a date",
     [](to_wire to, const good_answer& good, const asking& by) {
         send_failure(to, good, "retry-after: Fri, 31 Dec 2038 23:59:59 GMT\r\n", by.number);
     },
     "refused, free; ok, billed 0.000224", "refused, free; ok, billed 0.000224", 1},
    {"retry-after negative",
     [](to_wire to, const good_answer& good, const asking& by) {
         send_failure(to, good, "retry-after: -5\r\n", by.number);
     },
     "refused, free; ok, billed 0.000224", "refused, free; ok, billed 0.000224", 1},
    {"retry-after huge",
     [](to_wire to, const good_answer& good, const asking& by) {
         send_failure(to, good, "retry-after: 99999999999999999999\r\n", by.number);
     },
     "refused RATE_LIMITED, free", "refused RATE_LIMITED, free", 1},
    {"retry-after that is no number",
     [](to_wire to, const good_answer& good, const asking& by) {
         send_failure(to, good, "retry-after: soon\r\nretry-after-ms: NaN\r\n", by.number);
     },
     "refused, free; ok, billed 0.000224", "refused, free; ok, billed 0.000224", 1},
};

// --- Running -----------------------------------------------------------------------------------

const std::vector<std::pair<vendor_form, good_answer>>& all_forms() {
    static const auto answers = good_answers();
    return answers;
}

outcome run(const misbehaviour& row, const vendor_form& form, const good_answer& good) {
    std::promise<void> seen;
    auto first_text = seen.get_future();
    misbehaving_vendor vendor([&](vendor_wire& to, const std::string&, std::uint64_t number) {
        row.answer(to, good, {number, &first_text});
    });
    const bool times_out = std::string(row.whole).find("TIMEOUT") != std::string::npos;
    paying_caller caller(form, vendor.base_url(), {times_out ? 500 : 30'000, row.retries});
    return caller.send("key", [&, told = false]() mutable {
        if (!std::exchange(told, true)) {
            seen.set_value();
        }
    });
}

// All forms at once: most of a row is waiting.
void check(const misbehaviour& row) {
    std::vector<std::future<outcome>> running;
    for (const auto& [form, good] : all_forms()) {
        running.push_back(
            std::async(std::launch::async, run, std::cref(row), std::cref(form), std::cref(good)));
    }
    for (std::size_t i = 0; i < running.size(); ++i) {
        const auto& form = all_forms()[i].first;
        const auto got = running[i].get();
        INFO(row.name << ", " << form.name());
        CHECK(got.verdict == std::string(form.streams ? row.streamed : row.whole));
        CHECK(got.error.empty() == (got.verdict.find("ok, billed") != std::string::npos));
        CHECK(got.broken_invariants.empty());
        CHECK(got.took_ms < took_ms_max);
        if (got.error.empty()) {
            CHECK(got.text == "Hello, wide world");
        }
    }
}

struct status_row {
    const char* status;
    const char* verdict;
};

constexpr status_row statuses[] = {
    {"400 Bad Request", "final UPSTREAM_4XX, free"},
    {"401 Unauthorized", "final UPSTREAM_4XX, free"},
    {"402 Payment Required", "final UPSTREAM_4XX, free"},
    {"403 Forbidden", "final UPSTREAM_4XX, free"},
    {"404 Not Found", "final UPSTREAM_4XX, free"},
    {"408 Request Timeout", "ambiguous TIMEOUT, exposed"},
    {"409 Conflict", "refused UPSTREAM_4XX, free"},
    {"413 Content Too Large", "final UPSTREAM_4XX, free"},
    {"418 I'm a teapot", "final UPSTREAM_4XX, free"},
    {"422 Unprocessable Content", "final UPSTREAM_4XX, free"},
    {"429 Too Many Requests", "refused RATE_LIMITED, free"},
    {"500 Internal Server Error", "server_error UPSTREAM_5XX, exposed"},
    {"501 Not Implemented", "final UPSTREAM_5XX, free"},
    {"502 Bad Gateway", "ambiguous UPSTREAM_5XX, exposed"},
    {"503 Service Unavailable", "refused UPSTREAM_5XX, free"},
    {"504 Gateway Timeout", "ambiguous TIMEOUT, exposed"},
    {"520 Web Server Error", "server_error UPSTREAM_5XX, exposed"},
    {"529 Overloaded", "refused UPSTREAM_5XX, free"},
};

// The most this process has had in memory.
std::size_t peak_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            std::size_t kib = 0;
            status >> kib;
            return kib * 1024;
        }
    }
    return 0;
}

}  // namespace

TEST_CASE("a vendor that breaks off") {
    for (const auto& row : breaks) {
        check(row);
    }
}

TEST_CASE("a vendor that cannot count") {
    for (const auto& row : framing) {
        check(row);
    }
}

TEST_CASE("a vendor that talks nonsense") {
    for (const auto& row : contents) {
        check(row);
    }
    CHECK(peak_bytes() < memory_bytes_max);
}

TEST_CASE("a vendor that says no, in words or without") {
    for (const auto& row : statuses) {
        for (const std::string body : {"", "{}", "[]", "<html>No.</html>", "null"}) {
            for (const auto& [form, good] : all_forms()) {
                INFO(row.status << " " << body << ", " << form.name());
                misbehaving_vendor vendor([&, &answer = good](vendor_wire& to, const std::string&,
                                                              std::uint64_t) {
                    to.send(answer.head(row.status) +
                            "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
                });
                const auto got = paying_caller(form, vendor.base_url()).send();
                CHECK(got.verdict == row.verdict);
                CHECK(got.broken_invariants.empty());
            }
        }
    }
}

TEST_CASE("an answer that is left in a connection reaches nobody") {
    for (const auto& [form, good] : all_forms()) {
        INFO(form.name());
        const auto stale = good.response(replaced(good.body, "wide", "stale"));
        std::promise<void> left;
        misbehaving_vendor vendor(
            [&, &answer = good](vendor_wire& to, const std::string&, std::uint64_t number) {
                switch (number) {
                    case 1: to.send(answer.response() + stale); return;
                    case 2: to.send(answer.response() + stale.substr(0, stale.size() / 2)); return;
                    case 3:  // too late for the one who asked
                        to.wait_for_goodbye();
                        to.send(stale);
                        return;
                    case 4:
                        to.send(answer.response());
                        to.is_left_within(20);
                        to.send(stale);
                        left.set_value();
                        return;
                    default: to.send(answer.response()); return;
                }
            });
        paying_caller caller(form, vendor.base_url(), {500, 0});
        for (int i = 1; i <= 6; ++i) {
            INFO("send " << i);
            const auto got = caller.send(std::to_string(i));
            CHECK(got.text == (i == 3 ? "" : "Hello, wide world"));
            CHECK(got.broken_invariants.empty());
            if (i == 4) {
                left.get_future().wait();  // what comes behind a request is its answer
            }
        }
        CHECK(vendor.requests() == 6);
    }
}

TEST_CASE("a vendor that asks to wait") {
    for (const auto& row : waits) {
        check(row);
    }
}

TEST_CASE("a vendor that is not there was not asked") {
    for (const auto& [form, good] : all_forms()) {
        std::string address;
        {
            const misbehaving_vendor gone([](vendor_wire&, const std::string&, std::uint64_t) {});
            address = gone.base_url();
        }
        const auto got = paying_caller(form, address).send();
        INFO(form.name());
        CHECK(got.verdict == "not_sent NETWORK, free");
        CHECK(got.broken_invariants.empty());
    }
}
