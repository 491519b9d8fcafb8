// SPDX-License-Identifier: Apache-2.0
// How a Flow learns who reset it: the first reset counts, and what each witness adds about
// it is put together. What that means is in detect/.
#include "flow/flow.h"

#include <algorithm>
#include <cstring>

namespace tcptrace {

namespace {

// Two witnesses of one reset speak within this time; so does a stack that is asked twice.
constexpr std::uint64_t same_reset_ns = TT_NSEC_PER_SEC;

// Routers count down from what the sender began with: one of these, in all common stacks.
int hops_of(std::uint8_t ttl)
{
    for (const int initial : {32, 64, 128}) {
        if (ttl <= initial)
            return initial - ttl;
    }
    return 255 - ttl;
}

// A stack without a socket, or a firewall, has nothing to put into these fields.
bool is_bare(const tt_segment &segment)
{
    return segment.header_length == TT_TCP_HEADER_MIN && segment.identification == 0 &&
           segment.window == 0;
}

bool is_packet(const tt_record &record)
{
    return record.witness == TT_WITNESS_WIRE && record.hook != TT_HOOK_SWEEP &&
           record.segment.kind == TT_KIND_TCP;
}

ProcessName process_of(const tt_stack_view &stack)
{
    ProcessName process;
    process.pid = stack.pid;
    process.name.assign(stack.process, strnlen(stack.process, sizeof stack.process));
    return process;
}

} // namespace

void Flow::note_ttl(const Observation &observation, Point &point)
{
    const tt_record &record = observation.record;
    std::uint8_t &ttl = point.ttl[record.sender & 1U];
    if (is_packet(record) && !(record.segment.flags & TT_RST) && ttl == 0)
        ttl = record.segment.ttl;
}

void Flow::note_probe(const Observation &observation)
{
    const tt_record &record = observation.record;
    const unsigned end = record.sender & 1U;

    if (!(record.finding.anomalies & TT_KEEP_ALIVE))
        return;
    if (last_heard_ns(end ^ 1U) > last_probe_ns_[end])
        probes_[end] = 0;
    else if (record.time_ns <= last_probe_ns_[end] + same_packet_ns)
        return;
    probes_[end]++;
    last_probe_ns_[end] = record.time_ns;
}

std::uint32_t Flow::unanswered_probes(unsigned end) const
{
    return last_heard_ns(end ^ 1U) > last_probe_ns_[end] ? 0 : probes_[end];
}

void Flow::note_reset(const Observation &observation, const Point &point)
{
    const tt_record &record = observation.record;
    const auto sender = static_cast<std::uint8_t>(record.sender & 1U);
    const auto stage = static_cast<tt_stage>(record.finding.stage);
    const bool at_once = !reset_ || record.time_ns < reset_->time_ns + same_reset_ns;
    // A point that knew when it came beats one that did not.
    const bool knows_better =
        reset_ && at_once && reset_->stage == TT_STAGE_UNKNOWN && stage != TT_STAGE_UNKNOWN;

    if (!reset_ || (knows_better && reset_->sender != sender)) {
        reset_ = ResetSeen{.sender = sender, .stage = stage};
        reset_->witness = static_cast<tt_witness>(record.witness);
        reset_->time_ns = record.time_ns;
    } else if (knows_better) {
        reset_->stage = stage;
    }
    if (!at_once || reset_->sender != sender)
        return;
    if (record.hook == TT_HOOK_SEND_RESET)
        add_stacks_word(record);
    stage_by_drop();
    if (!is_packet(record))
        return;
    const std::uint8_t ttl = point.ttl[sender];
    reset_->bare = reset_->bare || is_bare(record.segment);
    reset_->other_distance =
        reset_->other_distance || (ttl != 0 && hops_of(ttl) != hops_of(record.segment.ttl));
}

// A rule that rejects drops the segment that its reset answers: where the reset's own numbers
// do not tell when it came, that segment's do.
void Flow::stage_by_drop()
{
    if (!reset_ || reset_->stage != TT_STAGE_UNKNOWN)
        return;
    const auto answered = std::ranges::find_if(drops_, [&](const DropSeen &drop) {
        const std::uint64_t apart =
            std::max(drop.first_ns, reset_->time_ns) - std::min(drop.first_ns, reset_->time_ns);
        return !drop.harmless && drop.sender != reset_->sender && apart <= same_packet_ns;
    });
    if (answered == drops_.end())
        return;
    const bool is_first = syn_seen_ && answered->sender == initiator_ && answered->bytes == 0 &&
                          answered->sequence == syn_sequence_ + 1;
    if (is_first || answered->bytes > 0)
        reset_->stage = is_first ? TT_STAGE_HANDSHAKE : TT_STAGE_DATA;
}

void Flow::add_stacks_word(const tt_record &record)
{
    const tt_stack_view &stack = record.stack;

    // Once it is reset, the same stack resets what else comes for want of a socket.
    if (reset_->sent_by_stack && reset_->why != TT_RESET_UNEXPLAINED)
        return;
    reset_->sent_by_stack = true;
    reset_->why = static_cast<tt_reset_why>(stack.why);
    if (stack.pid == 0)
        return;
    reset_->process = process_of(stack);
    if (stack.exiting)
        process_end_ = ProcessEnd{.process = *reset_->process,
                                  .end = reset_->sender,
                                  .signal = stack.signal,
                                  .time_ns = stack.died_ns ? stack.died_ns : record.time_ns};
}

} // namespace tcptrace
