// Writes and reads witnesses.
#include "faults/witness_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace conclave::faults {

witness_file::witness_file(const std::string& path)
    : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) throw std::runtime_error("cannot open " + path);
}

witness_file::~witness_file() { ::close(descriptor_); }

void witness_file::write(std::string_view line) {
    // A kill can cut a write that crosses a page: the next line then begins a line of its own, and
    // the end mark tells a whole line from a torn one.
    std::string bytes = "\n";
    bytes.append(line).append("\t.\n");
    if (::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        std::abort();
}

std::vector<std::string> witness_file::read(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
        if (line.ends_with("\t.")) lines.push_back(line.substr(0, line.size() - 2));
    return lines;
}

}  // namespace conclave::faults
