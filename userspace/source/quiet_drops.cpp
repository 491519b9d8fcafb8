// SPDX-License-Identifier: Apache-2.0
#include "source/quiet_drops.h"

#include <array>
#include <string_view>
#include <vector>

namespace tcptrace {

namespace {

struct Usual {
    std::string_view reason;   // empty: none is given
    std::string_view function; // empty: any
    std::uint8_t flags = 0;    // of those in flags_of, these are set
    std::uint8_t flags_of = 0;
    bool without_data = false;
};

constexpr std::string_view unspecified = "NOT_SPECIFIED";

// include/net/dropreason-core.h says what each of TCP's is. Kernels 5.10, 6.1 and 6.18 showed most
// of them on healthy traffic; the others by their source.
constexpr std::array usual{
    // What came before: keep-alives, window probes, tail loss probes.
    Usual{"TCP_OLD_DATA", ""},
    Usual{"TCP_OLD_SEQUENCE", ""},
    Usual{"TCP_OLD_ACK", ""},
    Usual{"TCP_OFOMERGE", ""},
    Usual{"TCP_RFC7323_PAWS", "", 0, TT_SYN}, // what was overtaken; TW_PAWS is another
    Usual{"TCP_RFC7323_PAWS_ACK", ""},
    // A SYN-ACK that is repeated because the ACK was late (TCP_DEFER_ACCEPT does so).
    Usual{"TCP_INVALID_SYN", "", TT_SYN | TT_ACK, TT_SYN | TT_ACK},
    // A reset that did what it was sent for.
    Usual{"TCP_RESET", ""},
    // The last segments of a connection whose socket is gone.
    Usual{"NO_SOCKET", "tcp_v4_rcv", 0, TT_SYN, true},
    Usual{"NO_SOCKET", "tcp_v6_rcv", 0, TT_SYN, true},
    // To a socket in TIME_WAIT, or to a request: a FIN, a reset, a repeated SYN, a bare ACK.
    Usual{unspecified, "tcp_v4_rcv"},
    Usual{unspecified, "tcp_v6_rcv"},
    // What has been taken in all the same: bare ACKs while the connection is closed, one
    // direction after the other.
    Usual{unspecified, "tcp_rcv_state_process", 0, TT_SYN, true},
    Usual{unspecified, "tcp_rcv_established", 0, TT_SYN, true},
    Usual{unspecified, "tcp_v4_do_rcv", 0, TT_SYN, true},
    Usual{unspecified, "tcp_v6_do_rcv", 0, TT_SYN, true},
    // What was not read when the socket was closed; who closes so is told of by a reset.
    Usual{"QUEUE_PURGE", "sk_stream_kill_queues"},
    Usual{"QUEUE_PURGE", "inet_sock_destruct"},
    Usual{"QUEUE_PURGE", "tcp_disconnect"},
    Usual{"QUEUE_PURGE", "tcp_write_queue_purge"},
    Usual{"QUEUE_PURGE", "skb_queue_purge_reason"},
    Usual{"QUEUE_PURGE", "skb_errqueue_purge"},
    Usual{unspecified, "sk_stream_kill_queues"},
    Usual{unspecified, "inet_sock_destruct"},
    Usual{unspecified, "tcp_disconnect"},
    Usual{unspecified, "tcp_write_queue_purge"},
    Usual{unspecified, "skb_queue_purge"},
    Usual{unspecified, "skb_rbtree_purge"},
    Usual{unspecified, "tcp_v4_destroy_sock"},
    // Drivers that free what was sent as if it had been dropped.
    Usual{unspecified, "net_tx_action"},
    // Parts of a packet that is consumed: GRO had put it together of several.
    Usual{unspecified, "skb_release_data"},
    Usual{unspecified, "kfree_skb_list_reason"},
    Usual{unspecified, "__pskb_pull_tail"},
    // The copy for a packet socket (tcpdump); the packet itself goes on.
    Usual{"PACKET_SOCK_ERROR", ""},
    Usual{unspecified, "packet_rcv"},
    Usual{unspecified, "tpacket_rcv"},
    // Another host's, which a switch or a bridge floods.
    Usual{"OTHERHOST", ""},
};

tt_quiet_drop numbered(const Usual &each, std::uint32_t reason)
{
    tt_quiet_drop quiet{};
    quiet.code_end = ~0ULL;
    quiet.reason = reason;
    quiet.flags = each.flags;
    quiet.flags_of = each.flags_of;
    quiet.without_data = each.without_data;
    return quiet;
}

std::optional<std::uint32_t> number_of(std::string_view reason, const DropReasons &reasons)
{
    if (!reasons.none())
        return reasons.number(reason);
    // Before there were reasons nothing was specified.
    return reason == unspecified ? std::optional(TT_REASON_ANY) : std::nullopt;
}

} // namespace

tt_quiet_drops quiet_drops(const DropReasons &reasons, const KernelSymbols &symbols)
{
    tt_quiet_drops drops{};
    const auto add = [&](const tt_quiet_drop &quiet) {
        if (drops.count < TT_QUIET_DROPS_MAX)
            drops.each[drops.count++] = quiet;
    };

    for (const Usual &each : usual) {
        const auto reason = number_of(each.reason, reasons);
        if (!reason)
            continue;
        tt_quiet_drop quiet = numbered(each, *reason);
        if (each.function.empty() || symbols.empty()) {
            add(quiet);
            continue;
        }
        for (const KernelSymbols::Range &code : symbols.code_of(each.function)) {
            quiet.code_begin = code.begin;
            quiet.code_end = code.end;
            add(quiet);
        }
    }
    return drops;
}

} // namespace tcptrace
