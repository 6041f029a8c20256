// Owners.
#include "ledger_fixture.hpp"

using namespace conclave;
using namespace conclave::store;
using namespace conclave::store::test;

TEST_CASE("an owner stays listed while it has sends open", "[store]") {
    ledger l;
    const owner_ref second{"own_2", 42, 4'711, 99};
    l.run(register_owner{second, l.now});
    CHECK(l.ask(list_owners{}).owners == std::vector<owner_ref>{{"own_1", 1, 100, 7}, second});

    const auto t = l.add_tenant();
    auto t1 = l.claim_of(t, l.key());
    t1.owner = "own_2";
    const auto claim = l.claim(t1);
    l.run(close_owner{"own_2", l.now});
    CHECK(l.ask(list_owners{}).owners.size() == 2);
    l.run(l.settle_of(t1, claim));
    l.tamper("INSERT INTO writer_mark (owner, batch) VALUES ('own_2', 5), ('own_1', 6)");
    l.run(close_owner{"own_2", l.now});
    CHECK(l.ask(list_owners{}).owners.size() == 1);
    CHECK(l.number("SELECT count(*) FROM writer_mark") == 1);
}
