// What C++ reaches with the workload of benchmark.js: one line of JSON.
//
// usage: node_baseline full|process SECONDS
#include "measure.hpp"
#include "workload.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

constexpr int callers = 64;

void run(bool full, double seconds) {
    bench::scratch_folder folder;
    bench::workload sends(folder.file("send.db"), {.sessions = callers, .full = full});
    const auto one = bench::run_callers(1, seconds / 2, [&](int, std::int64_t) { sends.send(0); });
    const auto many =
        bench::run_callers(callers, seconds, [&](int caller, std::int64_t) { sends.send(caller); });
    std::printf(R"({"p50_us":%.1f,"per_second":%.0f,"cpu_us":%.1f})"
                "\n",
                one.each.percentile(0.5), many.per_second, many.cpu_us_each);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: node_baseline full|process SECONDS\n", stderr);
        return 2;
    }
    try {
        run(argv[1] == std::string_view("full"), std::atof(argv[2]));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "node_baseline: %s\n", e.what());
        return 1;
    }
}
