// SPDX-License-Identifier: Apache-2.0
// Kernel and user space mean the same bytes: size and every member's place of each shared
// struct, in the BPF object's BTF and in C++.
#include "support/kernel_side.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <catch2/catch_test_macros.hpp>
#include <tcptrace.skel.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

using namespace tcptrace::test;

namespace {

struct Member {
    const char *name;
    std::size_t offset;
    std::size_t size;
};

struct Layout {
    const char *name;
    std::size_t size;
    std::vector<Member> members;
};

#define MEMBER(type, member) {#member, offsetof(type, member), sizeof(type::member)}

const std::vector<Layout> &layouts()
{
    static const std::vector<Layout> all{
        {"tt_record",
         sizeof(tt_record),
         {MEMBER(tt_record, time_ns), MEMBER(tt_record, wire_length),
          MEMBER(tt_record, netns),   MEMBER(tt_record, head_length),
          MEMBER(tt_record, link),    MEMBER(tt_record, witness),
          MEMBER(tt_record, hook),    MEMBER(tt_record, way),
          MEMBER(tt_record, sender),  MEMBER(tt_record, depth),
          MEMBER(tt_record, finding), MEMBER(tt_record, segment),
          MEMBER(tt_record, stack),   MEMBER(tt_record, drop),
          MEMBER(tt_record, key),     MEMBER(tt_record, is_packet),
          MEMBER(tt_record, cast),    MEMBER(tt_record, zero),
          MEMBER(tt_record, state),   MEMBER(tt_record, head)}},
        {"tt_finding",
         sizeof(tt_finding),
         {MEMBER(tt_finding, anomalies), MEMBER(tt_finding, number), MEMBER(tt_finding, elapsed_ns),
          MEMBER(tt_finding, suppressed), MEMBER(tt_finding, stage), MEMBER(tt_finding, signs),
          MEMBER(tt_finding, zero)}},
        {"tt_segment",
         sizeof(tt_segment),
         {MEMBER(tt_segment, sequence), MEMBER(tt_segment, acknowledgment),
          MEMBER(tt_segment, length), MEMBER(tt_segment, mtu), MEMBER(tt_segment, dsack),
          MEMBER(tt_segment, window), MEMBER(tt_segment, identification),
          MEMBER(tt_segment, network_offset), MEMBER(tt_segment, transport_offset),
          MEMBER(tt_segment, flags), MEMBER(tt_segment, header_length), MEMBER(tt_segment, kind),
          MEMBER(tt_segment, family), MEMBER(tt_segment, ttl), MEMBER(tt_segment, scale),
          MEMBER(tt_segment, icmp_type), MEMBER(tt_segment, icmp_code),
          MEMBER(tt_segment, dsack_256)}},
        {"tt_stack_view",
         sizeof(tt_stack_view),
         {MEMBER(tt_stack_view, socket), MEMBER(tt_stack_view, data_segments),
          MEMBER(tt_stack_view, state), MEMBER(tt_stack_view, new_state),
          MEMBER(tt_stack_view, reason), MEMBER(tt_stack_view, knows_reason),
          MEMBER(tt_stack_view, probe), MEMBER(tt_stack_view, why), MEMBER(tt_stack_view, exiting),
          MEMBER(tt_stack_view, signal), MEMBER(tt_stack_view, pid), MEMBER(tt_stack_view, died_ns),
          MEMBER(tt_stack_view, process), MEMBER(tt_stack_view, error),
          MEMBER(tt_stack_view, zero)}},
        {"tt_drop_view",
         sizeof(tt_drop_view),
         {MEMBER(tt_drop_view, location), MEMBER(tt_drop_view, reason),
          MEMBER(tt_drop_view, ifindex), MEMBER(tt_drop_view, knows_reason),
          MEMBER(tt_drop_view, place), MEMBER(tt_drop_view, zero),
          MEMBER(tt_drop_view, interface)}},
        {"tt_quiet_drop",
         sizeof(tt_quiet_drop),
         {MEMBER(tt_quiet_drop, code_begin), MEMBER(tt_quiet_drop, code_end),
          MEMBER(tt_quiet_drop, reason), MEMBER(tt_quiet_drop, flags),
          MEMBER(tt_quiet_drop, flags_of), MEMBER(tt_quiet_drop, without_data),
          MEMBER(tt_quiet_drop, zero)}},
        {"tt_quiet_drops",
         sizeof(tt_quiet_drops),
         {MEMBER(tt_quiet_drops, each), MEMBER(tt_quiet_drops, count),
          MEMBER(tt_quiet_drops, zero)}},
        {"tt_flow_key",
         sizeof(tt_flow_key),
         {MEMBER(tt_flow_key, address), MEMBER(tt_flow_key, port), MEMBER(tt_flow_key, ifindex),
          MEMBER(tt_flow_key, family), MEMBER(tt_flow_key, side), MEMBER(tt_flow_key, zero)}},
        {"tt_flow_state",
         sizeof(tt_flow_state),
         {MEMBER(tt_flow_state, first_ns), MEMBER(tt_flow_state, last_ns),
          MEMBER(tt_flow_state, first_syn_ns), MEMBER(tt_flow_state, latest_syn_ns),
          MEMBER(tt_flow_state, handshake_ns), MEMBER(tt_flow_state, syns),
          MEMBER(tt_flow_state, synacks), MEMBER(tt_flow_state, initiator),
          MEMBER(tt_flow_state, watch), MEMBER(tt_flow_state, marks), MEMBER(tt_flow_state, closed),
          MEMBER(tt_flow_state, half)}},
        {"tt_half",
         sizeof(tt_half),
         {MEMBER(tt_half, last_ns), MEMBER(tt_half, advanced_ns), MEMBER(tt_half, closed_ns),
          MEMBER(tt_half, next_sequence), MEMBER(tt_half, last_ack),
          MEMBER(tt_half, first_sequence), MEMBER(tt_half, print_origin),
          MEMBER(tt_half, contiguous), MEMBER(tt_half, window), MEMBER(tt_half, duplicates),
          MEMBER(tt_half, retransmissions), MEMBER(tt_half, closings),
          MEMBER(tt_half, latest_anomalies), MEMBER(tt_half, scale), MEMBER(tt_half, seen),
          MEMBER(tt_half, suppressed)}},
        {"tt_flow_set",
         sizeof(tt_flow_set),
         {MEMBER(tt_flow_set, tag), MEMBER(tt_flow_set, key), MEMBER(tt_flow_set, state)}},
        {"tt_settings",
         sizeof(tt_settings),
         {MEMBER(tt_settings, syn_limit_ns), MEMBER(tt_settings, seed), MEMBER(tt_settings, netns),
          MEMBER(tt_settings, sweep_budget), MEMBER(tt_settings, depth), MEMBER(tt_settings, damp),
          MEMBER(tt_settings, evidence), MEMBER(tt_settings, only_netns),
          MEMBER(tt_settings, packet_clock), MEMBER(tt_settings, packets),
          MEMBER(tt_settings, filtered), MEMBER(tt_settings, on_anomaly),
          MEMBER(tt_settings, snaplen), MEMBER(tt_settings, recorder)}},
        {"tt_kernel",
         sizeof(tt_kernel),
         {MEMBER(tt_kernel, flow_sets_mask), MEMBER(tt_kernel, evidence_wake),
          MEMBER(tt_kernel, retransmit_skb_arguments), MEMBER(tt_kernel, send_reset_arguments),
          MEMBER(tt_kernel, kfree_skb_arguments), MEMBER(tt_kernel, zero)}},
        {"tt_shared",
         sizeof(tt_shared),
         {MEMBER(tt_shared, watched), MEMBER(tt_shared, test_clock_ns),
          MEMBER(tt_shared, sweep_watched_before), MEMBER(tt_shared, sweep_watched),
          MEMBER(tt_shared, sweep_ended), MEMBER(tt_shared, sweep_told),
          MEMBER(tt_shared, sweeps)}},
        {"tt_recorded",
         sizeof(tt_recorded),
         {MEMBER(tt_recorded, time_ns), MEMBER(tt_recorded, wire_length),
          MEMBER(tt_recorded, ifindex), MEMBER(tt_recorded, head_length), MEMBER(tt_recorded, link),
          MEMBER(tt_recorded, way), MEMBER(tt_recorded, cast), MEMBER(tt_recorded, hook),
          MEMBER(tt_recorded, zero), MEMBER(tt_recorded, head)}},
        {"tt_cpu",
         sizeof(tt_cpu),
         {MEMBER(tt_cpu, counters), MEMBER(tt_cpu, frame), MEMBER(tt_cpu, packet),
          MEMBER(tt_cpu, key), MEMBER(tt_cpu, finding), MEMBER(tt_cpu, scratch),
          MEMBER(tt_cpu, seen_ns), MEMBER(tt_cpu, verdict), MEMBER(tt_cpu, recorded),
          MEMBER(tt_cpu, sender), MEMBER(tt_cpu, troubled), MEMBER(tt_cpu, zero),
          MEMBER(tt_cpu, drops_since_ns), MEMBER(tt_cpu, drops_told), MEMBER(tt_cpu, handshake)}},
        {"tt_counters",
         sizeof(tt_counters),
         {
#define TT_MEMBER(name, text) MEMBER(tt_counters, name),
             TT_COUNTERS(TT_MEMBER)
#undef TT_MEMBER
         }},
    };
    return all;
}

struct TheirMember {
    std::string name;
    std::size_t bit_offset;
    long long size;
};

// Those of a union without a name stand for it.
std::vector<TheirMember> members_of(const btf *types, const btf_type *type, std::size_t at = 0)
{
    std::vector<TheirMember> all;
    const btf_member *members = btf_members(type);
    for (unsigned i = 0; i < btf_vlen(type); i++) {
        const std::string name = btf__name_by_offset(types, members[i].name_off);
        const std::size_t offset = at + btf_member_bit_offset(type, i);
        if (!name.empty()) {
            all.push_back({name, offset, btf__resolve_size(types, members[i].type)});
            continue;
        }
        const btf_type *within = btf__type_by_id(types, members[i].type);
        const std::vector<TheirMember> more = members_of(types, within, offset);
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

} // namespace

TEST_CASE("shared structs have the same bytes in the kernel and here")
{
    tcptrace_bpf *skeleton = tcptrace_bpf::open();
    REQUIRE(skeleton != nullptr);
    const btf *types = bpf_object__btf(skeleton->obj);
    REQUIRE(types != nullptr);

    for (const Layout &layout : layouts()) {
        INFO("struct " << layout.name);
        const int id = btf__find_by_name_kind(types, layout.name, BTF_KIND_STRUCT);
        REQUIRE(id > 0);
        const btf_type *type = btf__type_by_id(types, static_cast<unsigned>(id));
        CHECK(type->size == layout.size);
        const std::vector<TheirMember> theirs = members_of(types, type);
        REQUIRE(theirs.size() == layout.members.size());
        for (std::size_t i = 0; i < theirs.size(); i++) {
            const Member &ours = layout.members[i];
            INFO("member " << ours.name);
            CHECK(theirs[i].name == ours.name);
            CHECK(theirs[i].bit_offset == ours.offset * 8);
            CHECK(theirs[i].size == static_cast<long long>(ours.size));
        }
    }
    tcptrace_bpf::destroy(skeleton);
}
