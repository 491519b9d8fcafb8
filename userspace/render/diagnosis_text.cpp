// SPDX-License-Identifier: Apache-2.0
#include "render/diagnosis_text.h"

#include "render/colour.h"
#include "render/packet_line.h"
#include "render/text.h"
#include "render/wall.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t right_column = 58; // where count and times begin, if there is room

struct Sign {
    std::string_view text;
    Colour colour;
};

Sign sign_of(Severity severity)
{
    switch (severity) {
    case Severity::Error:
        return {"✗", Colour::Red};
    case Severity::Warning:
        return {"!", Colour::Yellow};
    case Severity::Notice:
        break;
    }
    return {"i", Colour::Blue};
}

std::string end_text(const std::optional<Address> &address,
                     const std::optional<std::uint16_t> &port, std::string_view many)
{
    if (!address)
        return port ? fmt::format("{}, port {}", many, *port) : std::string(many);
    const std::string text = to_string(*address);
    if (!port)
        return text;
    return address->family == TT_IPV6 ? fmt::format("[{}]:{}", text, *port)
                                      : fmt::format("{}:{}", text, *port);
}

std::string endpoint_text(const Endpoint &end)
{
    return end_text(end.address, end.port, {});
}

// Characters, not bytes: a heading holds arrows.
std::size_t width_of(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void append_when(std::string &out, const Diagnosis &diagnosis, std::int64_t offset)
{
    const std::uint64_t first = to_unix(diagnosis.first_ns, offset);
    const std::uint64_t last = to_unix(diagnosis.last_ns, offset);

    out += counted(diagnosis.count, "connection");
    if (first / TT_NSEC_PER_SEC == last / TT_NSEC_PER_SEC) {
        out += ", at ";
        append_clock(out, first);
        return;
    }
    out += ", first ";
    append_clock(out, first);
    out += ", last ";
    append_clock(out, last);
}

void append_heading(std::string &out, const Diagnosis &diagnosis, const DiagnosisStyle &style)
{
    const Sign sign = sign_of(diagnosis.severity);
    const std::string ends = fmt::format(
        "  {} → {}", end_text(diagnosis.source, diagnosis.source_port, "several clients"),
        end_text(diagnosis.destination, diagnosis.destination_port, "several servers"));
    const std::size_t used = width_of(sign.text) + 1 + diagnosis.id.size() + width_of(ends);

    append_coloured(out, sign.text, sign.colour, style.colour);
    out += ' ';
    append_coloured(out, diagnosis.id, sign.colour, style.colour);
    out += ends;
    out.append(used + 2 < right_column ? right_column - used : 2, ' ');
    append_when(out, diagnosis, style.wall_offset_ns);
    out += '\n';
}

// "  What    text", and the lines that follow it under the text.
void append_line(std::string &out, std::string_view label, std::string_view text,
                 const DiagnosisStyle &style)
{
    constexpr std::string_view indent = "          ";

    if (text.empty())
        return;
    out += "  ";
    append_coloured(out, fmt::format("{:<7} ", label), Colour::Dim, style.colour);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (at > 0)
            out += indent;
        out += text.substr(at, end - at);
        out += '\n';
        at = end + 1;
    }
}

std::string cause_text(const Diagnosis &diagnosis)
{
    if (diagnosis.why.empty())
        return {};
    return fmt::format("{} ({})", diagnosis.why, to_string(diagnosis.confidence));
}

std::string examples_text(const Diagnosis &diagnosis)
{
    std::string text;
    for (const Connection &example : diagnosis.examples) {
        if (!text.empty())
            text += '\n';
        put(text, "{} → {}", endpoint_text(example.initiator), endpoint_text(example.responder));
    }
    return text;
}

std::string packets_text(const Diagnosis &diagnosis, const DiagnosisStyle &style)
{
    std::string text;
    TimeColumn time(style.line.time);

    for (const StoredPacket &packet : diagnosis.evidence) {
        const PacketView view = packet.view();
        if (!text.empty())
            text += '\n';
        time.append(text, to_unix(view.time_ns, style.wall_offset_ns));
        append_packet_line(text, view, style.line);
    }
    return text;
}

} // namespace

void append_diagnosis(std::string &out, const Diagnosis &diagnosis, const DiagnosisStyle &style)
{
    append_heading(out, diagnosis, style);
    append_line(out, "What", diagnosis.what.empty() ? diagnosis.summary : diagnosis.what, style);
    append_line(out, "Where", diagnosis.where, style);
    append_line(out, "Who", diagnosis.who, style);
    append_line(out, "Cause", cause_text(diagnosis), style);
    append_line(out, "Next", fmt::format("{}", fmt::join(diagnosis.advice, "\n")), style);
    append_line(out, "Example", examples_text(diagnosis), style);
    append_line(out, "Packets", packets_text(diagnosis, style), style);
    if (diagnosis.records_lost > 0)
        append_line(out, "Lost",
                    counted(diagnosis.records_lost, "record") +
                        " while this was made: it may be more, or less",
                    style);
}

} // namespace tcptrace
