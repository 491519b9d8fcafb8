// SPDX-License-Identifier: Apache-2.0
#include "support/twin.h"

#include <tcptrace/attention.h>
#include <tcptrace/classify.h>

#include <algorithm>
#include <cstring>

namespace tcptrace::test {

// Counts what is skipped; true if the frame is one.
bool Twin::skip(int result)
{
    switch (result) {
    case TT_PARSED:
        return false;
    case TT_NOT_IP:
        counters_.skip_not_ip++;
        break;
    case TT_NOT_TCP:
        counters_.skip_not_tcp++;
        break;
    case TT_FRAGMENT:
        counters_.skip_fragment++;
        break;
    case TT_TRUNCATED:
        counters_.skip_truncated++;
        break;
    default:
        counters_.skip_malformed++;
        break;
    }
    return true;
}

tt_flow_state *Twin::new_state(tt_flow_set &set, tt_u32 tag, const tt_flow_key &key,
                               const tt_segment &segment, bool notable, std::uint64_t now_ns)
{
    switch (tt_admit(&segment, settings_.depth, notable)) {
    case TT_ADMIT_STATE: {
        const tt_u32 place = tt_flow_set_choose(&set);
        if (set.tag[place]) {
            counters_.flows_evicted++;
            watched_ -= set.state[place].watch ? 1 : 0;
        }
        set.tag[place] = tag;
        set.key[place] = key;
        tt_flow_state_init(&set.state[place], now_ns);
        return &set.state[place];
    }
    case TT_ADMIT_SCRATCH:
        tt_flow_state_init(&scratch_, now_ns);
        return &scratch_;
    case TT_ADMIT_SKIP:
        counters_.skip_unknown_flow++;
        return nullptr;
    default:
        counters_.segments_let_go++;
        return nullptr;
    }
}

tt_flow_state *Twin::state_of(const tt_flow_key &key, const tt_segment &segment, bool notable,
                              std::uint64_t now_ns)
{
    const tt_u64 hash = tt_flow_key_hash(&key, settings_.seed);
    tt_flow_set &set = sets_[static_cast<tt_u32>(hash) & (sets_.size() - 1)];
    const tt_u32 place = tt_flow_set_find(&set, tt_flow_tag(hash), &key);

    if (place == TT_FLOW_PLACES)
        return new_state(set, tt_flow_tag(hash), key, segment, notable, now_ns);
    if (settings_.depth != TT_DEPTH_SEQUENCE && !notable && !set.state[place].watch) {
        counters_.segments_let_go++;
        return nullptr;
    }
    return &set.state[place];
}

void Twin::count(const tt_finding &finding, bool watched_before, const tt_flow_state &state,
                 unsigned quiet_before, unsigned quiet_after)
{
    counters_.segments_classified++;
    counters_.connections += finding.signs & TT_SIGN_CONNECTION ? 1 : 0;
    counters_.events_suppressed += quiet_after > quiet_before ? quiet_after - quiet_before : 0;
    watched_ += state.watch ? 1 : 0;
    watched_ -= watched_before ? 1 : 0;
}

std::optional<Heard> Twin::see(const Sight &sight)
{
    const std::uint8_t *begin = sight.frame.data();
    const std::uint8_t *end = begin + sight.frame.size();
    const auto length = static_cast<std::uint32_t>(sight.frame.size());
    tt_headers headers{};
    tt_packet packet{};
    tt_finding finding{};
    Heard heard{};
    tt_record &record = heard.record;
    bool notable = false;

    counters_.packets_seen++;
    int result = tt_find_headers(begin, end, length, sight.link, &headers);
    if (result == TT_PARSED)
        notable = tt_gate(&headers, end, &result);
    if (skip(result))
        return std::nullopt;
    if (!notable && settings_.depth != TT_DEPTH_SEQUENCE && watched_ == 0) {
        counters_.segments_let_go++;
        return std::nullopt;
    }
    if (skip(tt_read_packet(&headers, end, &packet)))
        return std::nullopt;
    record.sender = static_cast<tt_u8>(tt_flow_key_make(
        &record.key, &packet.ends, packet.segment.family, sight.ifindex, sight.way()));
    tt_flow_state *state = state_of(record.key, packet.segment, notable, sight.now_ns);
    if (!state)
        return std::nullopt;
    const tt_half &half = state->half[record.sender];
    const unsigned quiet = half.suppressed;
    const bool watched_before = state->watch;
    tt_classify(state, record.sender, &packet.segment, sight.now_ns, &settings_, &finding);
    count(finding, watched_before, *state, quiet,
          finding.anomalies ? finding.suppressed : half.suppressed);
    const tt_u32 telling = tt_tell(&finding, &packet.segment, &settings_);
    if (telling == TT_TELL_NOTHING)
        return std::nullopt;

    heard.evidence = telling == TT_TELL_EVIDENCE;
    record.time_ns = sight.now_ns;
    record.wire_length = length;
    record.netns = settings_.netns;
    record.head_length = static_cast<tt_u16>(std::min<std::size_t>(length, TT_HEAD_MAX));
    record.link = static_cast<tt_u8>(sight.link);
    record.hook = static_cast<tt_u8>(sight.hook);
    record.way = static_cast<tt_u8>(sight.way());
    record.depth = settings_.depth;
    record.finding = finding;
    record.segment = packet.segment;
    record.state = *state;
    std::memcpy(record.head, begin, record.head_length);
    return heard;
}

} // namespace tcptrace::test
