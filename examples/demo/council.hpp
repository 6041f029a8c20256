// A council at work, as one can watch it in a terminal.
#pragma once

#include <conclave/conclave.hpp>

namespace demo {

/// Three models that live in this process, each with its own opinion and its own pace.
void add_council_models(const conclave::gateway& gw);

/// Asks them and prints what happens when it happens: answers, scores, winner, synthesis, costs.
/// False if it did not end as it should.
bool watch_council(conclave::tenant tenant);

}  // namespace demo
