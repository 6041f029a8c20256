// Memory of large objects that come and go at a high rate.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONCLAVE_POISON_KEPT_BLOCKS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CONCLAVE_POISON_KEPT_BLOCKS
#endif
#ifdef CONCLAVE_POISON_KEPT_BLOCKS
#include <sanitizer/asan_interface.h>
#endif

namespace conclave {

/// Blocks of one size. What is given back is kept for the next taker, up to a limit: to the general
/// allocator each such block is one to merge with its neighbours and to split again. Thread-safe.
class recycled_blocks {
   public:
    recycled_blocks(std::size_t bytes, std::size_t most_kept)
        : bytes_(bytes), most_kept_(most_kept) {}
    ~recycled_blocks() {
        for (void* block : kept_) {
            make_usable(block);
            ::operator delete(block);
        }
    }
    recycled_blocks(const recycled_blocks&) = delete;
    recycled_blocks& operator=(const recycled_blocks&) = delete;

    void* take() {
        {
            const std::scoped_lock lock(mutex_);
            if (!kept_.empty()) {
                void* const block = kept_.back();
                kept_.pop_back();
                make_usable(block);
                return block;
            }
        }
        return ::operator new(bytes_);
    }
    void give_back(void* block) noexcept {
        {
            const std::scoped_lock lock(mutex_);
            if (kept_.size() < most_kept_ && make_room()) {
                make_unusable(block);
                return kept_.push_back(block);
            }
        }
        ::operator delete(block);
    }
    std::size_t bytes() const { return bytes_; }
    std::size_t kept() const {
        const std::scoped_lock lock(mutex_);
        return kept_.size();
    }

   private:
    bool make_room() noexcept {
        try {
            if (kept_.capacity() == kept_.size()) kept_.reserve(kept_.size() * 2 + 8);
        } catch (const std::bad_alloc&) {
            return false;
        }
        return true;
    }

    // What nobody has taken must not be touched: a sanitizer sees who does.
    void make_usable([[maybe_unused]] void* block) noexcept {
#ifdef CONCLAVE_POISON_KEPT_BLOCKS
        __asan_unpoison_memory_region(block, bytes_);
#endif
    }
    void make_unusable([[maybe_unused]] void* block) noexcept {
#ifdef CONCLAVE_POISON_KEPT_BLOCKS
        __asan_poison_memory_region(block, bytes_);
#endif
    }

    const std::size_t bytes_;
    const std::size_t most_kept_;
    mutable std::mutex mutex_;
    std::vector<void*> kept_;
};

/// For std::allocate_shared, which asks for one object at a time, somewhat larger than its T: any
/// that does not fit a block comes from elsewhere.
template <class T>
class recycling_allocator {
   public:
    using value_type = T;
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

    explicit recycling_allocator(std::shared_ptr<recycled_blocks> blocks)
        : blocks_(std::move(blocks)) {}
    template <class U>
    recycling_allocator(const recycling_allocator<U>& other) : blocks_(other.blocks()) {}

    T* allocate(std::size_t n) {
        return static_cast<T*>(fits(n) ? blocks_->take() : ::operator new(n * sizeof(T)));
    }
    void deallocate(T* block, std::size_t n) noexcept {
        if (fits(n)) return blocks_->give_back(block);
        ::operator delete(block);
    }
    const std::shared_ptr<recycled_blocks>& blocks() const { return blocks_; }

    friend bool operator==(const recycling_allocator& a, const recycling_allocator& b) {
        return a.blocks_ == b.blocks_;
    }

   private:
    bool fits(std::size_t n) const { return n * sizeof(T) <= blocks_->bytes(); }

    std::shared_ptr<recycled_blocks> blocks_;
};

}  // namespace conclave
