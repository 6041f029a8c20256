// What C++ reaches with the workload of benchmark.js: one line of JSON. As there, a quarter of the
// time passes before it is measured: a new store's log still grows.
//
// usage: node_baseline full|process SECONDS [CALLERS]
#include "measure.hpp"
#include "workload.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace {

void run(bool full, double seconds, int callers) {
    bench::scratch_folder folder;
    bench::workload sends(folder.file("send.db"), {.sessions = callers, .full = full});
    const auto send = [&](int caller, std::int64_t) { sends.send(caller); };
    bench::run_callers(callers, seconds / 4, send);
    const auto all = bench::run_callers(callers, seconds * 3 / 4, send);
    std::printf(R"({"p50_us":%.1f,"per_second":%.0f,"cpu_us":%.1f})"
                "\n",
                all.each.percentile(0.5), all.per_second, all.cpu_us_each);
}

}  // namespace

int main(int argc, char** argv) {
    const int callers = argc == 4 ? std::atoi(argv[3]) : 64;
    if (argc < 3 || argc > 4 || callers < 1) {
        std::fputs("usage: node_baseline full|process SECONDS [CALLERS]\n", stderr);
        return 2;
    }
    try {
        run(argv[1] == std::string_view("full"), std::atof(argv[2]), callers);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "node_baseline: %s\n", e.what());
        return 1;
    }
}
