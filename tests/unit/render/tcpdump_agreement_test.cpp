// SPDX-License-Identifier: Apache-2.0
// Our packet lines against the installed tcpdump's, on the shared captures, under each
// option that changes them. Differences that are ours on purpose are in docs/output.md.
#include "render/packet_line.h"
#include "support/capture.h"

#include <catch2/catch_message.hpp>
#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <pcap/dlt.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <ranges>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

struct Style {
    const char *arguments;
    LineOptions options;
};

// Whatever is in the environment, both sides print local time of the same place.
const std::array styles{
    Style{"", {}},
    Style{"-v", {.verbosity = 1}},
    Style{"-vv", {.verbosity = 2}},
    Style{"-S", {.absolute_sequence = true}},
    Style{"-t", {.time = TimeStyle::None}},
    Style{"-tt", {.time = TimeStyle::Unix}},
    Style{"-ttt", {.time = TimeStyle::Delta}},
    Style{"-tttt", {.time = TimeStyle::DateTime}},
    Style{"-ttttt", {.time = TimeStyle::SinceFirst}},
};

using Lines = std::map<std::size_t, std::string>; // by packet number

std::string run(const std::string &command)
{
    std::string text;
    std::array<char, 65536> part{};
    const std::unique_ptr<FILE, int (*)(FILE *)> pipe(popen(command.c_str(), "r"), pclose);
    while (const std::size_t read = std::fread(part.data(), 1, part.size(), pipe.get()))
        text.append(part.data(), read);
    return text;
}

// With -# each packet begins with its number; with -v it may take several lines.
Lines tcpdump_lines(const std::filesystem::path &file, const char *arguments)
{
    const std::string text =
        run(fmt::format("tcpdump -nn -# {} -r '{}' 2>/dev/null", arguments, file.string()));
    Lines lines;
    std::size_t number = 0;

    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const std::string next = fmt::format("{:>5}  ", number + 1);
        if (line.starts_with(next))
            lines[++number] = line.substr(next.size());
        else if (number > 0)
            lines[number].append("\n").append(line);
        at = end + 1;
    }
    return lines;
}

// The columns of a cooked v2 header: what tcpdump prints there is of the reading machine.
void strip_interface(std::string &line)
{
    constexpr std::string_view ways[] = {"In  ", "Out ", "B   ", "M   ", "P   ", "?   "};
    const std::size_t ip = std::min(line.find("IP "), line.find("IP6 "));
    std::size_t start = ip;

    if (ip == std::string::npos || ip < 4)
        return;
    if (std::ranges::find(ways, std::string_view(line).substr(ip - 4, 4)) == std::end(ways))
        return;
    start = line.find_last_not_of(' ', ip - 5);
    start = start == std::string::npos ? 0 : line.rfind(' ', start) + 1;
    line.erase(start, ip - start);
}

struct Agreement {
    std::size_t packets = 0;
    std::size_t equal = 0;
    std::size_t tails = 0; // equal but for the tail of an application protocol

    [[nodiscard]] double percent(std::size_t part) const
    {
        return 100.0 * static_cast<double>(part) / static_cast<double>(packets);
    }
};

void compare(const std::filesystem::path &file, const Capture &capture, const Style &style,
             Agreement &agreement, std::ofstream &report)
{
    Lines theirs = tcpdump_lines(file, style.arguments);
    Classifier classifier(capture.link);
    TimeColumn time(style.options.time);
    tt_record record{};

    for (std::size_t n = 1; n <= capture.frames.size(); n++) {
        const Frame &frame = capture.frames[n - 1];
        std::string line;
        time.append(line, frame.time_ns);
        if (!classifier.classify(frame, record))
            continue;
        const Observation observation{.record = record, .frame = frame.bytes, .number = n};
        append_packet_line(line, observation.packet(), style.options);
        std::string &their = theirs[n];
        if (capture.data_link == DLT_LINUX_SLL2)
            strip_interface(their);
        agreement.packets++;
        agreement.equal += line == their;
        agreement.tails += line != their && their.starts_with(line);
        if (line != their)
            report << file.string() << ' ' << n << ' ' << style.arguments << "\n< " << their
                   << "\n> " << line << '\n';
    }
}

// For what the packets' contents do not change, our own captures are enough.
bool is_ours(const std::filesystem::path &file)
{
    return file.string().find("/netns/") != std::string::npos;
}

} // namespace

TEST_CASE("packet lines are tcpdump's")
{
    const auto captures = shared_captures();
    if (!captures)
        SKIP("no shared captures here");
    if (run("tcpdump --version 2>&1").find("4.99") == std::string::npos)
        SKIP("no tcpdump 4.99 here to compare with");
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    const char *wanted = std::getenv("AGREEMENT_REPORT"); // every difference goes there
    std::ofstream report(wanted ? wanted : "/dev/null");

    std::array<Agreement, styles.size()> agreements{};
    for (const auto &entry : std::filesystem::recursive_directory_iterator(*captures)) {
        if (!entry.is_regular_file())
            continue;
        const auto capture = read_capture(entry.path());
        if (!capture || capture->frames.empty())
            continue;
        for (std::size_t i = 0; i < styles.size(); i++)
            if (styles[i].options.time == TimeStyle::Default || is_ours(entry.path()))
                compare(entry.path(), *capture, styles[i], agreements[i], report);
    }
    for (std::size_t i = 0; i < styles.size(); i++) {
        const Agreement &agreement = agreements[i];
        std::cout << fmt::format("tcpdump {:<6} {:>6} packets, {:.3f} % equal, {:.3f} % but for "
                                 "the tail of an application protocol\n",
                                 styles[i].arguments, agreement.packets,
                                 agreement.percent(agreement.equal),
                                 agreement.percent(agreement.equal + agreement.tails));
        CHECK(agreement.percent(agreement.equal) >= 98.0);
        CHECK(agreement.percent(agreement.equal + agreement.tails) >= 99.8);
    }
}
