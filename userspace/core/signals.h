// SPDX-License-Identifier: Apache-2.0
// What the user asks of a running tcptrace by signals: to end cleanly (SIGINT,
// SIGTERM), to print its counters and go on (SIGUSR1). Sources poll these; system
// calls that block are interrupted (no SA_RESTART).
#pragma once

namespace tcptrace {

void install_signal_handlers();
[[nodiscard]] bool stop_requested();
// True once for each SIGUSR1 since the last call.
[[nodiscard]] bool take_report_request();

} // namespace tcptrace
