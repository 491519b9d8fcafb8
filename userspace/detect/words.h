// SPDX-License-Identifier: Apache-2.0
// Turns of phrase that several detectors share.
#pragma once

#include "core/diagnosis.h"
#include "flow/flow.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// "0.4 ms", "1.02 s", "2 min 3 s"
[[nodiscard]] std::string duration_words(std::uint64_t ns);
// "10.0.0.1:80", "[2001:db8::1]:80"
[[nodiscard]] std::string endpoint_words(const Endpoint &endpoint);
// "client" or "server" for an end of the flow, by who sent the SYN.
[[nodiscard]] std::string_view role_words(const Flow &flow, unsigned end);
// "1 time", "3 times"; "1 segment", "3 segments"
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
// "pid 4242 api · container 3f9c… · pod production/api-b", as far as it is known.
[[nodiscard]] std::string process_words(const ProcessName &process);
// Who: the process, where it is known.
void name_process(const std::optional<ProcessName> &process, Diagnosis &diagnosis);
// "on eth0 (out), veth1 (in)": where the initiator's SYN was seen; empty if the points
// have no name or direction.
[[nodiscard]] std::string syn_path_words(const Flow &flow);

} // namespace tcptrace
