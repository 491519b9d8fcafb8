// SPDX-License-Identifier: Apache-2.0
// Names of drops, on kernels that are made up: their types and symbols are written here.
#include "source/drop_names.h"
#include "source/quiet_drops.h"

#include <bpf/btf.h>
#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace tcptrace;

namespace {

using Types = std::unique_ptr<btf, decltype(&btf__free)>;
using Values = std::vector<std::pair<std::string, int>>;

void add_enum(const Types &types, const char *name, const Values &values)
{
    REQUIRE(btf__add_enum(types.get(), name, 4) > 0);
    for (const auto &[value_name, value] : values)
        REQUIRE(btf__add_enum_value(types.get(), value_name.c_str(), value) == 0);
}

DropReasons modern_reasons()
{
    const Types types(btf__new_empty(), btf__free);
    add_enum(types, "skb_drop_reason",
             {{"SKB_NOT_DROPPED_YET", 0},
              {"SKB_CONSUMED", 1},
              {"SKB_DROP_REASON_NOT_SPECIFIED", 2},
              {"SKB_DROP_REASON_NO_SOCKET", 3},
              {"SKB_DROP_REASON_NETFILTER_DROP", 12},
              {"SKB_DROP_REASON_TCP_OLD_DATA", 33},
              {"SKB_DROP_REASON_QUEUE_PURGE", 104},
              {"SKB_DROP_REASON_MAX", 128}});
    add_enum(types, "skb_drop_reason_subsys",
             {{"SKB_DROP_REASON_SUBSYS_CORE", 0}, {"SKB_DROP_REASON_SUBSYS_TURTLES", 40}});
    add_enum(types, "turtle_drop_reason",
             {{"__TURTLE_DROP_REASON", 40 << 16}, {"TURTLE_ASLEEP", (40 << 16) + 1}});
    add_enum(types, "other_drop_reason", {{"NOT_OF_A_PACKET", 12}});
    DropReasons reasons;
    reasons.take(types.get());
    return reasons;
}

KernelSymbols some_symbols()
{
    std::istringstream text(
        "0000000000001000 T _stext\n0000000000002000 T tcp_v4_rcv\n"
        "0000000000003000 T nft_do_chain\n0000000000004000 T skb_queue_purge\n"
        "0000000000005000 T cookie_v4_check\n0000000000006000 T tcp_rcv_state_process\n"
        "0000000000007000 T _etext\n");
    return KernelSymbols::parse(text);
}

bool is_quiet(const tt_quiet_drops &drops, std::uint64_t location, std::uint32_t reason,
              std::uint8_t flags, std::uint32_t length = 0)
{
    for (std::uint32_t i = 0; i < drops.count; i++) {
        if (tt_is_quiet(&drops.each[i], location, reason, flags, length))
            return true;
    }
    return false;
}

tt_drop_view drop_at(std::uint64_t location, std::uint32_t reason, tt_drop_place place)
{
    tt_drop_view drop{};
    drop.location = location;
    drop.reason = reason;
    drop.knows_reason = 1;
    drop.place = place;
    return drop;
}

constexpr std::uint64_t tcp_v4_rcv = 0x2010;
constexpr std::uint64_t nft_do_chain = 0x3010;
constexpr std::uint64_t cookie_v4_check = 0x5010;
constexpr std::uint64_t state_process = 0x6010;

} // namespace

TEST_CASE("reasons have the names of this kernel, whatever their numbers")
{
    DropReasons reasons = modern_reasons();
    CHECK(reasons.name(12) == "NETFILTER_DROP");
    CHECK(reasons.name(1) == "CONSUMED");
    CHECK(reasons.number("TCP_OLD_DATA") == 33);
    CHECK_FALSE(reasons.number("MAX"));
    CHECK_FALSE(reasons.number("NOT_OF_A_PACKET"));
}

TEST_CASE("a subsystem's reasons, and those that nobody names")
{
    DropReasons reasons = modern_reasons();
    CHECK(reasons.name((40U << 16) + 1) == "TURTLE_ASLEEP");
    CHECK(reasons.name(99) == "CORE_99");
    // These make it look once more at the kernel that the test runs on, which has none such.
    CHECK(reasons.name((40U << 16) + 9) == "TURTLES_9");
    CHECK(reasons.name((77U << 16) + 5) == "SUBSYSTEM_77_5");
}

