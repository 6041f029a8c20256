// Which rows tenants have, as far as they were read.
#pragma once

#include "base/limits.hpp"
#include "store/row_numbers.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace conclave::store {

/// A tenant keeps its row for ever, so what a committed transaction read stays true.
class tenant_rows {
   public:
    /// `none` if it is not known.
    tenant_row find(std::string_view tenant) const {
        const auto found = rows_.find(tenant);
        return found == rows_.end() ? tenant_row::none : found->second;
    }
    void add(std::string tenant, tenant_row row) { rows_.emplace(std::move(tenant), row); }
    /// Adds others; where that would be too many, forgets what was known first.
    void merge(tenant_rows others) {
        if (size() + others.size() > limits::tenant_rows_known) rows_.clear();
        rows_.merge(others.rows_);
    }
    std::size_t size() const { return rows_.size(); }

   private:
    std::map<std::string, tenant_row, std::less<>> rows_;
};

}  // namespace conclave::store
