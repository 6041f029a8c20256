// Reads files.
#include "runtime/text_file.hpp"

#include "base/field.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace conclave::runtime {

result<std::string> read_text_file(const std::string& path, std::string_view field,
                                   std::size_t max_bytes) {
    // A directory opens like a file, and a pipe might never end.
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem)) return invalid(field, "names no file");
    std::ifstream file(path, std::ios::binary);
    std::string text(max_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof() && !file) return invalid(field, "names a file that cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_bytes) return too_large(field, max_bytes);
    return text;
}

}  // namespace conclave::runtime
