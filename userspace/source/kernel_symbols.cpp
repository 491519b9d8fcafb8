// SPDX-License-Identifier: Apache-2.0
#include "source/kernel_symbols.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace tcptrace {

namespace {

constexpr std::size_t name_max = 512; // KSYM_NAME_LEN
constexpr std::string_view core_begin = "_stext";
constexpr std::string_view core_end = "_etext";

// "tcp_v4_rcv.part.0" is what a compiler made of it.
std::string_view plain_name(std::string_view name)
{
    return name.substr(0, name.find('.'));
}

bool is_part_of(std::string_view name, std::string_view function)
{
    return name.starts_with(function) && plain_name(name) == function;
}

// Code, and not the bytes before a function that kernels with kCFI or call depth tracking
// have symbols for.
bool is_code(char type, std::string_view name)
{
    return std::string_view("tTwW").contains(type) && !name.empty() && name.size() <= name_max &&
           !name.starts_with("__pfx_") && !name.starts_with("__cfi_");
}

} // namespace

// "ffffffff81000000 T _stext", and in a module "... t name\t[module]".
void KernelSymbols::add(std::string_view line)
{
    std::uint64_t address = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const std::string_view behind(rest, line.data() + line.size());

    if (error != std::errc{} || address == 0 || behind.size() < 4 || behind[0] != ' ')
        return;
    const std::string_view name = behind.substr(3, behind.find_first_of("\t ", 3) - 3);
    // Programs of BPF come and go.
    if (!is_code(behind[1], name) || behind.ends_with("[bpf]"))
        return;
    symbols_.push_back({address, static_cast<std::uint32_t>(names_.size()),
                        static_cast<std::uint32_t>(name.size())});
    names_ += name;
}

void KernelSymbols::mark_core()
{
    for (const Symbol &symbol : symbols_) {
        if (name_of(symbol) == core_begin)
            core_begin_ = symbol.address;
        else if (name_of(symbol) == core_end)
            core_end_ = symbol.address;
    }
}

KernelSymbols KernelSymbols::parse(std::istream &kallsyms)
{
    KernelSymbols symbols;
    std::string line;

    for (std::size_t lines = 0; lines < symbols_max && std::getline(kallsyms, line); lines++)
        symbols.add(line);
    std::ranges::stable_sort(symbols.symbols_, {}, &Symbol::address);
    symbols.mark_core();
    return symbols;
}

KernelSymbols KernelSymbols::read()
{
    std::ifstream kallsyms("/proc/kallsyms");
    return parse(kallsyms);
}

std::string_view KernelSymbols::name_of(const Symbol &symbol) const
{
    return std::string_view(names_).substr(symbol.name, symbol.length);
}

std::string_view KernelSymbols::function(std::uint64_t return_address) const
{
    // The call may be the function's last instruction.
    const auto next = std::ranges::lower_bound(symbols_, return_address, {}, &Symbol::address);
    if (next == symbols_.begin() || next == symbols_.end())
        return {};
    return plain_name(name_of(*std::prev(next)));
}

bool KernelSymbols::in_core(std::uint64_t return_address) const
{
    return return_address > core_begin_ && return_address <= core_end_;
}

std::vector<KernelSymbols::Range> KernelSymbols::code_of(std::string_view function) const
{
    std::vector<Range> ranges;
    for (auto symbol = symbols_.begin(); symbol != symbols_.end(); ++symbol) {
        if (!is_part_of(name_of(*symbol), function))
            continue;
        const auto next =
            std::ranges::upper_bound(symbol, symbols_.end(), symbol->address, {}, &Symbol::address);
        if (next != symbols_.end())
            ranges.push_back({symbol->address + 1, next->address + 1});
    }
    return ranges;
}

} // namespace tcptrace
