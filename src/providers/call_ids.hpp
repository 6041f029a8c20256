// Ids of tool calls in the forms that vendors insist on.
#pragma once

#include <string>
#include <string_view>

namespace conclave::providers {

/// The id as a vendor takes it: itself where it has the form, else another that stands for it, the
/// same each time. `form` is that of `parameter::call_ids`: `alphanumeric_9`, nine letters or
/// digits; any other takes all ids. Pure.
std::string call_id_in(std::string_view form, const std::string& id);

}  // namespace conclave::providers
