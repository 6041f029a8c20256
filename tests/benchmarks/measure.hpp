// Clocks, percentiles and callers for benchmarks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Microseconds of wall time and of this process's CPU, since some moment.
double wall_us();
double cpu_us();
/// Resident memory of this process in MiB.
double resident_mib();

/// Sorted durations of single operations.
class latencies {
   public:
    void add(double us) {
        us_.push_back(us);
        sorted_ = false;
    }
    void add(const latencies& other);
    /// p from 0 to 1; 0 without samples.
    double percentile(double p) const;
    std::size_t size() const { return us_.size(); }

   private:
    mutable std::vector<double> us_;
    mutable bool sorted_ = false;
};

/// The middle one; `of` is not empty.
double median(std::vector<double> of);

/// A median and how well it is known.
struct known_median {
    double middle = 0;
    double low = 0;  ///< with `high` the 95 % confidence interval, whatever the distribution
    double high = 0;
};

/// By order statistics (Conover, Practical Nonparametric Statistics, 3.2), in the normal
/// approximation: good for twenty or more. `of` is not empty.
known_median median_with_interval(std::vector<double> of);

/// One line: what was measured, its median and its 99th percentile.
void print(const char* what, const latencies& l);

/// What many callers reached together.
struct throughput {
    double per_second = 0;
    double cpu_us_each = 0;
    latencies each;
};

/// Runs `operation(caller, n)` from `callers` threads for about `seconds`.
throughput run_callers(int callers, double seconds,
                       const std::function<void(int caller, std::int64_t n)>& operation);

/// A new folder that is removed in the end.
class scratch_folder {
   public:
    scratch_folder();
    ~scratch_folder();
    std::string file(const std::string& name) const { return path_ + "/" + name; }

   private:
    std::string path_;
};

}  // namespace bench
