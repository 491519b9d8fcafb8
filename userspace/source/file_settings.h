// SPDX-License-Identifier: Apache-2.0
// What the classifier is told when packets come from a file: every segment is shown,
// nothing is damped.
#pragma once

#include <tcptrace/settings.h>

namespace tcptrace {

inline constexpr tt_settings file_settings = [] {
    tt_settings settings{};
    settings.syn_limit_ns = TT_SYN_LIMIT_DEFAULT_NS;
    settings.depth = TT_DEPTH_SEQUENCE;
    settings.evidence = 1;
    return settings;
}();

} // namespace tcptrace
