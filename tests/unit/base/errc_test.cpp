// The error table as it was promised: names, numbers, HTTP statuses and who may try again.
#include <conclave/errc.hpp>

#include <catch2/catch.hpp>

#include <iterator>
#include <string_view>

using conclave::errc;

namespace {

struct promised {
    int number;
    std::string_view name;
    int http_status;
    bool retryable;
};

// Written by hand on purpose: a changed number or status breaks clients in four languages.
constexpr promised table[] = {
    {1, "VALIDATION_ERROR", 400, false},
    {2, "UNAUTHORIZED", 401, false},
    {3, "API_KEY_REVOKED", 401, false},
    {4, "API_KEY_EXPIRED", 401, false},
    {5, "FORBIDDEN", 403, false},
    {6, "TENANT_SUSPENDED", 403, false},
    {7, "AGENT_NOT_FOUND", 404, false},
    {8, "RESOURCE_NOT_FOUND", 404, false},
    {9, "CONFLICT", 409, false},
    {10, "SESSION_CLOSED", 409, false},
    {11, "IDEMPOTENCY_KEY_REQUIRED", 400, false},
    {12, "IDEMPOTENCY_KEY_INVALID", 400, false},
    {13, "IDEMPOTENCY_KEY_REUSED", 422, false},
    {14, "IDEMPOTENCY_IN_PROGRESS", 409, true},
    {15, "IDEMPOTENCY_KEY_EXPIRED", 410, false},
    {16, "OUTCOME_UNKNOWN", 502, false},
    {17, "RATE_LIMITED", 429, true},
    {18, "QUOTA_EXCEEDED", 429, false},
    {19, "BUDGET_EXCEEDED", 402, false},
    {20, "PAYLOAD_TOO_LARGE", 413, false},
    {21, "PROVIDER_REJECTED", 502, false},
    {22, "ALL_PROVIDERS_FAILED", 503, true},
    {23, "COUNCIL_QUORUM_FAILED", 503, true},
    {24, "TOOL_FAILED", 502, false},
    {25, "DEADLINE_EXCEEDED", 504, true},
    {26, "CANCELLED", 499, false},
    {27, "STORE_BUSY", 503, true},
    {28, "STORE_UNAVAILABLE", 503, true},
    {29, "STORE_CORRUPT", 500, false},
    {30, "STORE_SCHEMA_NEWER", 500, false},
    {31, "ENCRYPTION_KEY_UNAVAILABLE", 500, false},
    {32, "DECRYPTION_FAILED", 500, false},
    {33, "HANDLE_CLOSED", 500, false},
    {34, "HANDLE_FORKED", 500, false},
    {35, "UNSUPPORTED", 501, false},
    {36, "OUT_OF_MEMORY", 503, true},
    {37, "INTERNAL_ERROR", 500, false},
};

}  // namespace

TEST_CASE("the error table keeps its promises", "[errc]") {
    for (const promised& row : table) {
        const auto code = static_cast<errc>(row.number);
        CAPTURE(row.name);
        CHECK(conclave::to_string(code) == row.name);
        CHECK(conclave::http_status(code) == row.http_status);
        CHECK(conclave::retryable(code) == row.retryable);
        CHECK(conclave::sentence(code).ends_with('.'));
    }
}

TEST_CASE("a final idempotency error is never 409, which clients retry", "[errc]") {
    for (const promised& row : table) {
        if (row.name.starts_with("IDEMPOTENCY") && !row.retryable) {
            CAPTURE(row.name);
            CHECK(conclave::http_status(static_cast<errc>(row.number)) != 409);
        }
    }
}

TEST_CASE("a number outside the table is an internal error", "[errc]") {
    for (const int number : {-1, 0, static_cast<int>(std::size(table)) + 1}) {
        CAPTURE(number);
        CHECK(conclave::to_string(static_cast<errc>(number)) == "INTERNAL_ERROR");
        CHECK(conclave::http_status(static_cast<errc>(number)) == 500);
        CHECK_FALSE(conclave::retryable(static_cast<errc>(number)));
    }
}
