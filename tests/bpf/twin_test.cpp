// SPDX-License-Identifier: Apache-2.0
// One logic, proved equal: every shared capture through the BPF programs and through
// the C++ build of the same headers gives the same records, byte for byte, and the same
// counters. Not whether they are right: that is the oracle's and the scenarios' business.
#include "support/capture.h"
#include "support/twin.h"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::size_t frame_max = 2048; // BPF_PROG_TEST_RUN takes less than a page

// All captures that libpcap reads, frames as a TC hook would be shown them.
struct Shown {
    std::vector<std::uint8_t> frame;
    std::uint64_t time_ns;
    tt_link link;
    bool from_end0; // which of its two ends sent it
};

void cut(std::vector<std::uint8_t> &frame)
{
    frame.resize(std::min(frame.size(), frame_max));
}

// Cooked and loopback frames get an Ethernet header; those without IP are left out.
bool rewrap(Frame &frame, tt_link &link)
{
    const std::uint8_t *begin = frame.bytes.data();
    tt_headers headers{};

    if (link == TT_LINK_ETHERNET || link == TT_LINK_RAW)
        return true;
    if (tt_find_headers(begin, begin + frame.bytes.size(), frame.wire_length, link, &headers) !=
        TT_PARSED)
        return false;
    std::vector<std::uint8_t> ethernet(14);
    ethernet[12] = static_cast<std::uint8_t>(headers.ethertype >> 8);
    ethernet[13] = static_cast<std::uint8_t>(headers.ethertype);
    ethernet.insert(ethernet.end(), frame.bytes.begin() + headers.network_offset,
                    frame.bytes.end());
    frame.bytes = std::move(ethernet);
    link = TT_LINK_ETHERNET;
    return true;
}

bool sent_by_end0(const Shown &shown)
{
    const std::uint8_t *begin = shown.frame.data();
    const std::uint8_t *end = begin + shown.frame.size();
    tt_headers headers{};
    tt_packet packet{};
    tt_flow_key key{};

    return tt_find_headers(begin, end, static_cast<std::uint32_t>(shown.frame.size()), shown.link,
                           &headers) == TT_PARSED &&
           tt_read_packet(&headers, end, &packet) == TT_PARSED &&
           tt_flow_key_make(&key, &packet.ends, packet.segment.family, 0, TT_WAY_UNKNOWN) == 0;
}

struct Corpus {
    std::vector<Shown> frames;
    unsigned captures = 0;
    unsigned left_out = 0; // frames
};

Corpus read_corpus(const std::filesystem::path &folder)
{
    Corpus corpus;
    for (const auto &file : std::filesystem::recursive_directory_iterator(folder)) {
        auto capture = file.is_regular_file() ? read_capture(file.path()) : std::nullopt;
        if (!capture)
            continue;
        corpus.captures++;
        for (Frame &frame : capture->frames) {
            tt_link link = capture->link;
            if (!rewrap(frame, link) || frame.bytes.size() <= 14) {
                corpus.left_out++;
                continue;
            }
            Shown shown{std::move(frame.bytes), frame.time_ns, link, false};
            cut(shown.frame);
            shown.from_end0 = sent_by_end0(shown);
            corpus.frames.push_back(std::move(shown));
        }
    }
    return corpus;
}

const Corpus &corpus()
{
    static const Corpus all = [] {
        const auto folder = shared_captures();
        return folder ? read_corpus(*folder) : Corpus{};
    }();
    return all;
}

// BPF_PROG_TEST_RUN at TC takes no frame with a cut IP header; XDP does.
bool has_whole_ip(const std::vector<std::uint8_t> &frame)
{
    const unsigned type = tt_load16(frame.data() + 12);
    return frame.size() >= (type == TT_ETHERTYPE_IPV6 ? 54U : type == TT_ETHERTYPE_IPV4 ? 34U : 0);
}

