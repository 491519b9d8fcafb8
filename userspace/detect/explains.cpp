// SPDX-License-Identifier: Apache-2.0
#include "detect/explains.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::string_view any{};

struct Row {
    std::string_view id; // the fault that comes first
    std::string_view cause;
    std::string_view consequence;
    std::string_view consequence_cause;
};

constexpr std::array rows{
    // A SYN that was answered by a refusal had an answer, however late.
    Row{"connection_refused", any, "syn_timeout", any},
    Row{"reset_after_handshake", any, "syn_timeout", any},
    // The client's segments are repeated because the server never took the connection.
    Row{"syn_timeout", "accept_queue_full", "packet_loss", any},
    Row{"syn_timeout", "accept_queue_full", "slow_response", any},
    Row{"syn_timeout", "accept_queue_full", "reset_after_handshake", any},
    // What a handshake lacked is no loss of data.
    Row{"syn_timeout", "filtered_on_this_node", "packet_loss", "filtered_on_this_node"},
    // A sender gives up what it cannot deliver; then its application, or its timer, resets.
    Row{"packet_loss", "peer_gone", "reset_after_data", "aborted_by_application"},
    Row{"packet_loss", "peer_gone", "reset_after_data", "aborted_by_peer"},
    Row{"packet_loss", "mtu_black_hole", "reset_after_data", "aborted_by_application"},
    Row{"packet_loss", "mtu_black_hole", "reset_after_data", "aborted_by_peer"},
    Row{"packet_loss", "filtered_on_this_node", "reset_after_data", "aborted_by_application"},
    Row{"packet_loss", "filtered_on_this_node", "reset_after_data", "aborted_by_peer"},
    // Who went away lost what was sent meanwhile; the reset says why it went.
    Row{"reset_after_data", "connection_unknown", "packet_loss", "peer_gone"},
    Row{"reset_after_data", "connection_unknown", "packet_loss", "network_loss"},
    Row{"reset_after_data", "keepalive_timeout", "packet_loss", "peer_gone"},
    // What a rejecting rule resets, it drops.
    Row{"reset_after_data", "firewall", "packet_loss", any},
    Row{"reset_after_handshake", "firewall", "packet_loss", any},
    // A receiver without room drops what comes anyway, and lets its sender wait.
    Row{"zero_window", any, "packet_loss", "receive_buffer_full"},
    Row{"zero_window", any, "slow_response", any},
    Row{"packet_loss", any, "slow_response", any},
};

constexpr std::array crowds{
    std::pair{std::string_view("syn_flood"), std::string_view("syn_timeout")},
};

bool fits(std::string_view wanted, std::string_view cause)
{
    return wanted == any || wanted == cause;
}

} // namespace

bool explained_by(std::string_view id, std::string_view cause, std::string_view other_id,
                  std::string_view other_cause)
{
    return std::ranges::any_of(rows, [&](const Row &row) {
        return row.id == other_id && fits(row.cause, other_cause) && row.consequence == id &&
               fits(row.consequence_cause, cause);
    });
}

bool explained_by_crowd(std::string_view id, std::string_view crowd)
{
    return std::ranges::any_of(
        crowds, [&](const auto &row) { return row.first == crowd && row.second == id; });
}

std::vector<Finding> judge_flow(const Flow &flow, const Moment &moment)
{
    std::vector<Finding> all;
    for (const auto &detector : detectors())
        all.push_back({detector.get(), detector->judge(flow, moment)});

    std::vector<Finding> told = all;
    for (std::size_t i = 0; i < all.size(); i++) {
        const bool explained =
            all[i].verdict && std::ranges::any_of(all, [&](const Finding &other) {
                return other.verdict && explained_by(all[i].detector->id(), all[i].verdict->cause,
                                                     other.detector->id(), other.verdict->cause);
            });
        if (explained)
            told[i].verdict.reset();
    }
    return told;
}

} // namespace tcptrace
