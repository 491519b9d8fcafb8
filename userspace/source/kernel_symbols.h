// SPDX-License-Identifier: Apache-2.0
// Which function of the kernel an address is in, from /proc/kallsyms. A value; read once,
// and again when modules have come.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

class KernelSymbols {
public:
    // Many times what a kernel has; lines beyond are not read.
    static constexpr std::size_t symbols_max = 1U << 20;

    // Empty if the addresses are hidden from this process (kernel.kptr_restrict).
    [[nodiscard]] static KernelSymbols read();
    [[nodiscard]] static KernelSymbols parse(std::istream &kallsyms);

    [[nodiscard]] bool empty() const { return symbols_.empty(); }
    // Of the function that this is a return address into, as it is written in the source:
    // "tcp_v4_rcv" of "tcp_v4_rcv.cold". Empty if it is in none that is known.
    [[nodiscard]] std::string_view function(std::uint64_t return_address) const;
    // In the kernel itself, not in a module: those are there as long as the kernel runs.
    [[nodiscard]] bool in_core(std::uint64_t return_address) const;

    struct Range { // of return addresses; the end does not belong to it
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    // All code of the functions of this name.
    [[nodiscard]] std::vector<Range> code_of(std::string_view function) const;

private:
    struct Symbol {
        std::uint64_t address = 0;
        std::uint32_t name = 0; // where it begins in names_
        std::uint32_t length = 0;
    };
    void add(std::string_view line);
    void mark_core();
    [[nodiscard]] std::string_view name_of(const Symbol &symbol) const;

    std::vector<Symbol> symbols_; // of code, by address
    std::string names_;           // one behind the other
    std::uint64_t core_begin_ = 0;
    std::uint64_t core_end_ = 0;
};

} // namespace tcptrace
