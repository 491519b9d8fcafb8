// SPDX-License-Identifier: Apache-2.0
#include "sink/stream.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

#include <array>
#include <csignal>
#include <utility>

using namespace tcptrace;

namespace {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// What is in the pipe now; empty if nothing is.
std::string read_now(const UniqueFd &fd)
{
    std::array<char, 4096> buffer{};
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string{};
}

} // namespace

TEST_CASE("lines wait for flush")
{
    Pipe pipe = make_pipe();
    Stream stream(std::move(pipe.write), "pipe");
    stream.write("one\n");
    CHECK(read_now(pipe.read).empty());
    stream.flush();
    CHECK(read_now(pipe.read) == "one\n");
    stream.write("two\n");
    CHECK(stream.finish());
    CHECK(read_now(pipe.read) == "two\n");
}

TEST_CASE("what was written comes out when the stream goes")
{
    Pipe pipe = make_pipe();
    {
        Stream stream(std::move(pipe.write), "pipe");
        stream.write("last\n");
    }
    CHECK(read_now(pipe.read) == "last\n");
}

TEST_CASE("a reader that went away is no failure")
{
    std::signal(SIGPIPE, SIG_IGN);
    Pipe pipe = make_pipe();
    Stream stream(std::move(pipe.write), "pipe");
    pipe.read = UniqueFd();
    stream.write("one\n");
    stream.flush();
    CHECK(stream.dead());
    stream.write("two\n");
    CHECK(stream.finish());
}

TEST_CASE("a full disk is told once, at the end")
{
    Stream stream(UniqueFd(::open("/dev/full", O_WRONLY | O_CLOEXEC)), "out.json");
    stream.write("one\n");
    stream.flush();
    CHECK(stream.dead());
    stream.write("two\n");
    const auto done = stream.finish();
    REQUIRE_FALSE(done);
    CHECK(done.error().status == Status::InputOutput);
    CHECK(done.error().message == "cannot write to out.json: No space left on device");
    CHECK(stream.finish());
}

TEST_CASE("a non-blocking descriptor that takes little at once gets all")
{
    Pipe pipe = make_pipe();
    ::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(pipe.write.get(), F_SETPIPE_SZ, 4096);
    const std::string line = std::string(1023, 'x') + '\n';
    std::size_t got = 0;
    Stream stream(std::move(pipe.write), "pipe");
    for (int i = 0; i < 3; i++) {
        stream.write(line);
        stream.flush();
        got += read_now(pipe.read).size();
    }
    CHECK(got == 3 * line.size());
}
