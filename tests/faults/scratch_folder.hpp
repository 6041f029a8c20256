// A folder of one test run.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace conclave::faults {

/// Removed with its contents in the end, unless something is to be looked at.
class scratch_folder {
   public:
    scratch_folder() {
        auto name = (std::filesystem::temp_directory_path() / "conclave-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder");
        path_ = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return (path_ / name).string(); }
    void keep() { kept_ = true; }

   private:
    std::filesystem::path path_;
    bool kept_ = false;
};

}  // namespace conclave::faults
