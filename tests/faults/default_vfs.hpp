// Makes a VFS the one that every gateway of the process opens its files with.
#pragma once

#include <string>

namespace conclave::faults {

/// Until its end; no gateway may be open then. The VFS must outlive it.
class default_vfs {
   public:
    explicit default_vfs(const std::string& name);
    ~default_vfs();
    default_vfs(const default_vfs&) = delete;
    default_vfs& operator=(const default_vfs&) = delete;

   private:
    void* before_;
};

}  // namespace conclave::faults
