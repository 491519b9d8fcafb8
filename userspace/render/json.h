// SPDX-License-Identifier: Apache-2.0
// JSON Lines (contract §5): one object a line, whole, UTF-8. A field that is not known is
// absent. Each function appends whole lines, so that a caller may reuse one buffer.
#pragma once

#include "core/diagnosis.h"
#include "core/observation.h"
#include "core/summary.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

inline constexpr int json_schema = 1;

void append_json_start(std::string &out, const StartInfo &info, std::string_view version,
                       std::int64_t wall_offset_ns);
// One object for each of `anomalies`.
void append_json_event(std::string &out, const Observation &observation, std::uint32_t anomalies,
                       std::int64_t wall_offset_ns);
// A packet with what was captured of it unread; `anomalies` by id, where it has any.
void append_json_packet(std::string &out, const Observation &packet, std::uint32_t anomalies,
                        std::int64_t wall_offset_ns);
void append_json_diagnosis(std::string &out, const Diagnosis &diagnosis,
                           std::int64_t wall_offset_ns);
void append_json_lost(std::string &out, std::uint64_t records, std::uint64_t time_ns,
                      std::int64_t wall_offset_ns);
void append_json_summary(std::string &out, const Summary &summary, std::int64_t wall_offset_ns);

} // namespace tcptrace
