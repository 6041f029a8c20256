// Finds the version of a price that is in force.
#include "metering/price_book.hpp"

#include <chrono>
#include <iterator>

namespace conclave::metering {

void price_book::add(const price_entry& entry) {
    auto& versions = providers_[entry.provider][entry.model];
    versions.try_emplace({entry.effective_from, entry.id}, entry);
}

const price_entry* price_book::find(std::string_view provider, std::string_view model,
                                    timestamp at) const {
    const auto of_provider = providers_.find(provider);
    if (of_provider == providers_.end()) return nullptr;
    const auto& models = of_provider->second;
    for (const auto name : {model, std::string_view("*")}) {
        const auto of_model = models.find(name);
        if (of_model == models.end()) continue;
        const auto& versions = of_model->second;
        const auto later = versions.lower_bound({at + std::chrono::milliseconds{1}, price_id{}});
        if (later != versions.begin()) return &std::prev(later)->second;
    }
    return nullptr;
}

}  // namespace conclave::metering
