// Handles that are numbers: one that was given back is noticed, not followed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace conclave::capi {

/// The objects behind handles of type `Handle*`, found by number. Thread-safe; a lookup keeps its
/// object alive. Across a fork the table is whole in the child: see lock and unlock.
template <class Handle, class T>
class handle_table {
   public:
    Handle* add(std::shared_ptr<T> object) {
        const auto number = next_.fetch_add(1, std::memory_order_relaxed);
        auto& s = shard_of(number);
        const std::scoped_lock lock(s.mutex);
        s.objects.emplace(number, std::move(object));
        return to_handle(number);
    }

    /// Null for a handle that is not in the table.
    std::shared_ptr<T> find(const Handle* handle) {
        const auto number = to_number(handle);
        auto& s = shard_of(number);
        const std::scoped_lock lock(s.mutex);
        const auto found = s.objects.find(number);
        return found == s.objects.end() ? nullptr : found->second;
    }

    /// The same, and the handle is over.
    std::shared_ptr<T> take(const Handle* handle) {
        const auto number = to_number(handle);
        auto& s = shard_of(number);
        const std::scoped_lock lock(s.mutex);
        const auto found = s.objects.find(number);
        if (found == s.objects.end()) return nullptr;
        auto object = std::move(found->second);
        s.objects.erase(found);
        return object;
    }

    /// Before and after a fork, so that no other thread is inside.
    void lock() {
        for (auto& s : shards_) s.mutex.lock();
    }
    void unlock() {
        for (auto& s : shards_) s.mutex.unlock();
    }

   private:
    struct shard {
        std::mutex mutex;
        std::unordered_map<std::uintptr_t, std::shared_ptr<T>> objects;
    };

    shard& shard_of(std::uintptr_t number) { return shards_[number % shards_.size()]; }
    static Handle* to_handle(std::uintptr_t number) { return reinterpret_cast<Handle*>(number); }
    static std::uintptr_t to_number(const Handle* handle) {
        return reinterpret_cast<std::uintptr_t>(handle);
    }

    std::array<shard, 16> shards_;
    // Above what a small number taken for a handle could be.
    std::atomic<std::uintptr_t> next_{0x1000};
};

}  // namespace conclave::capi
