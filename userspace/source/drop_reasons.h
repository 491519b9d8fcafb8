// SPDX-License-Identifier: Apache-2.0
// Why a kernel drops a packet, by name. The numbers differ even between minor versions, so
// they are looked up in the running kernel's own types (BTF): enum skb_drop_reason, and the
// enums of subsystems, whose number stands in a reason's upper half (include/net/dropreason.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct btf;

namespace tcptrace {

class DropReasons {
public:
    // Takes what the kernel's types name, and those of its modules that have reasons.
    void learn(btf *kernel);
    // The reasons among these types alone.
    void take(const btf *types, std::uint32_t first_type = 1);

    // None: the kernel (before 5.17) gives no reasons.
    [[nodiscard]] bool none() const { return names_.empty(); }
    // "NETFILTER_DROP". What has no name gets one from its number and its subsystem's.
    [[nodiscard]] std::string_view name(std::uint32_t reason);
    [[nodiscard]] std::optional<std::uint32_t> number(std::string_view name) const;

private:
    void take_enum(const btf *types, std::uint32_t id);
    void learn_again();

    std::map<std::uint32_t, std::string> names_;
    std::map<std::uint32_t, std::string> subsystems_;
    bool learned_again_ = false;
};

} // namespace tcptrace
