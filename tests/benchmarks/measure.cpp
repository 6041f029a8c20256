// Measures.
#include "measure.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace bench {

double wall_us() {
    using namespace std::chrono;
    return duration<double, std::micro>(steady_clock::now().time_since_epoch()).count();
}

double cpu_us() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(use.ru_utime) + us(use.ru_stime);
}

double resident_mib() {
    std::ifstream statm("/proc/self/statm");
    double total = 0;
    double resident = 0;
    statm >> total >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

void latencies::add(const latencies& other) {
    us_.insert(us_.end(), other.us_.begin(), other.us_.end());
    sorted_ = false;
}

double latencies::percentile(double p) const {
    if (us_.empty()) return 0;
    if (!sorted_) std::sort(us_.begin(), us_.end());
    sorted_ = true;
    const auto at = static_cast<std::size_t>(p * static_cast<double>(us_.size() - 1));
    return us_[at];
}

double median(std::vector<double> of) {
    const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
    std::nth_element(of.begin(), middle, of.end());
    return *middle;
}

known_median median_with_interval(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    const auto last = static_cast<double>(of.size() - 1);
    const auto half_width = 1.96 * std::sqrt(static_cast<double>(of.size())) / 2;
    const auto at = [&](double rank) {
        return of[static_cast<std::size_t>(std::clamp(rank, 0.0, last))];
    };
    const auto middle = last / 2;
    return {at(middle), at(std::floor(middle - half_width)), at(std::ceil(middle + half_width))};
}

void print(const char* what, const latencies& l) {
    std::printf("  %-44s p50 %8.1f us   p99 %8.1f us\n", what, l.percentile(0.5),
                l.percentile(0.99));
}

throughput run_callers(int callers, double seconds,
                       const std::function<void(int caller, std::int64_t n)>& operation) {
    std::vector<latencies> each(static_cast<std::size_t>(callers));
    std::vector<std::thread> threads;
    std::atomic<bool> go{false};
    const auto limit_us = seconds * 1e6;
    double began = 0;
    for (int c = 0; c < callers; ++c) {
        threads.emplace_back([&, c] {
            while (!go) std::this_thread::yield();
            const auto until = wall_us() + limit_us;
            for (std::int64_t n = 0; wall_us() < until; ++n) {
                const auto start = wall_us();
                operation(c, n);
                each[static_cast<std::size_t>(c)].add(wall_us() - start);
            }
        });
    }
    const auto cpu = cpu_us();
    began = wall_us();
    go = true;
    for (auto& t : threads) t.join();
    const auto took_us = wall_us() - began;
    throughput t;
    for (const auto& l : each) t.each.add(l);
    const auto done = static_cast<double>(t.each.size());
    t.per_second = done / took_us * 1e6;
    t.cpu_us_each = (cpu_us() - cpu) / done;
    return t;
}

scratch_folder::scratch_folder() {
    // Beside the working directory: a temporary folder may lie in memory, where a sync costs
    // nothing.
    std::string pattern = std::filesystem::current_path().string() + "/benchmark-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    path_ = pattern;
}

scratch_folder::~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace bench
