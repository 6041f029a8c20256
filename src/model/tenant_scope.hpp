// The only way to reach a tenant's data.
#pragma once

#include <conclave/id.hpp>

#include <utility>

namespace conclave {

/// Every transaction and query on tenant data begins with one. It cannot be made by accident: a
/// statement without a tenant does not compile.
class tenant_scope {
   public:
    explicit tenant_scope(tenant_id id) : id_(std::move(id)) {}
    const tenant_id& id() const noexcept { return id_; }

   private:
    tenant_id id_;
};

}  // namespace conclave
