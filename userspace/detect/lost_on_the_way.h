// SPDX-License-Identifier: Apache-2.0
// What several captures of one connection add to a verdict on it: where on the way the
// packets were lost, or that nothing was.
#pragma once

#include "detect/detector.h"
#include "detect/two_views.h"

#include <string_view>

namespace tcptrace {

// The verdict, as sure as the views allow, if there are any; `id` is the diagnosis.
[[nodiscard]] Verdict refined(Verdict verdict, const TwoViews *views, std::string_view id);
// Adds to the words: where, and between which files. After the detector's own.
void describe_way(const TwoViews &views, std::string_view id, Diagnosis &diagnosis);

} // namespace tcptrace
