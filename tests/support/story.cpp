// SPDX-License-Identifier: Apache-2.0
#include "support/story.h"

#include "support/frames.h"

#include <algorithm>

namespace tcptrace::test {

namespace {

tt_address ipv4(std::uint8_t last)
{
    tt_address address{};
    address.bytes[10] = 0xff;
    address.bytes[11] = 0xff;
    address.bytes[12] = 192;
    address.bytes[14] = 2;
    address.bytes[15] = last;
    return address;
}

} // namespace

Story::Story(std::uint16_t client_port, std::uint16_t server_port)
    : client_port_(client_port), server_port_(server_port)
{
}

tt_record Story::begin(double ms, const Said &said, std::uint32_t ifindex) const
{
    tt_record record{};
    tt_endpoints ends{ipv4(1), ipv4(2), client_port_, server_port_};
    if (!said.from_client)
        ends = {ipv4(2), ipv4(1), server_port_, client_port_};
    const bool out = said.from_client;

    record.time_ns = static_cast<std::uint64_t>(ms * 1e6);
    record.wire_length = 54 + said.length;
    record.depth = settings.depth;
    record.way = out ? TT_OUT : TT_IN;
    record.sender = static_cast<std::uint8_t>(
        tt_flow_key_make(&record.key, &ends, TT_IPV4, ifindex, record.way));
    record.segment.sequence = said.sequence;
    record.segment.acknowledgment = said.acknowledgment;
    record.segment.length = said.length;
    record.segment.dsack = said.dsack;
    record.segment.window = said.window;
    record.segment.flags = said.flags;
    record.segment.header_length = said.header_length;
    record.segment.ttl = said.ttl;
    record.segment.family = TT_IPV4;
    record.segment.scale = TT_SCALE_ABSENT;
    return record;
}

const Observation &Story::keep(const tt_record &record)
{
    records_.push_back(record);
    const tt_record &kept = records_.back();
    return observations_.emplace_back(Observation{.record = kept,
                                                  .frame = {kept.head, kept.head_length},
                                                  .interface = "eth0",
                                                  .stack_tells_resets = stack_tells_resets});
}

const Observation &Story::classify(tt_record record, std::uint32_t ifindex)
{
    const auto [place, fresh] = states_.try_emplace(ifindex);
    if (fresh)
        tt_flow_state_init(&place->second, record.time_ns);
    tt_classify(&place->second, record.sender, &record.segment, record.time_ns, &settings,
                &record.finding);
    record.state = place->second;
    return keep(record);
}

const Observation &Story::at(double ms, const Said &said, std::uint32_t ifindex)
{
    return classify(begin(ms, said, ifindex), ifindex);
}

const Observation &Story::icmp(double ms, const Said &quoted, std::uint8_t type, std::uint8_t code)
{
    Said answer = quoted;
    answer.from_client = !quoted.from_client;
    tt_record record = begin(ms, answer, 1);
    const ByteVector packet = icmp_packet(
        "192.0.2.254", quoted.from_client ? "192.0.2.1" : "192.0.2.2", type, code, 0, {});
    std::ranges::copy(packet, record.head);
    record.head_length = static_cast<std::uint16_t>(packet.size());
    record.wire_length = record.head_length;
    record.link = TT_LINK_RAW;
    record.segment.kind = TT_KIND_ICMP_ERROR;
    record.segment.icmp_type = type;
    record.segment.icmp_code = code;
    return classify(record, 1);
}

const Observation &Story::silence(double ms, std::uint32_t ifindex)
{
    tt_flow_state &state = states_.at(ifindex);
    tt_record record = begin(ms, {.flags = TT_SYN}, ifindex);
    record.hook = TT_HOOK_SWEEP;
    record.wire_length = 0;
    tt_expire(&state, record.time_ns, &settings, &record.finding);
    record.segment.sequence = state.half[record.sender].first_sequence;
    record.state = state;
    return keep(record);
}

const Observation &Story::stack(double ms, const Said &said, std::uint32_t anomalies)
{
    tt_record record = begin(ms, said, 0);
    record.key.side = 2;
    record.witness = TT_WITNESS_STACK;
    record.hook = TT_HOOK_RETRANSMIT_SKB;
    record.finding.anomalies = anomalies;
    return keep(record);
}

const Observation &Story::unsent(double ms, const Said &said, std::uint8_t error)
{
    tt_record record = begin(ms, said, 0);
    record.key.side = 2;
    record.witness = TT_WITNESS_STACK;
    record.hook = TT_HOOK_RETRANSMIT_SKB;
    record.stack.error = error;
    tt_flow_state_init(&record.state, record.time_ns);
    return keep(record);
}

const Observation &Story::drop(double ms, const Said &said, const Dropped &how)
{
    tt_record record = begin(ms, said, 0);
    record.key.side = 2;
    record.witness = TT_WITNESS_STACK;
    record.hook = TT_HOOK_DROP;
    record.netns = how.netns;
    record.finding.anomalies = TT_DROP;
    record.finding.suppressed = how.suppressed;
    tt_flow_state_init(&record.state, record.time_ns);
    keep(record);
    Observation &observation = observations_.back();
    observation.interface = how.interface;
    observation.drop = how.name;
    observation.foreign = how.foreign;
    return observation;
}

const Observation &Story::connect_failed(double ms)
{
    tt_record record = begin(ms, {.flags = 0}, 0);
    record.witness = TT_WITNESS_STACK;
    record.hook = TT_HOOK_SET_STATE;
    tt_flow_state_init(&record.state, record.time_ns);
    record.state.initiator = record.sender;
    return keep(record);
}

const Observation &Story::stack_reset(double ms, bool from_client, tt_stage stage,
                                      const tt_stack_view &view)
{
    tt_record record = begin(ms, {.from_client = from_client, .flags = TT_RST | TT_ACK}, 0);
    record.key.side = 2;
    record.witness = TT_WITNESS_STACK;
    record.hook = TT_HOOK_SEND_RESET;
    record.finding.anomalies = TT_RESET;
    record.finding.stage = stage;
    record.stack = view;
    return keep(record);
}

} // namespace tcptrace::test
