// Keeps the number where a fork does not: in a page that the child finds empty.
#include "base/process.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

namespace conclave {

namespace {

using known_number = std::atomic<pid_t>;

/// Asked for a whole page: the kernel rounds up.
constexpr std::size_t size = sizeof(known_number);

/// Stands for the page where the kernel has none.
known_number none{0};

/// madvise(2), MADV_WIPEONFORK, since Linux 4.14. Emulators are known that take any advice and
/// follow none: who takes an advice that does not exist is not trusted.
bool wipe_on_fork(void* page) noexcept {
    return ::madvise(page, size, -1) != 0 && ::madvise(page, size, MADV_WIPEONFORK) == 0;
}

known_number* map_number() noexcept {
    void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return &none;
    if (wipe_on_fork(page)) return static_cast<known_number*>(page);
    ::munmap(page, size);
    return &none;
}

/// Without a lock, which a fork would leave held in the child: the first of several pages counts.
known_number& number() noexcept {
    static std::atomic<known_number*> first{nullptr};
    if (auto* known = first.load(std::memory_order_acquire)) return *known;
    auto* mine = map_number();
    known_number* other = nullptr;
    if (first.compare_exchange_strong(other, mine)) return *mine;
    if (mine != &none) ::munmap(mine, size);
    return *other;
}

}  // namespace

std::int64_t current_process() noexcept {
    auto& known = number();
    if (&known == &none) return ::getpid();
    auto process = known.load(std::memory_order_relaxed);
    if (process == 0) known.store(process = ::getpid(), std::memory_order_relaxed);
    return process;
}

}  // namespace conclave