TEST_CASE("a drop has reason, function and hook")
{
    DropNames names(modern_reasons(), some_symbols());
    const DropName filtered = names.of(drop_at(nft_do_chain, 12, TT_PLACE_FORWARD));
    CHECK(filtered.reason == "NETFILTER_DROP");
    CHECK(filtered.function == "nft_do_chain");
    CHECK(filtered.hook == "forward");
    const DropName closed = names.of(drop_at(tcp_v4_rcv, 3, TT_PLACE_INPUT));
    CHECK(closed.function == "tcp_v4_rcv");
    CHECK(closed.hook.empty()); // no hook's doing
}

TEST_CASE("before there were reasons the function stands for one")
{
    DropNames names(DropReasons{}, some_symbols());
    tt_drop_view drop = drop_at(nft_do_chain, TT_REASON_ANY, TT_PLACE_INPUT);
    drop.knows_reason = 0;
    CHECK(names.of(drop).reason.empty());
    CHECK(names.of(drop).hook == "input");
}

TEST_CASE("hooks at the device")
{
    CHECK(drop_hook("TC_INGRESS", "__netif_receive_skb_core", TT_PLACE_UNKNOWN) == "ingress");
    CHECK(drop_hook("TC_EGRESS", "__dev_queue_xmit", TT_PLACE_UNKNOWN) == "egress");
    CHECK(drop_hook("NOT_SPECIFIED", "do_xdp_generic", TT_PLACE_PREROUTING) == "ingress");
    CHECK(drop_hook("", "nf_hook_slow", TT_PLACE_OUTPUT) == "output");
    CHECK(drop_hook("NETFILTER_DROP", "nft_do_chain", 200).empty());
}

TEST_CASE("what healthy connections show is quiet, and nothing like it")
{
    const tt_quiet_drops drops = quiet_drops(modern_reasons(), some_symbols());
    CHECK(is_quiet(drops, 0x9999, 33, TT_ACK, 100));        // old data, wherever
    CHECK(is_quiet(drops, tcp_v4_rcv, 2, TT_FIN | TT_ACK)); // to TIME_WAIT
    CHECK_FALSE(is_quiet(drops, nft_do_chain, 2, TT_SYN));  // elsewhere
    CHECK(is_quiet(drops, state_process, 2, TT_ACK));       // a bare ACK in CLOSE_WAIT
    CHECK_FALSE(is_quiet(drops, state_process, 2, TT_ACK, 1));
    CHECK_FALSE(is_quiet(drops, state_process, 2, TT_SYN));
    CHECK(is_quiet(drops, tcp_v4_rcv, 3, TT_RST));            // to a socket that is gone
    CHECK_FALSE(is_quiet(drops, tcp_v4_rcv, 3, TT_SYN));      // a closed port
    CHECK_FALSE(is_quiet(drops, tcp_v4_rcv, 3, TT_ACK, 1));   // data that nobody gets
    CHECK_FALSE(is_quiet(drops, cookie_v4_check, 3, TT_ACK)); // a full accept queue
    CHECK_FALSE(is_quiet(drops, nft_do_chain, 12, TT_ACK | TT_FIN));
}

TEST_CASE("a kernel without reasons, and one that hides its functions")
{
    const tt_quiet_drops old = quiet_drops(DropReasons{}, some_symbols());
    CHECK(is_quiet(old, tcp_v4_rcv, TT_REASON_ANY, TT_ACK));
    CHECK_FALSE(is_quiet(old, nft_do_chain, TT_REASON_ANY, TT_SYN));

    const tt_quiet_drops hidden = quiet_drops(modern_reasons(), KernelSymbols{});
    CHECK(is_quiet(hidden, nft_do_chain, 2, TT_SYN)); // it cannot be told where
    CHECK_FALSE(is_quiet(hidden, nft_do_chain, 12, TT_SYN));

    const tt_quiet_drops nothing = quiet_drops(DropReasons{}, KernelSymbols{});
    CHECK(is_quiet(nothing, nft_do_chain, TT_REASON_ANY, TT_SYN));
}
