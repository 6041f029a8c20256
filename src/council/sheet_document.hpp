// What a JSON document says as a score sheet.
#pragma once

#include "council/sheet_draft.hpp"
#include "json/value.hpp"

namespace conclave::council {

/// All that can be taken from the document: a list under `assessments` or a name like it, a list or
/// object of its own, objects keyed by label, wrapped in other objects or in a text. Only what
/// names its label; nothing is told from an order.
sheet_draft read_sheet_document(const json::value& document, const label_finder& labels);

}  // namespace conclave::council
