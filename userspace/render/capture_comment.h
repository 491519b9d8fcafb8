// SPDX-License-Identifier: Apache-2.0
// A diagnosis as the comment of a packet in a capture file. An anomaly's is mark.h's.
#pragma once

#include "core/diagnosis.h"

#include <string>

namespace tcptrace {

// "diagnosis: syn_timeout, no_reply (likely): ..."
[[nodiscard]] std::string diagnosis_comment(const Diagnosis &diagnosis);

} // namespace tcptrace
