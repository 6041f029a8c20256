// Sums of a batch: written once, dropped with what is rolled back.
#include "ledger_fixture.hpp"

#include <limits>

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

namespace {

claim_send::outcome claim_in(batch& all, const claim_send& t1) {
    return std::get<claim_send::outcome>(conclave::store::apply(all, command(t1)));
}

}  // namespace

TEST_CASE("many transactions of a batch change a sum once", "[store]") {
    ledger l;
    const auto a = l.add_tenant("A");
    const auto b = l.add_tenant("B");
    auto second = a;
    second.session = l.add_session(a);

    l.sql().execute("BEGIN");
    batch all(l.sql());
    for (const auto& world : {a, second, b}) {
        const auto t1 = l.claim_of(world, l.key());
        const auto outcome = claim_in(all, t1);
        REQUIRE(outcome.what == claim_send::verdict::claimed);
        conclave::store::apply(all, command(l.settle_of(t1, outcome.claim)));
    }
    CHECK(l.spent(a) == 0);
    CHECK(l.number("SELECT count(*) FROM usage_rollup") == 0);
    all.write_sums();
    CHECK(l.spent(a) == 2 * cost_nano);
    CHECK(l.spent(b) == cost_nano);
    CHECK(l.held(a) == 0);
    CHECK(l.number("SELECT messages FROM usage_rollup WHERE tenant_id = " +
                   ledger::number_of("tenant", a.scope.id().str())) == 2);
    CHECK(l.number("SELECT sum(sessions) FROM usage_session_days WHERE scope = 0") == 3);

    all.write_sums();
    CHECK(l.spent(a) == 2 * cost_nano);
    l.sql().execute("COMMIT");
    CHECK(l.violations() == "");
}

TEST_CASE("what is rolled back leaves no sum and no row number", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    batch all(l.sql());
    l.sql().execute("BEGIN");
    const auto gone = tenant_scope(tenant_id(l.id("tnt")));
    conclave::store::apply(
        all,
        command(create_tenant{{gone.id(), "Gone", tenant_status::active, "{}", "{}", l.now}, {}}));
    REQUIRE(all.row_of(gone) != tenant_row::none);
    REQUIRE(claim_in(all, l.claim_of(t, l.key())).what == claim_send::verdict::claimed);
    l.sql().execute("ROLLBACK");
    all.forget();

    l.sql().execute("BEGIN");
    CHECK(all.row_of(gone) == tenant_row::none);
    all.write_sums();
    l.sql().execute("COMMIT");
    CHECK(l.held(t) == 0);
    CHECK(l.violations() == "");
}

TEST_CASE("rows of tenants are forgotten where they become too many", "[store]") {
    tenant_rows known;
    int last = 0;
    const auto some = [&](std::size_t count) {
        tenant_rows rows;
        for (; count > 0; --count) {
            ++last;
            rows.add("tnt_" + std::to_string(last), tenant_row(last));
        }
        return rows;
    };
    known.merge(some(1));
    known.merge(some(limits::tenant_rows_known - 1));
    CHECK(known.size() == limits::tenant_rows_known);
    CHECK(known.find("tnt_1") == tenant_row(1));
    known.merge(some(1));
    CHECK(known.size() == 1);
    CHECK(known.find("tnt_1") == tenant_row::none);
}

TEST_CASE("a batch takes the rows of tenants from those before it", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto stranger = tenant_scope(tenant_id(l.id("tnt")));
    tenant_rows known;
    known.add(stranger.id().str(), tenant_row(77));
    batch all(l.sql(), {.known = &known});
    CHECK(all.row_of(stranger) == tenant_row(77));
    const auto row = all.row_of(t.scope);
    CHECK(row != tenant_row::none);
    const auto read = all.take_tenants();
    CHECK(read.size() == 1);
    CHECK(read.find(t.scope.id().str()) == row);
}

TEST_CASE("a sum of money that is too large fails the transaction", "[store]") {
    ledger l;
    const auto t = l.add_tenant();
    const auto most = money::from_nano_usd(std::numeric_limits<std::int64_t>::max());
    batch all(l.sql());
    const auto row = all.row_of(t.scope);
    all.add_to_balance(row, most, money());
    CHECK_THROWS_AS(all.add_to_balance(row, money::from_nano_usd(1), money()), sql::failure);
    CHECK_NOTHROW(all.add_to_balance(row, money() - most, most));
    CHECK_THROWS_AS(all.add_to_balance(row, money(), money::from_nano_usd(1)), sql::failure);
}
