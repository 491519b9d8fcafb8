// SPDX-License-Identifier: Apache-2.0
#include "render/mark.h"

#include "render/finding.h"
#include "render/icmp_words.h"
#include "render/text.h"

namespace tcptrace {

namespace {

void append_elapsed(std::string &out, std::string_view before, tt_anomaly anomaly,
                    const tt_finding &finding, std::string_view after = {})
{
    if (const auto elapsed = elapsed_of(anomaly, finding)) {
        out += before;
        append_duration(out, *elapsed);
        out += after;
    }
}

void append_reset(std::string &out, const tt_record &record)
{
    const tt_finding &finding = record.finding;

    put(out, ", stage {}", stage_id(finding.stage));
    if (finding.stage == TT_STAGE_SYN && record.state.latest_syn_ns != 0) {
        out += ", ";
        append_duration(out, record.time_ns - record.state.latest_syn_ns);
        out += " after the SYN";
        return;
    }
    append_elapsed(out, ", ", TT_RESET, finding, " after the first segment");
}

void append_icmp(std::string &out, const Observation &observation)
{
    const PacketView packet = observation.packet();
    const tt_segment &segment = packet.segment;

    put(out, ", {}", icmp_words(segment.family, segment.icmp_type, segment.icmp_code));
    if (segment.mtu != 0)
        put(out, ", mtu {}", segment.mtu);
    if (const auto sender = icmp_sender(packet))
        put(out, ", from {}", to_string(*sender));
    append_elapsed(out, ", ", TT_ICMP_ERROR, observation.record.finding, " after the SYN");
}

// "NETFILTER_DROP in nft_do_chain, forward, eth1"
void append_drop(std::string &out, const Observation &observation)
{
    const DropName &drop = observation.drop;

    if (!drop.reason.empty())
        put(out, " {}", drop.reason);
    if (!drop.function.empty())
        put(out, " in {}", drop.function);
    if (!drop.hook.empty())
        put(out, ", {}", drop.hook);
    if (!observation.interface.empty())
        put(out, ", {}", observation.interface);
}

void append_unanswered(std::string &out, const tt_finding &finding)
{
    append_elapsed(out, ", no answer for ", TT_SYN_UNANSWERED, finding);
    if (finding.number > 0)
        put(out, ", sent {}", counted(finding.number, "time"));
}

// Linux probes a closed window by an empty segment below the next sequence number, which
// by its numbers alone is a keep-alive.
bool probes_closed_window(const tt_record &record)
{
    return record.state.half[(record.sender & 1) ^ 1].closed_ns != 0;
}

// What is said of one anomaly behind its id.
void append_words(std::string &out, tt_anomaly anomaly, const Observation &observation)
{
    const tt_finding &finding = observation.record.finding;

    if (anomaly != TT_SYN_UNANSWERED)
        if (const auto number = repetition_of(anomaly, finding))
            put(out, " #{}", *number);
    switch (anomaly) {
    case TT_SYN_RETRANSMISSION:
        append_elapsed(out, ", ", anomaly, finding);
        if (!(observation.record.state.marks & TT_MARK_ANSWERED))
            out += ", no SYN-ACK";
        break;
    case TT_SYNACK_RETRANSMISSION:
        append_elapsed(out, ", ", anomaly, finding, ", no ACK");
        break;
    case TT_SYN_UNANSWERED:
        append_unanswered(out, finding);
        break;
    case TT_RESET:
        append_reset(out, observation.record);
        break;
    case TT_RETRANSMISSION:
    case TT_FAST_RETRANSMISSION:
        append_elapsed(out, ", after ", anomaly, finding);
        break;
    case TT_SPURIOUS_RETRANSMISSION:
        out += ", already acknowledged";
        break;
    case TT_OUT_OF_ORDER:
        append_elapsed(out, ", ", anomaly, finding, " late");
        break;
    case TT_LOST_SEGMENT:
        out += ", a hole before it";
        break;
    case TT_ZERO_WINDOW:
    case TT_WINDOW_UPDATE:
        append_elapsed(out, ", closed for ", anomaly, finding);
        break;
    case TT_KEEP_ALIVE:
        if (probes_closed_window(observation.record))
            out += ", probes the closed window";
        break;
    case TT_REUSED_PORTS:
        out += ", new connection";
        break;
    case TT_ICMP_ERROR:
        append_icmp(out, observation);
        break;
    case TT_DROP:
        append_drop(out, observation);
        break;
    default:
        break;
    }
}

} // namespace

void append_mark_words(std::string &out, const Observation &observation, std::uint32_t anomalies)
{
    std::string_view separator;

    for_each_anomaly(anomalies, [&](tt_anomaly anomaly) {
        out += separator;
        separator = "; ";
        out += anomaly_id(anomaly);
        append_words(out, anomaly, observation);
    });
    if (observation.record.finding.suppressed > 0)
        put(out, " (+{} suppressed)", observation.record.finding.suppressed);
}

void append_mark(std::string &out, const Observation &observation, std::uint32_t anomalies)
{
    out += "  «";
    append_mark_words(out, observation, anomalies);
    out += "»";
}

} // namespace tcptrace
