// SPDX-License-Identifier: Apache-2.0
// Which packets -w writes into which file, on a clock that stands where it is put.
#include "sink/capture_sink.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr std::size_t header_bytes = 24;
constexpr std::size_t packet_bytes = 16 + 60;

struct Captures {
    Captures()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "capture-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()));
        folder = pattern;
        options.link_type = LINKTYPE_RAW;
        options.write.min_free_percent = 0;
        options.write.each_packet = true;
    }
    ~Captures() { std::filesystem::remove_all(folder); }

    void start(const std::string &name)
    {
        options.write.file = folder / name;
        const int notes = ::open((folder / "notes").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        sink = std::make_unique<CaptureSink>(
            options, [] { return 0; }, [this] { return now; }, Stream(UniqueFd(notes), "notes"));
        sink->start({});
    }
    // A packet of 60 bytes at `ms`.
    void packet(double ms, const Said &said = syn, std::uint32_t anomalies = 0)
    {
        const Observation &seen = story.at(ms, said);
        sink->packet({.record = seen.record, .frame = frame}, anomalies);
    }
    std::size_t packets(const std::string &name) const
    {
        return (content(name).size() - header_bytes) / packet_bytes;
    }
    std::string content(const std::string &name) const
    {
        std::ifstream file(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool has(const std::string &name) const { return std::filesystem::exists(folder / name); }

    std::filesystem::path folder;
    CaptureOptions options;
    std::time_t now = 1'767'355'200;
    std::unique_ptr<CaptureSink> sink;
    Story story;
    std::vector<std::uint8_t> frame = std::vector<std::uint8_t>(60, 0x45);
};

} // namespace

TEST_CASE("a file without packets is its header")
{
    Captures captures;
    captures.start("f");
    CHECK_FALSE(captures.sink->done());
    CHECK(captures.sink->finish());
    CHECK(captures.content("f").size() == header_bytes);
}

TEST_CASE("what has no frame is not written")
{
    Captures captures;
    captures.start("f");
    captures.frame.clear();
    captures.packet(0);
    CHECK(captures.content("f").size() == header_bytes);
}

TEST_CASE("-G begins files by the clock, and ends the run after -W of them")
{
    Captures captures;
    captures.options.write.file_time = std::chrono::seconds(10);
    captures.options.write.file_count = 2;
    captures.start("f%s");
    captures.packet(0);
    captures.now += 10;
    captures.packet(1);
    captures.packet(2);
    CHECK_FALSE(captures.sink->done());
    captures.now += 10;
    captures.packet(3);
    CHECK(captures.sink->done());
    CHECK(captures.packets("f1767355200") == 1);
    CHECK(captures.packets("f1767355210") == 2);
    CHECK_FALSE(captures.has("f1767355220"));
    CHECK(captures.content("notes") == "Maximum file limit reached: 2\n");
    CHECK(captures.sink->finish());
}

TEST_CASE("-C: each file exceeds the size by a packet at most")
{
    Captures captures;
    captures.options.write.file_bytes = header_bytes + packet_bytes;
    captures.options.write.file_count = 2;
    captures.start("f");
    for (int i = 0; i < 5; i++)
        captures.packet(i);
    CHECK(captures.packets("f0") == 1); // the ring's third
    CHECK(captures.packets("f1") == 2);
}

TEST_CASE("a name that cannot be opened ends the run, and is told once")
{
    Captures captures;
    captures.start("no/f");
    CHECK(captures.sink->done());
    captures.packet(0);
    const auto finished = captures.sink->finish();
    REQUIRE_FALSE(finished);
    CHECK(finished.error().status == Status::InputOutput);
    CHECK(captures.sink->finish());
}

TEST_CASE("captures of different link types go into pcapng only")
{
    Captures captures;
    captures.options.link_type = std::nullopt;
    captures.start("f");
    CHECK(captures.sink->done());
    CHECK_FALSE(captures.sink->finish());
    captures.start("f.pcapng");
    CHECK_FALSE(captures.sink->done());
}

TEST_CASE("--on-anomaly: what came before the anomaly, the anomaly, and what follows")
{
    Captures captures;
    captures.options.write.on_anomaly = true;
    captures.start("f");
    captures.packet(0);
    captures.packet(1);
    CHECK(captures.packets("f") == 0);
    captures.packet(2, syn, TT_SYN_RETRANSMISSION);
    CHECK(captures.packets("f") == 3);
    captures.packet(3);
    CHECK(captures.packets("f") == 4);

    Captures by_event; // an anomaly without a packet
    by_event.options.write.on_anomaly = true;
    by_event.start("f");
    by_event.packet(0);
    by_event.sink->event(by_event.story.silence(2000), TT_SYN_UNANSWERED);
    CHECK(by_event.packets("f") == 1);
}

TEST_CASE("a diagnosis stands with the packet that led to it, which comes after it")
{
    Captures captures;
    captures.start("f.pcapng");
    const Observation &seen = captures.story.at(1, syn);
    const Observation packet{.record = seen.record, .frame = captures.frame};
    Diagnosis diagnosis;
    diagnosis.id = "syn_timeout";
    diagnosis.cause = "no_reply";
    diagnosis.summary = "nothing came back";
    diagnosis.evidence.emplace_back(packet.packet());
    captures.sink->diagnosis(diagnosis);
    captures.sink->packet(packet, TT_SYN_RETRANSMISSION);
    const std::string file = captures.content("f.pcapng"); // -U: it is written already
    CHECK(file.find("syn_retransmission") != std::string::npos);
    CHECK(file.find("diagnosis: syn_timeout, no_reply (possible): nothing came back") !=
          std::string::npos);
    captures.sink->diagnosis(diagnosis); // its packets are gone
    CHECK(captures.sink->finish());
    CHECK(captures.content("f.pcapng").rfind("diagnosis: ") > file.size());
}
