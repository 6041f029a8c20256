// JSON values as text.
#include "json/print.hpp"

#include "json/writer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace conclave::json {
namespace {

// Doubles below this hold every integer.
constexpr double exact_integers = 9007199254740992.0;

void write_canonical(writer& out, const value& v);

void write_canonical(writer& out, const object& members) {
    std::vector<const member*> sorted;
    sorted.reserve(members.size());
    for (const auto& m : members) sorted.push_back(&m);
    std::sort(sorted.begin(), sorted.end(),
              [](const member* a, const member* b) { return a->key < b->key; });
    out.begin_object();
    for (const auto* m : sorted) {
        out.key(m->key);
        write_canonical(out, m->value);
    }
    out.end_object();
}

void write_canonical(writer& out, const value& v) {
    if (const auto* members = v.as_object()) {
        write_canonical(out, *members);
    } else if (const auto* items = v.as_array()) {
        out.begin_array();
        for (const auto& item : *items) write_canonical(out, item);
        out.end_array();
    } else if (const auto number = v.as_number(); v.kind() == kind::number &&
                                                  std::trunc(*number) == *number &&
                                                  std::abs(*number) < exact_integers) {
        out.integer(static_cast<std::int64_t>(*number));
    } else {
        out.value(v);
    }
}

}  // namespace

std::string print(const value& v) {
    writer out;
    out.value(v);
    return std::move(out).text();
}

std::string print(const element& e) {
    writer out;
    out.value(e);
    return std::move(out).text();
}

std::string canonical(const value& v) {
    writer out;
    write_canonical(out, v);
    return std::move(out).text();
}

}  // namespace conclave::json
