// SPDX-License-Identifier: Apache-2.0
#include "render/finding.h"

namespace tcptrace {

namespace {

constexpr std::uint32_t numbered = TT_SYN_RETRANSMISSION | TT_SYNACK_RETRANSMISSION |
                                   TT_SYN_UNANSWERED | TT_RETRANSMISSIONS | TT_DUPLICATE_ACK;
constexpr std::uint32_t of_window = TT_ZERO_WINDOW | TT_WINDOW_UPDATE;
constexpr std::uint32_t timed = TT_SYN_RETRANSMISSION | TT_SYNACK_RETRANSMISSION |
                                TT_SYN_UNANSWERED | TT_RETRANSMISSIONS | TT_OUT_OF_ORDER;

// classify.h writes elapsed_ns in this order, the later one over the earlier.
bool window_has_elapsed(const tt_finding &finding)
{
    return (finding.signs & TT_SIGN_WINDOW_OPENED) || (finding.anomalies & TT_ZERO_WINDOW);
}

} // namespace

std::optional<std::uint32_t> repetition_of(tt_anomaly anomaly, const tt_finding &finding)
{
    const std::uint32_t bit = anomaly;

    if (!(bit & numbered) || finding.number == 0)
        return std::nullopt;
    return finding.number;
}

std::optional<std::uint64_t> elapsed_of(tt_anomaly anomaly, const tt_finding &finding)
{
    const bool window = window_has_elapsed(finding);
    const std::uint32_t bit = anomaly;

    if (finding.elapsed_ns == 0)
        return std::nullopt;
    if (anomaly == TT_RESET || anomaly == TT_ICMP_ERROR)
        return finding.elapsed_ns;
    if (finding.anomalies & (TT_RESET | TT_ICMP_ERROR))
        return std::nullopt;
    if (bit & of_window)
        return window ? std::optional(finding.elapsed_ns) : std::nullopt;
    return (bit & timed) && !window ? std::optional(finding.elapsed_ns) : std::nullopt;
}

} // namespace tcptrace
