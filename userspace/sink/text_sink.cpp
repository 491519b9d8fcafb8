// SPDX-License-Identifier: Apache-2.0
#include "sink/text_sink.h"

#include "render/diagnosis_text.h"
#include "render/mark.h"
#include "render/packet_line.h"
#include "render/summary_text.h"
#include "render/text.h"
#include "render/wall.h"

#include <utility>

namespace tcptrace {

TextSink::TextSink(TextOptions options, WallOffset wall, Stream out, Stream notes)
    : options_(options), wall_(std::move(wall)), out_(std::move(out)), notes_(std::move(notes)),
      time_(options.line.time), printer_(options.line)
{
}

void TextSink::emit()
{
    out_.write(buffer_);
    if (options_.flush_each)
        out_.flush();
    buffer_.clear();
}

void TextSink::start(const StartInfo &info)
{
    depth_ = info.depth;
    if (!options_.notes)
        return;
    std::string text;
    append_start(text, info);
    notes_.write(text);
    notes_.flush();
}

void TextSink::event(const Observation &observation, std::uint32_t anomalies)
{
    if (!options_.events || out_.dead())
        return;
    const PacketView packet = observation.packet();
    time_.append(buffer_, to_unix(packet.time_ns, wall_()));
    append_packet_line(buffer_, packet, options_.line);
    append_mark(buffer_, observation, anomalies);
    buffer_ += '\n';
    emit();
}

void TextSink::packet(const Observation &packet, std::uint32_t anomalies)
{
    if (!options_.packets || out_.dead())
        return;
    std::string mark;
    if (anomalies != 0)
        append_mark(mark, packet, anomalies);
    printer_.append(buffer_, packet.packet(), wall_(), mark);
    emit();
}

void TextSink::diagnosis(const Diagnosis &diagnosis)
{
    append_diagnosis(buffer_, diagnosis,
                     {.line = options_.line, .wall_offset_ns = wall_(), .colour = options_.colour});
    buffer_ += '\n';
    emit_verdict();
}

void TextSink::emit_verdict()
{
    Stream &to = options_.verdicts_apart ? notes_ : out_;
    to.write(buffer_);
    to.flush();
    buffer_.clear();
}

void TextSink::lost(std::uint64_t records, std::uint64_t time_ns)
{
    std::string text = "note: at ";
    append_clock(text, to_unix(time_ns, wall_()));
    put(text, " {} lost: the kernel told faster than could be read here\n",
        counted(records, "record"));
    notes_.write(text);
    notes_.flush();
}

void TextSink::summary(const Summary &summary)
{
    append_summary(buffer_, summary, depth_, options_.colour);
    out_.flush();
    emit_verdict();
    std::string text;
    if (options_.closing_counters)
        append_closing_counters(text, summary);
    if (options_.stats)
        append_counters(text, summary.counters);
    notes_.write(text);
    notes_.flush();
}

Result<void> TextSink::finish()
{
    return out_.finish();
}

} // namespace tcptrace
