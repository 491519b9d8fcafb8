// SPDX-License-Identifier: Apache-2.0
#include "sink/record_file.h"

#include "sink/write_all.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t buffer_max = 64 * 1024;
constexpr std::uint64_t between_looks = 256 * 1024; // bytes written between looks at the room

std::string words(int error)
{
    return std::generic_category().message(error);
}

} // namespace

RecordFile::RecordFile(UniqueFd fd, std::string name, unsigned min_free_percent)
    : fd_(std::move(fd)), name_(std::move(name)), min_free_percent_(min_free_percent)
{
    struct stat status{};
    is_file_ = fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file_)
        min_free_percent_ = 0;
}

Result<RecordFile> RecordFile::open(const std::string &path, unsigned min_free_percent)
{
    constexpr mode_t as_umask_says = 0666;
    if (path == "-")
        return RecordFile(UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)), "standard output",
                          0);
    UniqueFd fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, as_umask_says));
    if (!fd)
        return fail(Status::InputOutput, fmt::format("cannot write {}: {}", path, words(errno)));
    return RecordFile(std::move(fd), path, min_free_percent);
}

void RecordFile::end(Error error)
{
    ended_ = true;
    if (outcome_)
        outcome_ = std::unexpected(std::move(error));
}

// Of the buffer `bytes` came into the file: the record that was cut there is taken off again.
// What stood in a file that was there before us is not ours to cut.
void RecordFile::keep_whole_records(std::size_t bytes)
{
    const auto behind = std::ranges::upper_bound(record_ends_, bytes);
    const std::size_t whole = behind == record_ends_.begin() ? 0 : *std::prev(behind);

    if (whole == bytes || !is_file_)
        return;
    const off_t end = ::lseek(fd_.get(), 0, SEEK_CUR) - static_cast<off_t>(bytes - whole);
    if (end < 0 || ::ftruncate(fd_.get(), end) != 0)
        outcome_ = fail(Status::InputOutput,
                        fmt::format("cannot write to {}, and its last record is cut", name_));
}

// Not at each packet: it is a system call, and a file system does not fill up in a moment.
void RecordFile::look_at_room()
{
    struct statvfs room{};
    if (min_free_percent_ == 0 || ended_ || written_ < next_look_)
        return;
    next_look_ = written_ + between_looks;
    if (::fstatvfs(fd_.get(), &room) != 0 || room.f_blocks == 0)
        return;
    if (room.f_bavail * 100 < room.f_blocks * min_free_percent_)
        end({Status::InputOutput,
             fmt::format("{} is ended: less than {}% of its file system is free", name_,
                         min_free_percent_),
             "what was written is whole; make room, write elsewhere, or set --min-free"});
}

void RecordFile::write(std::string_view record)
{
    if (ended_)
        return;
    buffer_ += record;
    record_ends_.push_back(buffer_.size());
    if (buffer_.size() >= buffer_max)
        flush();
}

void RecordFile::flush()
{
    if (ended_ || buffer_.empty())
        return;
    const Written done = write_all(fd_.get(), buffer_);
    written_ += done.bytes;
    if (done.error != 0) {
        keep_whole_records(done.bytes);
        end({Status::InputOutput, fmt::format("cannot write to {}: {}", name_, words(done.error)),
             advice_on(done.error)});
        if (done.error == EPIPE) // its reader has enough
            outcome_ = {};
    }
    buffer_.clear();
    record_ends_.clear();
    look_at_room();
}

Result<void> RecordFile::close()
{
    flush();
    const int fd = fd_.release();
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR)
        end({Status::InputOutput, fmt::format("cannot write to {}: {}", name_, words(errno)),
             advice_on(errno)});
    return std::exchange(outcome_, {});
}

} // namespace tcptrace
