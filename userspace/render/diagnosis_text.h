// SPDX-License-Identifier: Apache-2.0
// A diagnosis in words, for people (contract §2): one heading, then what was seen, where,
// why, what to do next, and the packets that show it. Lines with nothing to say are absent.
#pragma once

#include "core/diagnosis.h"
#include "render/line_options.h"

#include <cstdint>
#include <string>

namespace tcptrace {

struct DiagnosisStyle {
    LineOptions line{};              // of the packets
    std::int64_t wall_offset_ns = 0; // added to the source's clock
    bool colour = false;
};

void append_diagnosis(std::string &out, const Diagnosis &diagnosis, const DiagnosisStyle &style);

} // namespace tcptrace