// End 0 is the host under watch: what it sends goes out, the rest comes in. At XDP, which
// has no egress, what it sends is not shown at all.
std::optional<Sight> sight_of(const Shown &shown, bool xdp)
{
    if (xdp ? shown.from_end0 || shown.link != TT_LINK_ETHERNET : !has_whole_ip(shown.frame))
        return std::nullopt;
    const tt_hook ingress = xdp ? TT_HOOK_XDP : TT_HOOK_TC_INGRESS;
    return Sight{.frame = shown.frame,
                 .hook = shown.from_end0 ? TT_HOOK_TC_EGRESS : ingress,
                 .link = shown.link,
                 .ifindex = 1,
                 .now_ns = shown.time_ns};
}

bool same(const std::vector<Heard> &kernel, const std::optional<Heard> &ours)
{
    if (kernel.size() != (ours ? 1U : 0U))
        return false;
    return !ours || (kernel[0].evidence == ours->evidence &&
                     std::memcmp(&kernel[0].record, &ours->record,
                                 offsetof(tt_record, head) + ours->record.head_length) == 0);
}

std::map<std::string, std::uint64_t> as_map(const tt_counters &counters)
{
    std::map<std::string, std::uint64_t> map;
#define TT_ENTRY(name, text) map.emplace(#name, counters.name);
    TT_COUNTERS(TT_ENTRY)
#undef TT_ENTRY
    return map;
}

void compare(const char *what, const tt_settings &settings, bool xdp)
{
    KernelSide kernel(settings);
    Twin twin(settings);
    std::uint64_t packets = 0, told = 0, events = 0, differences = 0;

    for (const Shown &shown : corpus().frames) {
        const auto sight = sight_of(shown, xdp);
        if (!sight)
            continue;
        const auto ours = twin.see(*sight);
        packets++;
        told += ours ? 1 : 0;
        events += ours && !ours->evidence ? 1 : 0;
        differences += same(kernel.see(*sight), ours) ? 0 : 1;
    }
    WARN(fmt::format("{}: {} captures, {} packets, {} records, {} of them with events, "
                     "{} differences",
                     what, corpus().captures, packets, told, events, differences));
    CHECK(packets > 0);
    CHECK(differences == 0);
    CHECK(as_map(kernel.counters()) == as_map(twin.counters()));
    CHECK(kernel.shared().watched == twin.watched());
}

} // namespace

TEST_CASE("the BPF programs and the C++ build tell the same of every capture")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    if (corpus().frames.empty())
        SKIP("the shared captures are not here");
    tt_settings settings = test_settings();

    SECTION("depth sequence, undamped")
    {
        compare("sequence", settings, false);
    }
    SECTION("depth sequence, damped")
    {
        settings.damp = 1;
        compare("sequence, damped", settings, false);
    }
    SECTION("depth notable, damped, as live by default")
    {
        settings.depth = TT_DEPTH_NOTABLE;
        settings.damp = 1;
        compare("notable, damped", settings, false);
    }
    SECTION("depth notable, undamped")
    {
        settings.depth = TT_DEPTH_NOTABLE;
        compare("notable", settings, false);
    }
    SECTION("depth sequence at XDP")
    {
        compare("XDP, sequence", settings, true);
    }
}

TEST_CASE("a small table gives places away alike in both builds")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    if (corpus().frames.empty())
        SKIP("the shared captures are not here");
    constexpr std::uint32_t few = 64;
    const tt_settings settings = test_settings();
    KernelSide kernel(settings, few);
    Twin twin(settings, few);
    std::uint64_t differences = 0;

    for (const Shown &shown : corpus().frames) {
        const auto sight = sight_of(shown, false);
        if (!sight)
            continue;
        differences += same(kernel.see(*sight), twin.see(*sight)) ? 0 : 1;
    }
    CHECK(differences == 0);
    CHECK(twin.counters().flows_evicted > 1000);
    CHECK(as_map(kernel.counters()) == as_map(twin.counters()));
}
