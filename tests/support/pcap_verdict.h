// SPDX-License-Identifier: Apache-2.0
// libpcap itself, alone: what it compiles and what it says of a frame. The oracle of the
// filter tests; it uses nothing of tcptrace.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tcptrace::test {

class PcapVerdict {
public:
    // Nothing if libpcap refuses the expression for this link type.
    [[nodiscard]] static std::optional<PcapVerdict> compile(const std::string &expression,
                                                            int data_link);
    [[nodiscard]] bool operator()(std::span<const std::uint8_t> frame,
                                  std::uint32_t wire_length) const;
    [[nodiscard]] std::size_t instructions() const;

private:
    struct Code;
    std::shared_ptr<Code> code_;
};

} // namespace tcptrace::test
