// A layer over SQLite's access to files, for tests: it fails chosen calls, and it cuts the power.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace conclave::faults {

enum class io_call {
    open,
    read,
    write,
    truncate,
    sync,
    file_size,
    remove,
    access,
    shm_map,
    shm_lock
};

/// Which calls fail, and how.
struct io_fault {
    std::int64_t nth = 1;              ///< among the calls that match, from 1
    bool for_ever = false;             ///< all later ones too
    std::optional<io_call> only = {};  ///< absent: every kind matches
    std::string path_end = {};         ///< of the file, for example "-wal"
    std::optional<int> code = {};      ///< absent: SQLite's I/O error of that kind
};

/// Registers itself with SQLite under its name, over the default VFS; closing all connections comes
/// before its end. Records what each file holds for certain and what was written since its last
/// sync, so that a loss of power can be played at any point. The files of one fault_vfs lie in one
/// folder. Shared memory (-shm) is not recorded: it does not outlive a machine. Thread-safe.
class fault_vfs {
   public:
    explicit fault_vfs(std::string name);
    ~fault_vfs();
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;

    const std::string& name() const;

    /// From now on counts the calls that match and fails the chosen ones, until heal().
    void fail(io_fault fault);
    void heal();
    /// Calls that matched since fail().
    std::int64_t matched() const;
    /// Calls that were made to fail since fail().
    std::int64_t failed() const;

    /// Cuts the power at the n-th call from now that changes a file or syncs one: that call and all
    /// after it fail, and a write so hit may be on the disk in part.
    void cut_power_at(std::int64_t nth);
    bool power_is_off() const;
    /// Changing calls since the last cut_power_at().
    std::int64_t changes() const;

    /// Writes the files into `folder` as the disk might hold them after the power went: what was
    /// synced is there; of the rest every sector, file name, deletion and truncation was kept or
    /// lost as the seed decides. Call it once per seed for as many outcomes.
    void materialise(const std::filesystem::path& folder, std::uint64_t seed) const;

    class state;

   private:
    std::unique_ptr<state> state_;
};

}  // namespace conclave::faults
