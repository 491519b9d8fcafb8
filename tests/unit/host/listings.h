// SPDX-License-Identifier: Apache-2.0
// The listings beside this file, as nft 1.0.6 and iptables-nft-save 1.8.9 printed them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace tcptrace::test {

inline std::string fixture(const std::string &name)
{
    std::ifstream file(TCPTRACE_SOURCE_DIR "/tests/unit/host/fixtures/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace tcptrace::test
