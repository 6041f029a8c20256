// The database as files of the system: where it may lie, its permissions, whether it was replaced.
#include "store/sqlite/database_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace conclave::store::sqlite {

namespace {

constexpr mode_t owner_only = 0600;

// From <linux/magic.h> and the sources of those that do not stand there.
constexpr std::array<std::int64_t, 13> network_types{
    0x6969,      // NFS
    0x517b,      // SMB
    0xff534d42,  // CIFS
    0xfe534d42,  // SMB 2 and later
    0x65735546,  // FUSE: sshfs, rclone, s3fs ...
    0x01021997,  // 9P: folders shared with a virtual machine
    0x5346414f,  // OpenAFS
    0x6b414653,  // kAFS
    0x73757245,  // Coda
    0x564c,      // NCP
    0x00c36400,  // Ceph
    0x0bd00bd0,  // Lustre
    0x47504653,  // GPFS
};

// Hosts pass messages on to strangers: no paths in them.
error unavailable(const std::string& reason) {
    return fail(errc::store_unavailable, "The database cannot be opened: " + reason);
}

std::string text_of(int cause) { return std::generic_category().message(cause) + "."; }

// Asks for no times: since Linux 6.13 who reads them gives the next write a time of its own, and
// the sync of that write then writes the file's inode as well, which takes half as long again.
std::optional<file_identity> identity_of(const std::string& path) {
    struct statx lean {};
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO, &lean) == 0)
        return file_identity{::makedev(lean.stx_dev_major, lean.stx_dev_minor), lean.stx_ino};
    // Some sandboxes refuse the newer call.
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    return file_identity{info.st_dev, info.st_ino};
}

}  // namespace

bool is_network_file_system(std::int64_t type) {
    // Some systems give the magic number as a signed 32-bit one.
    const std::int64_t magic = type & 0xffffffff;
    return std::find(network_types.begin(), network_types.end(), magic) != network_types.end();
}

result<database_file> database_file::open(const std::string& path, bool allow_network_fs) {
    if (path.empty()) return invalid("store", "needs the path of a file");
    std::error_code code;
    const auto absolute = std::filesystem::absolute(path, code);
    if (code) return unavailable(text_of(code.value()));
    database_file file;
    // SQLite, too, puts the log beside the file and not beside a link to it.
    file.path_ = std::filesystem::weakly_canonical(absolute, code).string();
    if (code) return unavailable(text_of(code.value()));
    file.log_path_ = file.path_ + "-wal";
    const auto folder = std::filesystem::path(file.path_).parent_path();
    if (!std::filesystem::is_directory(folder, code))
        return unavailable("its directory does not exist or cannot be read.");
    struct statfs system {};
    if (::statfs(folder.c_str(), &system) != 0) return unavailable(text_of(errno));
    if (!allow_network_fs && is_network_file_system(static_cast<std::int64_t>(system.f_type)))
        return fail(
            errc::unsupported,
            "The database " + path + " lies on a network file system, which cannot keep it sound.");
    // Only ever created here and never opened: a descriptor of ours, once closed, would drop the
    // locks that SQLite holds on the file for another engine of this process.
    const int created =
        ::open(file.path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (created >= 0)
        ::close(created);
    else if (errno != EEXIST)
        return unavailable(text_of(errno));
    struct stat info {};
    if (::stat(file.path_.c_str(), &info) != 0) return unavailable(text_of(errno));
    if (!S_ISREG(info.st_mode)) return unavailable("it is not a file.");
    file.mode_ = info.st_mode & 0666;
    file.database_ = {info.st_dev, info.st_ino};
    return file;
}

bool database_file::same_database() const { return identity_of(path_) == database_; }

bool database_file::same_log() {
    const auto now = identity_of(log_path_);
    if (!log_) log_ = now;
    return now && now == log_;
}

}  // namespace conclave::store::sqlite
