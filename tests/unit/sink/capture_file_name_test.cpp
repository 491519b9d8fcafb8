// SPDX-License-Identifier: Apache-2.0
// Names and turns of -w's files, with a clock that stands where it is put. That they are
// tcpdump's is shown by cli.write and netns.rotation.
#include "sink/capture_file_name.h"

#include <catch2/catch_test_macros.hpp>

#include <climits>
#include <cstdlib>

using namespace tcptrace;
using Turn = CaptureFileName::Turn;

namespace {

constexpr std::time_t noon = 1'767'355'200; // 2026-01-02T12:00:00Z

WriteOptions options(std::string file)
{
    setenv("TZ", "UTC", 1);
    tzset();
    WriteOptions options;
    options.file = std::move(file);
    return options;
}

} // namespace

TEST_CASE("one file without -C and -G, whose name is taken as it is")
{
    CaptureFileName name(options("a%d.pcap"), noon);
    CHECK(name.at_time(noon + 86400) == Turn::Stay);
    CHECK(name.at_size(~0ULL) == Turn::Stay);
    CHECK(name.name() == "a%d.pcap");
}

TEST_CASE("-C: a file that is larger is the last, not one that is as large")
{
    WriteOptions wanted = options("f");
    wanted.file_bytes = 1000;
    CaptureFileName name(wanted, noon);
    CHECK(name.at_size(1000) == Turn::Stay);
    CHECK(name.at_size(1001) == Turn::Next);
    CHECK(name.name() == "f1");
    for (int i = 0; i < 9; i++)
        CHECK(name.at_size(1001) == Turn::Next);
    CHECK(name.name() == "f10");
}

TEST_CASE("-C and -W: a ring, numbered with as many digits as its last")
{
    struct Row {
        std::uint64_t files;
        std::string first;
        std::string second;
    };
    for (const Row &row : {Row{1, "f", "f"}, Row{2, "f0", "f1"}, Row{10, "f0", "f1"},
                           Row{11, "f00", "f01"}, Row{100, "f00", "f01"}}) {
        WriteOptions wanted = options("f");
        wanted.file_bytes = 1;
        wanted.file_count = row.files;
        CaptureFileName name(wanted, noon);
        CHECK(name.name() == row.first);
        CHECK(name.at_size(2) == Turn::Next);
        CHECK(name.name() == row.second);
        for (std::uint64_t i = 1; i < row.files; i++)
            CHECK(name.at_size(2) == Turn::Next);
        CHECK(name.name() == row.first);
    }
}

TEST_CASE("-G: the first packet after the slice begins a file, named by that moment")
{
    WriteOptions wanted = options("%Y/f-%H%M%S-%s");
    wanted.file_time = std::chrono::seconds(60);
    CaptureFileName name(wanted, noon);
    CHECK(name.name() == "2026/f-120000-1767355200");
    CHECK(name.at_time(noon + 59) == Turn::Stay);
    CHECK(name.at_time(noon + 150) == Turn::Next);
    CHECK(name.name() == "2026/f-120230-1767355350");
    CHECK(name.at_time(noon + 209) == Turn::Stay);
    CHECK(name.at_time(noon + 210) == Turn::Next);
    CHECK(name.at_time(noon - 86400) == Turn::Stay); // the clock was set back
}

TEST_CASE("-G and -W: the last file is followed by the end")
{
    WriteOptions wanted = options("f");
    wanted.file_time = std::chrono::seconds(1);
    wanted.file_count = 2;
    CaptureFileName name(wanted, noon);
    CHECK(name.at_time(noon + 1) == Turn::Next);
    CHECK(name.at_time(noon + 2) == Turn::End);
}

TEST_CASE("-G and -C: numbers begin anew with each slice, and -W is a ring's")
{
    WriteOptions wanted = options("f%M");
    wanted.file_time = std::chrono::seconds(60);
    wanted.file_bytes = 1;
    CaptureFileName name(wanted, noon);
    CHECK(name.name() == "f00");
    CHECK(name.at_size(2) == Turn::Next);
    CHECK(name.name() == "f001");
    CHECK(name.at_time(noon + 60) == Turn::Next);
    CHECK(name.name() == "f01");

    wanted.file_count = 2;
    CaptureFileName ring(wanted, noon);
    CHECK(ring.name() == "f000");
    for (int i = 1; i < 5; i++)
        CHECK(ring.at_time(noon + i * 60) == Turn::Next);
    CHECK(ring.name() == "f040");
}

TEST_CASE("a name that no path can be is told")
{
    WriteOptions wanted = options(std::string(PATH_MAX, 'f'));
    CHECK_FALSE(CaptureFileName(wanted, noon).name());
    wanted.file_time = std::chrono::seconds(1);
    CHECK_FALSE(CaptureFileName(wanted, noon).name());
    wanted.file = "%p%p%p";
    CHECK(CaptureFileName(wanted, noon).name());
}
