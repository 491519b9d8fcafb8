// SPDX-License-Identifier: Apache-2.0
// Events and packets as JSON.
#include "render/finding.h"
#include "render/icmp_words.h"
#include "render/json.h"
#include "render/json_object.h"
#include "render/packet_line.h"
#include "render/summary_text.h"
#include "render/tcp_line.h"
#include "render/wall.h"

namespace tcptrace {

namespace {

Json interface_of(const PacketView &packet)
{
    Json interface = Json::object();
    if (!packet.interface.empty())
        interface["name"] = packet.interface;
    if (packet.ifindex != 0)
        interface["index"] = packet.ifindex;
    return interface;
}

// The header's own numbers, not relative ones. Without a frame only flags, sequence
// number and length are known; of a segment quoted by ICMP, its sequence number.
Json tcp_of(const PacketView &packet)
{
    const tt_segment &segment = packet.segment;
    const bool quoted = segment.kind == TT_KIND_ICMP_ERROR;
    const bool framed = !packet.bytes.empty() && !quoted;
    Json tcp;

    if (!quoted) {
        std::string flags = "[";
        append_tcp_flags(flags, segment.flags);
        tcp["flags"] = flags + "]";
    }
    tcp["seq"] = segment.sequence;
    if (framed && (segment.flags & TT_ACK))
        tcp["ack"] = segment.acknowledgment;
    if (framed)
        tcp["window"] = segment.window;
    if (!quoted)
        tcp["length"] = segment.length;
    return tcp;
}

Json icmp_of(const PacketView &packet)
{
    Json icmp;
    icmp["type"] = packet.segment.icmp_type;
    icmp["code"] = packet.segment.icmp_code;
    icmp["reason"] =
        icmp_words(packet.segment.family, packet.segment.icmp_type, packet.segment.icmp_code);
    if (packet.segment.mtu != 0)
        icmp["mtu"] = packet.segment.mtu;
    if (const auto sender = icmp_sender(packet))
        icmp["from"] = to_string(*sender);
    return icmp;
}

Json drop_of(const Observation &observation)
{
    const DropName &name = observation.drop;
    return json_drop({.reason = std::string(name.reason),
                      .function = std::string(name.function),
                      .hook = std::string(name.hook),
                      .rule = {},
                      .interface = std::string(observation.interface),
                      .netns = observation.record.netns});
}

void add_place(Json &object, const PacketView &packet)
{
    if (Json interface = interface_of(packet); !interface.empty())
        object["interface"] = std::move(interface);
    if (packet.way != TT_WAY_UNKNOWN)
        object["direction"] = packet.way == TT_IN ? "in" : "out";
}

Json place_in_file(const Observation &packet)
{
    Json place = Json::object();
    if (packet.number != 0)
        place["number"] = packet.number;
    if (!packet.file_name.empty())
        place["file"] = packet.file_name;
    return place;
}

void add_segment(Json &object, const PacketView &packet)
{
    object["source"] = json_end(packet.source.address, packet.source.port);
    object["destination"] = json_end(packet.destination.address, packet.destination.port);
    object["network"] =
        json_network(packet.source.address.family, &packet.source, &packet.destination);
    object["tcp"] = tcp_of(packet);
    if (packet.segment.kind == TT_KIND_ICMP_ERROR)
        object["icmp"] = icmp_of(packet);
}

// All but what differs between the anomalies of one segment.
Json common_part(const Observation &observation, const PacketView &packet,
                 std::int64_t wall_offset_ns)
{
    const tt_record &record = observation.record;
    Json object = json_object("event", to_unix(packet.time_ns, wall_offset_ns));

    object["event"] = ""; // its place; the id comes later
    object["witness"] = record.witness == TT_WITNESS_STACK ? "stack" : "wire";
    object["depth"] = depth_id(static_cast<tt_depth>(record.depth));
    add_place(object, packet);
    add_segment(object, packet);
    if (Json about = place_in_file(observation); !about.empty())
        object["packet"] = std::move(about);
    return object;
}

} // namespace

void append_json_packet(std::string &out, const Observation &packet, std::uint32_t anomalies,
                        std::int64_t wall_offset_ns)
{
    const PacketView view = packet.packet();
    Json object = json_object("packet", to_unix(view.time_ns, wall_offset_ns));
    Json about = place_in_file(packet);

    about["length"] = view.wire_length;
    about["captured"] = view.bytes.size();
    object["packet"] = std::move(about);
    add_place(object, view);
    if (view.source.address.family != 0)
        add_segment(object, view);
    for_each_anomaly(
        anomalies, [&](tt_anomaly anomaly) { object["anomalies"].push_back(anomaly_id(anomaly)); });
    object["line"] = whole_packet_line(view, {});
    append_json_line(out, object);
}

void append_json_event(std::string &out, const Observation &observation, std::uint32_t anomalies,
                       std::int64_t wall_offset_ns)
{
    const tt_finding &finding = observation.record.finding;
    Json object = common_part(observation, observation.packet(), wall_offset_ns);

    if (finding.suppressed != 0)
        object["suppressed"] = finding.suppressed;
    for_each_anomaly(anomalies, [&](tt_anomaly anomaly) {
        object["event"] = anomaly_id(anomaly);
        if (anomaly == TT_DROP)
            object["drop"] = drop_of(observation);
        if (anomaly == TT_RESET)
            object["stage"] = stage_id(finding.stage);
        if (const auto number = repetition_of(anomaly, finding))
            object["repetition"] = *number;
        if (const auto elapsed = elapsed_of(anomaly, finding))
            object["elapsed"] = static_cast<double>(*elapsed) / 1e9;
        append_json_line(out, object);
        for (const char *own : {"drop", "stage", "repetition", "elapsed", "suppressed"})
            object.erase(own); // `suppressed` is told once
    });
}

} // namespace tcptrace
