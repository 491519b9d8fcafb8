// SPDX-License-Identifier: Apache-2.0
// The filter in the kernel is the filter of libpcap: each expression of
// tests/filters/expressions.txt, and some made at random, comes to the verdict of
// pcap_offline_filter() on frames of every shared capture, at TC and at XDP, with VLAN tags
// in the frame and beside it. Not what a verdict does.
#include "filter/expression.h"
#include "support/capture.h"
#include "support/kernel_side.h"
#include "support/kernel_verdict.h"
#include "support/pcap_verdict.h"
#include "support/random_filter.h"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <pcap/dlt.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::size_t frame_max = 2048; // BPF_PROG_TEST_RUN takes less than a page
constexpr std::size_t frame_min = 14;
constexpr std::size_t frames_of_capture = 3;

struct Sample {
    std::size_t capture = 0;
    std::vector<std::uint8_t> frame;
};

// Frames of each link type: the first, the last and one between of each capture.
struct Corpus {
    std::map<int, std::vector<Sample>> samples; // by DLT_
    std::size_t captures = 0;
    std::size_t too_short = 0;
};

void take_samples(const Capture &capture, Corpus &corpus)
{
    std::set<std::size_t> chosen;
    for (std::size_t i = 0; i < frames_of_capture; i++)
        chosen.insert(i * (capture.frames.size() - 1) / (frames_of_capture - 1));
    for (const std::size_t i : chosen) {
        auto bytes = capture.frames[i].bytes;
        bytes.resize(std::min(bytes.size(), frame_max));
        if (bytes.size() < frame_min)
            corpus.too_short++;
        else
            corpus.samples[capture.data_link].push_back({corpus.captures, std::move(bytes)});
    }
}

const Corpus &corpus()
{
    static const Corpus all = [] {
        Corpus read;
        const auto folder = shared_captures();
        if (!folder)
            return read;
        for (const auto &file : std::filesystem::recursive_directory_iterator(*folder)) {
            const auto capture = file.is_regular_file() ? read_capture(file.path()) : std::nullopt;
            if (!capture || capture->frames.empty())
                continue;
            take_samples(*capture, read);
            read.captures++;
        }
        return read;
    }();
    return all;
}

std::vector<std::string> listed_expressions()
{
    std::vector<std::string> expressions;
    std::ifstream list(TCPTRACE_SOURCE_DIR "/tests/filters/expressions.txt");
    for (std::string line; std::getline(list, line);) {
        if (!line.empty() && !line.starts_with('#'))
            expressions.push_back(line);
    }
    return expressions;
}

// What was compared, and where it differed.
struct Comparison {
    std::set<std::pair<std::string, std::size_t>> pairs; // of expression and capture
    std::size_t frames = 0;
    std::size_t matches = 0;
    std::size_t not_shown = 0; // by this kernel's BPF_PROG_TEST_RUN
    std::vector<std::string> differences;

    void add(const std::string &expression, const Sample &sample, bool expected,
             const std::optional<bool> &got, const char *where)
    {
        if (!got) {
            not_shown++;
            return;
        }
        frames++;
        matches += expected;
        pairs.emplace(expression, sample.capture);
        if (*got != expected)
            differences.push_back(fmt::format("{} at {}: {}, libpcap says {}, capture {}, {} bytes",
                                              expression, where, *got, expected, sample.capture,
                                              sample.frame.size()));
    }
    void report(const char *what) const
    {
        WARN(fmt::format("{}: {} pairs of expression and capture, {} verdicts, {} of them matches, "
                         "{} frames not shown by the kernel, {} differences",
                         what, pairs.size(), frames, matches, not_shown, differences.size()));
        for (std::size_t i = 0; i < std::min<std::size_t>(differences.size(), 20); i++)
            WARN(differences[i]);
        CHECK(differences.empty());
    }
};

bool asks_of_a_live_packet(const std::string &expression)
{
    return expression.contains("bound") || expression.contains("ifindex");
}

const std::vector<Sample> &samples_of(int data_link)
{
    static const std::vector<Sample> none;
    const auto found = corpus().samples.find(data_link);
    return found == corpus().samples.end() ? none : found->second;
}

// Every `stride`-th sample, from another one for each expression, so that together they see
// all.
void compare(const std::string &expression, int data_link, const FilterHook &hook,
             std::size_t stride, std::size_t first, Comparison &comparison)
{
    const auto libpcap = PcapVerdict::compile(expression, data_link);
    const auto program = compile_expression(expression, {.data_link = data_link});
    REQUIRE(libpcap.has_value() == program.has_value());
    if (!libpcap)
        return;
    const KernelVerdict kernel(*program, hook);
    const auto &samples = samples_of(data_link);
    const char *where = hook.xdp ? "XDP" : hook.may_hide_tag ? "TC" : "TC raw";
    for (std::size_t i = first % stride; i < samples.size(); i += stride) {
        const auto &frame = samples[i].frame;
        const bool expected = (*libpcap)(frame, static_cast<std::uint32_t>(frame.size()));
        comparison.add(expression, samples[i], expected, kernel(frame), where);
    }
}

constexpr FilterHook tc{.xdp = false, .may_hide_tag = true, .way = TT_IN};
constexpr FilterHook xdp{.xdp = true, .may_hide_tag = false, .way = TT_IN};

