// SPDX-License-Identifier: Apache-2.0
#include "source/kernel_symbols.h"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace tcptrace;

namespace {

KernelSymbols of(const std::string &kallsyms)
{
    std::istringstream text(kallsyms);
    return KernelSymbols::parse(text);
}

const std::string kernel = "ffffffff81000000 T _stext\n"
                           "ffffffff81003000 t tcp_v4_rcv.cold\n"
                           "ffffffff81001ff0 t __pfx_tcp_v4_rcv\n"
                           "ffffffff81002000 T tcp_v4_rcv\n"
                           "ffffffff81002400 W sk_stream_kill_queues\n"
                           "ffffffff81004000 T ip_error\n"
                           "ffffffff81005000 T _etext\n"
                           "ffffffff82000000 D tcp_hashinfo\n"
                           "ffffffffc0000000 t nft_do_chain\t[nf_tables]\n"
                           "ffffffffc0000800 t bpf_prog_1234567\t[bpf]\n"
                           "ffffffffc0001000 t nft_last\t[nf_tables]\n";

} // namespace

TEST_CASE("a return address belongs to the function whose call it stands behind")
{
    const KernelSymbols symbols = of(kernel);
    CHECK(symbols.function(0xffffffff81002123) == "tcp_v4_rcv");
    CHECK(symbols.function(0xffffffff81002400) == "tcp_v4_rcv"); // a call was its last instruction
    CHECK(symbols.function(0xffffffff81002401) == "sk_stream_kill_queues");
    CHECK(symbols.function(0xffffffff81003010) == "tcp_v4_rcv"); // what the compiler set apart
    CHECK(symbols.function(0xffffffffc0000900) == "nft_do_chain");
    CHECK(symbols.function(0xffffffff80ffffff).empty());
    CHECK(symbols.function(0xffffffffd0000000).empty()); // behind all that is known
}

TEST_CASE("all code of a function is found, and only its own")
{
    const KernelSymbols symbols = of(kernel);
    const auto code = symbols.code_of("tcp_v4_rcv");
    REQUIRE(code.size() == 2);
    CHECK(code[0].begin == 0xffffffff81002001);
    CHECK(code[0].end == 0xffffffff81002401);
    CHECK(code[1].begin == 0xffffffff81003001);
    CHECK(symbols.code_of("tcp_v4").empty());
    CHECK(symbols.code_of("bpf_prog_1234567").empty());
}

TEST_CASE("the kernel's own code is told from its modules'")
{
    const KernelSymbols symbols = of(kernel);
    CHECK(symbols.in_core(0xffffffff81002123));
    CHECK_FALSE(symbols.in_core(0xffffffffc0000100));
}

TEST_CASE("hidden addresses, and lines that are none")
{
    CHECK(of("0000000000000000 T _stext\n0000000000000000 T tcp_v4_rcv\n").empty());
    CHECK(of("").empty());
    const KernelSymbols odd = of("nonsense\n\nffffffff81000000\nffffffff81000000 T\n"
                                 "ffffffff81000000 T \nffffffff81000000xT name\n" +
                                 std::string("ffffffff81000000 T ") + std::string(5000, 'a') +
                                 "\nffffffff81000010 T good\nffffffff81000020 T end\n");
    CHECK(odd.function(0xffffffff81000011) == "good");
    CHECK(odd.code_of("name").empty());
}

TEST_CASE("of a file without end only so much is read")
{
    std::string line = "ffffffff81000000 t a\n";
    std::string text;
    for (std::size_t i = 0; i < KernelSymbols::symbols_max; i++)
        text += line;
    text += "ffffffff90000000 t beyond\nffffffff90000010 t end\n";
    CHECK(of(text).code_of("beyond").empty());
}
