// One function for each command and query, found by overload.
#pragma once

#include "store/batch.hpp"
#include "store/sql/driver.hpp"
#include "store/store.hpp"

namespace conclave::store {

claim_send::outcome perform(batch& c, const claim_send& t1);
release_calls::outcome perform(batch& c, const release_calls& command);
settle_send::outcome perform(batch& c, const settle_send& t2);
fail_send::outcome perform(batch& c, const fail_send& command);
record_late_calls::outcome perform(batch& c, const record_late_calls& command);
resolve_send::outcome perform(batch& c, const resolve_send& command);
count_replays::outcome perform(batch& c, const count_replays& command);
abandon_sends::outcome perform(batch& c, const abandon_sends& command);
purge_replies::outcome perform(batch& c, const purge_replies& command);
register_owner::outcome perform(batch& c, const register_owner& command);
close_owner::outcome perform(batch& c, const close_owner& command);
create_tenant::outcome perform(batch& c, const create_tenant& command);
update_tenant::outcome perform(batch& c, const update_tenant& command);
create_api_key::outcome perform(batch& c, const create_api_key& command);
revoke_api_key::outcome perform(batch& c, const revoke_api_key& command);
touch_api_key::outcome perform(batch& c, const touch_api_key& command);
create_agent::outcome perform(batch& c, const create_agent& command);
update_agent::outcome perform(batch& c, const update_agent& command);
delete_agent::outcome perform(batch& c, const delete_agent& command);
create_session::outcome perform(batch& c, const create_session& command);
update_session::outcome perform(batch& c, const update_session& command);
set_price::outcome perform(batch& c, const set_price& command);
open_council_session::outcome perform(batch& c, const open_council_session& command);
load_prices::outcome perform(batch& c, const load_prices& command);
begin_embedding::outcome perform(batch& c, const begin_embedding& command);
settle_embedding::outcome perform(batch& c, const settle_embedding& command);

prepare_send::answer find(sql::connection& c, const prepare_send& query);
find_send::answer find(sql::connection& c, const find_send& query);
find_unknown_send::answer find(sql::connection& c, const find_unknown_send& query);
list_unknown_sends::answer find(sql::connection& c, const list_unknown_sends& query);
list_owners::answer find(sql::connection& c, const list_owners& query);
find_tenant::answer find(sql::connection& c, const find_tenant& query);
list_tenants::answer find(sql::connection& c, const list_tenants& query);
list_api_keys::answer find(sql::connection& c, const list_api_keys& query);
find_api_key::answer find(sql::connection& c, const find_api_key& query);
find_agent::answer find(sql::connection& c, const find_agent& query);
list_agents::answer find(sql::connection& c, const list_agents& query);
find_session::answer find(sql::connection& c, const find_session& query);
list_sessions::answer find(sql::connection& c, const list_sessions& query);
read_transcript::answer find(sql::connection& c, const read_transcript& query);
list_prices::answer find(sql::connection& c, const list_prices& query);
read_rollup::answer find(sql::connection& c, const read_rollup& query);
list_usage_events::answer find(sql::connection& c, const list_usage_events& query);
read_spend::answer find(sql::connection& c, const read_spend& query);
check_invariants::answer find(sql::connection& c, const check_invariants& query);
find_council_report::answer find(sql::connection& c, const find_council_report& query);
list_council_reports::answer find(sql::connection& c, const list_council_reports& query);

}  // namespace conclave::store
