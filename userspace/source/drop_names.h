// SPDX-License-Identifier: Apache-2.0
// What the numbers in a drop's record are called: reason, function, hook of netfilter.
#pragma once

#include "core/observation.h"
#include "source/drop_reasons.h"
#include "source/kernel_symbols.h"

#include <tcptrace/record.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tcptrace {

// The hook whose rule or program dropped it; empty: none did, or it cannot be told which.
[[nodiscard]] std::string_view drop_hook(std::string_view reason, std::string_view function,
                                         std::uint8_t place); // enum tt_drop_place

class DropNames {
public:
    DropNames(DropReasons reasons, KernelSymbols symbols);
    // Valid until the next call.
    [[nodiscard]] DropName of(const tt_drop_view &drop);

private:
    static constexpr std::size_t functions_max = 4096; // few hundred places drop packets
    const std::string &function(std::uint64_t location);
    void follow_modules();

    DropReasons reasons_;
    KernelSymbols symbols_;
    std::string modules_; // as they were when the symbols were read
    std::unordered_map<std::uint64_t, std::string> functions_; // by location
};

} // namespace tcptrace
