// Lines that are in the file before anything else happens, whoever is killed when.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conclave::faults {

/// Appends whole lines with one write(2) each, from any thread and process.
class witness_file {
   public:
    /// Throws std::runtime_error if the file cannot be opened.
    explicit witness_file(const std::string& path);
    ~witness_file();
    witness_file(const witness_file&) = delete;
    witness_file& operator=(const witness_file&) = delete;

    void write(std::string_view line);

    /// The lines of a file that were written to their end; none if there is no file.
    static std::vector<std::string> read(const std::string& path);

   private:
    int descriptor_;
};

}  // namespace conclave::faults
