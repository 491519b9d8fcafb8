// SPDX-License-Identifier: Apache-2.0
// Which filters this kernel runs, how long they may be, and what is said of those it does not
// run. That verdicts are right: filter_test.cpp, filter_hook_test.cpp.
#include "source/kernel_filter.h"
#include "support/kernel_side.h"
#include "support/kernel_verdict.h"
#include "support/pcap_verdict.h"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <pcap/dlt.h>

#include <array>
#include <string>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

// "host 10.0.0.0 or host 10.0.0.1 or ...", so many of them.
std::string many_hosts(unsigned count)
{
    std::string expression;
    for (unsigned i = 0; i < count; i++)
        expression += fmt::format("{}host 10.{}.{}.{}", i ? " or " : "", i >> 16 & 255,
                                  i >> 8 & 255, i & 255);
    return expression;
}

// Each port is asked of IPv4 and IPv6, of packets whose headers end in different places.
std::string many_bytes(unsigned count)
{
    std::string expression;
    for (unsigned i = 0; i < count; i++)
        expression += fmt::format("{}tcp[{}:2] = {}", i ? " or " : "", i, i + 3);
    return expression;
}

KernelFilter prepared(const std::string &expression, Inner inner = Inner::No)
{
    auto filter = KernelFilter::prepare(expression, inner, true);
    REQUIRE(filter);
    return std::move(*filter);
}

void need_bpf()
{
    if (const auto why = why_no_bpf())
        SKIP(*why);
}

} // namespace

TEST_CASE("long filters run in the kernel, with libpcap's verdict")
{
    need_bpf();
    constexpr std::array<std::uint8_t, 60> probe{2,  0,    0, 0, 0,  1, 2, 0, 0, 0,  0, 2, 0x08,
                                                 0,  0x45, 0, 0, 46, 0, 0, 0, 0, 64, 6, 0, 0,
                                                 10, 0,    0, 9, 10, 9, 9, 9, 0, 80, 1, 0};
    for (const std::string &expression : {many_hosts(60), many_hosts(300), many_bytes(100)}) {
        const auto libpcap = PcapVerdict::compile(expression, DLT_EN10MB);
        REQUIRE(libpcap);
        INFO(libpcap->instructions() << " instructions: " << expression.substr(0, 40));
        CHECK(libpcap->instructions() > 124); // the longest of libpcap's own tests
        CHECK(prepared(expression).note().empty());
        const auto program = compile_expression(expression, ethernet_kind());
        REQUIRE(program);
        for (const bool xdp : {false, true}) {
            const KernelVerdict kernel(*program, {.xdp = xdp, .may_hide_tag = !xdp, .way = TT_IN});
            CHECK(kernel(probe) == (*libpcap)(probe, probe.size()));
        }
    }
}

TEST_CASE("what the kernel does not run is told, and why")
{
    need_bpf();
    CHECK(prepared("tcp port 80").runs());
    CHECK(prepared("vxlan 7").runs());
    CHECK(prepared("arp").runs()); // on a device without link header it matches nothing
    const auto note = [](const std::string &expression, Inner inner = Inner::No) {
        const KernelFilter filter = prepared(expression, inner);
        CHECK_FALSE(filter.runs());
        CHECK(filter.note().starts_with("the filter runs in user space: "));
        return filter.note();
    };
    CHECK(note("ip6 protochain 6").contains("loop"));
    CHECK(note("vxlan and tcp").contains("tunnel"));
    CHECK(note("tcp port 80", Inner::Yes).contains("tunnel"));
}

TEST_CASE("a wrong filter is an error, not a note")
{
    need_bpf();
    for (const char *wrong : {"tcp prot 80", "arp and tcp", "vxlan or tcp", "port 70000"}) {
        const auto filter = KernelFilter::prepare(wrong, Inner::No, false);
        REQUIRE_FALSE(filter);
        CHECK(filter.error().status == Status::Usage);
    }
}
