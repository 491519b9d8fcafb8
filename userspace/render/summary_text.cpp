// SPDX-License-Identifier: Apache-2.0
#include "render/summary_text.h"

#include "render/colour.h"
#include "render/text.h"
#include "render/verdict.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tcptrace {

namespace {

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

// "2 retransmission, 1 reset": the most first.
std::string counts_text(const Counts &counts)
{
    std::vector<std::pair<std::string_view, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::string text;

    std::ranges::stable_sort(sorted, std::greater<>{}, [](const auto &c) { return c.second; });
    for (const auto &[id, count] : sorted)
        put(text, "{}{} {}", text.empty() ? "" : ", ", with_thousands(count), id);
    return text;
}

std::string notices_text(const Summary &summary)
{
    std::uint64_t diagnoses = 0;
    for (const auto &[id, count] : summary.diagnoses)
        diagnoses += count;
    if (summary.faults > 0 || diagnoses == 0)
        return {};
    return fmt::format(", {} ({})", counted(diagnoses, "notice"), counts_text(summary.diagnoses));
}

// "412 connections, 18,203 packets in 30.0 s, handshake p50 0.1 ms p99 0.4 ms, ..."
void append_figures(std::string &out, const Summary &summary)
{
    const std::uint64_t anomalies = anomalies_of(summary);

    put(out, "{}, {} in {:.1f} s", counted(summary.connections, "connection"),
        counted(summary.packets, "packet"),
        static_cast<double>(summary.time_ns - summary.first_ns) / 1e9);
    if (summary.handshake) {
        out += ", handshake p50 ";
        append_duration(out, static_cast<std::uint64_t>(summary.handshake->p50 * 1e9));
        out += " p99 ";
        append_duration(out, static_cast<std::uint64_t>(summary.handshake->p99 * 1e9));
    }
    put(out, ", {} {}", with_thousands(anomalies), anomalies == 1 ? "anomaly" : "anomalies");
    if (anomalies > 0)
        put(out, " ({})", counts_text(summary.events));
    out += notices_text(summary);
    if (summary.records_lost == 0)
        out += ", nothing lost";
    else
        put(out, ", {} lost", counted(summary.records_lost, "record"));
    out += '\n';
}

void append_faults(std::string &out, const Summary &summary, bool colour)
{
    append_coloured(out, fmt::format("✗ {}", counted(summary.faults, "fault")), Colour::Red,
                    colour);
    put(out, ": {}", counts_text(summary.diagnoses));
    if (summary.untold > 0)
        put(out, ", and {} beyond what is kept", counted(summary.untold, "verdict"));
    out += "\n  ";
    append_figures(out, summary);
    if (const std::string doubts = doubts_about(summary); !doubts.empty())
        put(out, "  there may be more: {}\n", doubts);
}

void append_nothing(std::string &out, const Summary &summary, tt_depth depth, bool colour)
{
    append_coloured(out, "? nothing to judge", Colour::Yellow, colour);
    if (depth == TT_DEPTH_STACK)
        out += ": the kernel's TCP told of no anomaly, and depth stack sees no healthy packet";
    else
        out += ": no TCP packet was seen";
    if (summary.packets > 0)
        put(out, " ({} of other kinds)", counted(summary.packets, "packet"));
    out += '\n';
}

} // namespace

std::string_view depth_id(tt_depth depth)
{
    switch (depth) {
    case TT_DEPTH_STACK:
        return "stack";
    case TT_DEPTH_NOTABLE:
        return "notable";
    case TT_DEPTH_SEQUENCE:
        break;
    }
    return "sequence";
}

void append_start(std::string &out, const StartInfo &info)
{
    const bool live = info.source == "live";

    if (live)
        put(out, "listening on {}", fmt::join(info.interfaces, ", "));
    else
        put(out, "reading from file {}", info.source);
    put(out, ", depth {}", depth_id(info.depth));
    if (!info.filter.empty())
        put(out, ", filter {}", info.filter);
    out += '\n';
    for (const std::string &sentence : info.unavailable)
        put(out, "note: {}\n", sentence);
}

void append_summary(std::string &out, const Summary &summary, tt_depth depth, bool colour)
{
    switch (verdict_of(summary)) {
    case RunVerdict::Faults:
        append_faults(out, summary, colour);
        break;
    case RunVerdict::NothingSeen:
        append_nothing(out, summary, depth, colour);
        break;
    case RunVerdict::Healthy:
        append_coloured(out, "✓ healthy", Colour::Green, colour);
        out += ": ";
        append_figures(out, summary);
        break;
    case RunVerdict::Undecided:
        append_coloured(out, "? no fault found, yet not called healthy", Colour::Yellow, colour);
        put(out, ": {}\n  ", doubts_about(summary));
        append_figures(out, summary);
        break;
    }
}

void append_closing_counters(std::string &out, const Summary &summary)
{
    const auto plain = [&](std::uint64_t count, std::string_view one, std::string_view rest) {
        put(out, "{} {}{} {}\n", count, one, count == 1 ? "" : "s", rest);
    };

    // Without --packets and -w every frame at a hook is looked at, and none is captured.
    const tt_counters &counters = summary.counters;
    const std::uint64_t received =
        summary.captured ? counters.packets_matched : counters.packets_seen;
    plain(summary.captured.value_or(summary.packets), "packet", "captured");
    plain(received, "packet", "received by filter");
    plain(summary.captured ? counters.packets_lost : summary.records_lost, "packet",
          "dropped by kernel");
    put(out, "{} event{}, {} record{} lost\n", anomalies_of(summary),
        anomalies_of(summary) == 1 ? "" : "s", summary.records_lost,
        summary.records_lost == 1 ? "" : "s");
}

void append_counters(std::string &out, const tt_counters &counters)
{
#define TT_PRINT_COUNTER(name, text) put(out, "{:>12} {}\n", counters.name, #name);
    TT_COUNTERS(TT_PRINT_COUNTER)
#undef TT_PRINT_COUNTER
}

} // namespace tcptrace