void need_kernel_and_captures()
{
    if (const auto why = why_no_bpf())
        SKIP(*why);
    if (corpus().captures == 0)
        SKIP("the shared captures are not here");
}

} // namespace

TEST_CASE("listed filters come to libpcap's verdict on every capture")
{
    need_kernel_and_captures();
    Comparison comparison;
    std::size_t number = 0;
    for (const std::string &expression : listed_expressions()) {
        if (asks_of_a_live_packet(expression))
            continue;
        INFO(expression);
        compare(expression, DLT_EN10MB, tc, 4, number, comparison);
        compare(expression, DLT_EN10MB, xdp, 4, number + 2, comparison);
        for (const auto &[data_link, samples] : corpus().samples) {
            if (data_link != DLT_EN10MB)
                compare(expression, data_link, xdp, 1, number, comparison);
        }
        number++;
    }
    comparison.report("listed");
    CHECK(number >= 200);
    CHECK(comparison.pairs.size() >= 2000);
    CHECK(comparison.matches >= 1000);
}

TEST_CASE("filters made at random come to libpcap's verdict")
{
    need_kernel_and_captures();
    constexpr std::size_t wanted = 1000;
    RandomFilter random(20260102);
    Comparison comparison;
    std::size_t number = 0;
    for (std::size_t tries = 0; number < wanted && tries < 10 * wanted; tries++) {
        const std::string expression = random.next();
        if (!PcapVerdict::compile(expression, DLT_EN10MB))
            continue;
        INFO(expression);
        compare(expression, DLT_EN10MB, number % 2 ? tc : xdp, 8, number, comparison);
        number++;
    }
    comparison.report("made at random");
    CHECK(number == wanted);
    CHECK(comparison.pairs.size() >= 2000);
}

namespace {

constexpr std::size_t tag_begin = 12;
constexpr std::size_t tag_bytes = 4;

// Ethernet frames of all captures with a tag in them: their own, or one put there.
std::vector<Sample> tagged_samples(std::size_t stride)
{
    const auto &ethernet = samples_of(DLT_EN10MB);
    std::vector<Sample> tagged;
    for (std::size_t i = 0; i < ethernet.size(); i++) {
        Sample sample = ethernet[i];
        const unsigned type = sample.frame[12] << 8U | sample.frame[13];
        const bool has_tag = type == 0x8100 || type == 0x88a8;
        if (!has_tag && i % stride != 0)
            continue;
        if (!has_tag) {
            const std::array<std::uint8_t, tag_bytes> tag{
                static_cast<std::uint8_t>(i % 3 ? 0x81 : 0x88),
                static_cast<std::uint8_t>(i % 3 ? 0x00 : 0xa8), static_cast<std::uint8_t>(i & 0xef),
                static_cast<std::uint8_t>(i % 2 ? 10 : 100)};
            sample.frame.insert(sample.frame.begin() + tag_begin, tag.begin(), tag.end());
        }
        if (sample.frame.size() >= frame_min + tag_bytes)
            tagged.push_back(std::move(sample));
    }
    return tagged;
}

// The frame as a device that takes tags off leaves it, and the tag.
std::pair<std::vector<std::uint8_t>, HiddenTag> take_tag_off(const std::vector<std::uint8_t> &frame)
{
    const auto half = [&frame](std::size_t at) {
        return static_cast<std::uint16_t>(frame[at] << 8U | frame[at + 1]);
    };
    const HiddenTag tag{half(tag_begin), half(tag_begin + 2)};
    std::vector<std::uint8_t> rest = frame;
    rest.erase(rest.begin() + tag_begin, rest.begin() + tag_begin + tag_bytes);
    return {rest, tag};
}

// Frames with their tag beside them, against libpcap's verdict on frames that hold it.
void compare_tagged(const std::string &expression, const std::vector<Sample> &samples,
                    std::size_t stride, std::size_t first, Comparison &comparison)
{
    const auto libpcap = PcapVerdict::compile(expression, DLT_EN10MB);
    const auto program = compile_expression(expression, {.data_link = DLT_EN10MB});
    REQUIRE(libpcap);
    REQUIRE(program);
    const KernelVerdict kernel(*program, tc);
    for (std::size_t i = first % stride; i < samples.size(); i += stride) {
        const auto &whole = samples[i].frame;
        const auto [rest, tag] = take_tag_off(whole);
        const bool expected = (*libpcap)(whole, static_cast<std::uint32_t>(whole.size()));
        comparison.add(expression, samples[i], expected, kernel.tagged(rest, tag),
                       "TC, tag beside");
    }
}

} // namespace

TEST_CASE("a VLAN tag beside the frame counts as if it were in it")
{
    need_kernel_and_captures();
    const auto samples = tagged_samples(16);
    RandomFilter random(4711);
    Comparison comparison;
    std::size_t number = 0;
    for (const std::string &expression : listed_expressions()) {
        INFO(expression);
        if (!asks_of_a_live_packet(expression))
            compare_tagged(expression, samples, 2, number++, comparison);
    }
    for (const std::size_t end = number + 400; number < end;) {
        const std::string expression = random.next();
        INFO(expression);
        if (PcapVerdict::compile(expression, DLT_EN10MB))
            compare_tagged(expression, samples, 4, number++, comparison);
    }
    comparison.report("with the tag beside the frame");
    CHECK(comparison.pairs.size() >= 2000);
    CHECK(comparison.matches >= 1000);
}
