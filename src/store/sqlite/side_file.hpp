// The file beside the database whose byte-range locks order the writers and show who lives.
#pragma once

#include <conclave/result.hpp>

#include "base/random_source.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace conclave::store::sqlite {

/// One descriptor per process and file, shared by all engines on it and closed by the last one:
/// closing any descriptor of a file drops all locks that the process has on it. The file is empty;
/// the kernel releases the locks of a process that ends, however it ends. A forked child inherits
/// no lock and must open its own side_file. Thread-safe.
class side_file {
   public:
    class handle;

    /// Opens or creates the file with the permissions `mode`. STORE_UNAVAILABLE if that fails;
    /// HANDLE_FORKED if the parent process had it open when it forked: SQLite, too, keeps the
    /// locks of a database in memory, where the child's copy is no longer true.
    static result<handle> open(const std::string& path, ::mode_t mode);

    side_file(const side_file&) = delete;
    side_file& operator=(const side_file&) = delete;

    /// Waits for the right to write, in the order of arrival among all processes, at most
    /// `timeout`. Alone it costs two system calls, and a third to unlock. False: time out, or the
    /// system refused.
    bool lock_writer(std::chrono::milliseconds timeout);
    void unlock_writer();

    /// Takes a byte that no other process holds and keeps it until release_owner. Gives its offset.
    result<std::int64_t> hold_owner(const std::string& id, random_source& random);
    void release_owner(const std::string& id, std::int64_t offset);

    enum class holder { other_process, live_here, ended_here, nobody_known };
    /// Who holds the byte of an owner.
    holder find_holder(const std::string& id, std::int64_t offset) const;

   private:
    friend class handle;
    explicit side_file(int descriptor) : descriptor_(descriptor) {}
    ~side_file();

    bool wait_in_line(std::chrono::steady_clock::time_point deadline);

    const int descriptor_;
    std::mutex writer_;  // byte-range locks do not exclude threads of one process
};

/// Shares in a side_file.
class side_file::handle {
   public:
    handle() = default;
    handle(handle&& other) noexcept;
    handle& operator=(handle&& other) noexcept;
    ~handle();
    side_file* operator->() const { return file_; }
    side_file& operator*() const { return *file_; }
    explicit operator bool() const { return file_ != nullptr; }

   private:
    friend class side_file;
    explicit handle(side_file* file) : file_(file) {}
    side_file* file_ = nullptr;
};

/// When this process started, in kernel ticks since boot; 0 where the system does not tell.
std::int64_t process_start();

}  // namespace conclave::store::sqlite
