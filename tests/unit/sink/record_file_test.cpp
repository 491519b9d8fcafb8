// SPDX-License-Identifier: Apache-2.0
// Files end behind a whole record, whatever ends them.
#include "sink/record_file.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tcptrace;

namespace {

class Folder {
public:
    Folder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "record-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()));
        path_ = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string &name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

std::string content(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// No file may be larger while it lives.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

} // namespace

TEST_CASE("what a file held before is gone; its size counts what waits to be written")
{
    const Folder folder;
    std::ofstream(folder.file("a")) << "before";
    auto file = RecordFile::open(folder.file("a"), 0);
    REQUIRE(file);
    file->write("one");
    file->write("two");
    CHECK(file->size() == 6);
    CHECK(content(folder.file("a")).empty());
    file->flush();
    CHECK(content(folder.file("a")) == "onetwo");
    CHECK(file->size() == 6);
    CHECK(file->close());
}

TEST_CASE("a file that may grow no more ends behind its last whole record")
{
    const Folder folder;
    const std::string record(1000, 'r');
    const FileLimit limit(10'500);
    auto file = RecordFile::open(folder.file("a"), 0);
    REQUIRE(file);
    file->write("head");
    for (int i = 0; i < 100; i++)
        file->write(record);
    CHECK(file->ended());
    file->write(record);
    const auto closed = file->close();
    REQUIRE_FALSE(closed);
    CHECK(closed.error().status == Status::InputOutput);
    CHECK(closed.error().message.find(folder.file("a")) != std::string::npos);
    CHECK(std::filesystem::file_size(folder.file("a")) == 10'004);
}

TEST_CASE("a record larger than what is left leaves no trace")
{
    const Folder folder;
    const FileLimit limit(100);
    auto file = RecordFile::open(folder.file("a"), 0);
    REQUIRE(file);
    file->write("head");
    file->flush();
    file->write(std::string(200, 'r'));
    file->flush();
    CHECK(file->ended());
    CHECK(content(folder.file("a")) == "head");
}

TEST_CASE("a file system without the room that is to be left is full; a pipe has none")
{
    const Folder folder;
    auto file = RecordFile::open(folder.file("a"), 100);
    REQUIRE(file);
    file->write("head");
    file->flush();
    CHECK(file->ended());
    CHECK(content(folder.file("a")) == "head");
    const auto closed = file->close();
    REQUIRE_FALSE(closed);
    CHECK(closed.error().message.find("100%") != std::string::npos);

    auto device = RecordFile::open("/dev/null", 100);
    REQUIRE(device);
    device->write("head");
    device->flush();
    CHECK_FALSE(device->ended());
}

TEST_CASE("a device that is full is an error, a reader that left is none")
{
    auto full = RecordFile::open("/dev/full", 0);
    REQUIRE(full);
    full->write("head");
    CHECK_FALSE(full->close());

    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    auto pipe = RecordFile::open("/proc/self/fd/" + std::to_string(ends[1]), 0);
    REQUIRE(pipe);
    ::close(ends[0]);
    ::close(ends[1]);
    pipe->write("head");
    pipe->flush();
    CHECK(pipe->ended());
    CHECK(pipe->close());
}

TEST_CASE("a file that cannot be opened is told by its name")
{
    const auto none = RecordFile::open("/no/such/folder/a.pcap", 0);
    REQUIRE_FALSE(none);
    CHECK(none.error().status == Status::InputOutput);
    CHECK(none.error().message.find("/no/such/folder/a.pcap") != std::string::npos);
}
