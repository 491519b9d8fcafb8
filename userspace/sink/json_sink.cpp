// SPDX-License-Identifier: Apache-2.0
#include "sink/json_sink.h"

#include "render/json.h"

#include <utility>

namespace tcptrace {

JsonSink::JsonSink(JsonOptions options, WallOffset wall, Stream out)
    : options_(std::move(options)), wall_(std::move(wall)), out_(std::move(out))
{
}

void JsonSink::emit(bool now)
{
    out_.write(buffer_);
    if (now)
        out_.flush();
    buffer_.clear();
}

void JsonSink::start(const StartInfo &info)
{
    append_json_start(buffer_, info, options_.version, wall_());
    emit(true);
}

void JsonSink::event(const Observation &observation, std::uint32_t anomalies)
{
    if (!options_.events || out_.dead())
        return;
    append_json_event(buffer_, observation, anomalies, wall_());
    emit(options_.flush_each);
}

void JsonSink::packet(const Observation &packet, std::uint32_t anomalies)
{
    if (!options_.packets || out_.dead())
        return;
    append_json_packet(buffer_, packet, anomalies, wall_());
    emit(options_.flush_each);
}

void JsonSink::diagnosis(const Diagnosis &diagnosis)
{
    append_json_diagnosis(buffer_, diagnosis, wall_());
    emit(true);
}

void JsonSink::lost(std::uint64_t records, std::uint64_t time_ns)
{
    append_json_lost(buffer_, records, time_ns, wall_());
    emit(true);
}

void JsonSink::summary(const Summary &summary)
{
    append_json_summary(buffer_, summary, wall_());
    emit(true);
}

Result<void> JsonSink::finish()
{
    return out_.finish();
}

} // namespace tcptrace
