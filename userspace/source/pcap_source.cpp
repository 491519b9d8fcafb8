// SPDX-License-Identifier: Apache-2.0
#include "source/pcap_source.h"

#include "core/percentiles.h"
#include "core/signals.h"
#include "filter/packet_filter.h"
#include "source/capture_file.h"
#include "source/file_settings.h"
#include "source/flow_states.h"
#include "source/link_type.h"
#include "source/read_frame.h"

#include <tcptrace/attention.h>
#include <tcptrace/classify.h>

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::size_t flows_max = 1U << 20;
constexpr std::uint64_t tick_ns = TT_NSEC_PER_SEC;

class PcapSource final : public Source {
public:
    PcapSource(CaptureFile file, std::optional<PacketFilter> filter, const PcapOptions &options)
        : file_(std::move(file)), filter_(std::move(filter)), options_(options)
    {
    }

    Result<void> run(Handler &handler) override;
    std::int64_t wall_offset_ns() const override { return 0; }
    tt_counters counters() const override
    {
        tt_counters counters = counters_;
        counters.flows_evicted = states_.evicted();
        return counters;
    }
    std::uint64_t bytes() const override { return bytes_; }
    std::optional<Percentiles> handshake() const override { return percentiles(handshakes_); }

private:
    bool take(const Frame &frame, Handler &handler);
    bool classify(const Frame &frame, const tt_packet &packet, bool matches, Handler &handler);
    void count(const tt_finding &finding, const tt_flow_state &state);
    bool show(const Frame &frame, bool is_segment, Handler &handler);
    void complete(const Frame &frame);
    Observation observation(const Frame &frame) const;
    bool pass_time(std::uint64_t now_ns, Handler &handler);
    static bool tell_silence(const tt_flow_key &key, FlowStates::Place &flow, std::uint64_t due_ns,
                             Handler &handler);
    void count_skip(int result);

    CaptureFile file_;
    std::optional<PacketFilter> filter_;
    PcapOptions options_;
    FlowStates states_{flows_max};
    tt_counters counters_{};
    std::array<std::uint64_t, TT_HISTOGRAM_BUCKETS> handshakes_{};
    std::uint64_t bytes_ = 0;
    std::uint64_t matched_ = 0;
    std::uint64_t next_tick_ns_ = 0;
    tt_record record_{};
};

Result<void> PcapSource::run(Handler &handler)
{
    bool started = false;
    while (!stop_requested()) {
        const auto frame = file_.next();
        if (!started) {
            const std::uint64_t begin = frame && *frame ? (*frame)->time_ns : 0;
            handler.on_start({.time_ns = begin,
                              .source = file_.name(),
                              .kernel = {},
                              .interfaces = {},
                              .filter = options_.filter,
                              .depth = TT_DEPTH_SEQUENCE,
                              .unavailable = {}});
            started = true;
        }
        if (!frame)
            return std::unexpected(frame.error());
        if (*frame == nullptr || !take(**frame, handler))
            break;
        if (options_.count && matched_ >= *options_.count)
            break;
    }
    return {};
}

// Returns false when the handler has enough. Every packet is classified; the filter says
// which are counted, and whose connections are told of: never what is known of these.
bool PcapSource::take(const Frame &frame, Handler &handler)
{
    tt_packet packet;

    if (!pass_time(frame.time_ns, handler))
        return false;
    const bool matches = !filter_ || filter_->matches(frame.bytes, frame.wire_length);
    if (matches) {
        matched_++;
        counters_.packets_seen++;
        bytes_ += frame.wire_length;
    }
    const int result = read_frame(frame.bytes, frame.wire_length, file_.link(), packet);
    if (result == TT_PARSED) {
        counters_.segments_classified += matches;
        if (!classify(frame, packet, matches, handler))
            return false;
    } else if (matches) {
        count_skip(result);
    }
    return !matches || !options_.packets || show(frame, result == TT_PARSED, handler);
}

// A matching packet, where packets are asked for; record_ is of it already if it is TCP.
bool PcapSource::show(const Frame &frame, bool is_segment, Handler &handler)
{
    if (!is_segment) {
        const Place where = place_of(file_.link(), frame.bytes);
        record_ = {};
        record_.way = where.way;
        record_.key.ifindex = where.ifindex;
        complete(frame);
    }
    return handler.on_packet(observation(frame));
}

bool PcapSource::classify(const Frame &frame, const tt_packet &packet, bool matches,
                          Handler &handler)
{
    const Place where = place_of(file_.link(), frame.bytes);
    tt_finding finding;
    tt_flow_key key;
    const tt_u32 sender =
        tt_flow_key_make(&key, &packet.ends, packet.segment.family, where.ifindex, where.way);
    FlowStates::Place &flow = states_.at(key, frame.time_ns);

    tt_classify(&flow.state, sender, &packet.segment, frame.time_ns, &file_settings, &finding);
    if (finding.signs & TT_SIGN_CONNECTION)
        states_.expect_answer(key, frame.time_ns + file_settings.syn_limit_ns);
    flow.wanted = flow.wanted || matches;
    if (!flow.wanted)
        return true;
    count(finding, flow.state);
    const bool told = tt_tell(&finding, &packet.segment, &file_settings) != TT_TELL_NOTHING;
    if (!told && !(options_.packets && matches))
        return true;

    record_.way = where.way;
    record_.sender = static_cast<tt_u8>(sender);
    record_.finding = finding;
    record_.segment = packet.segment;
    record_.key = key;
    record_.state = flow.state;
    complete(frame);
    return !told || handler.on_observation(observation(frame));
}

void PcapSource::count(const tt_finding &finding, const tt_flow_state &state)
{
    if (finding.signs & TT_SIGN_CONNECTION)
        counters_.connections++;
    if (finding.signs & TT_SIGN_ESTABLISHED)
        handshakes_[tt_histogram_bucket(state.handshake_ns)]++;
}

// record_ holds what is known of the packet and its flow; the frame completes it.
void PcapSource::complete(const Frame &frame)
{
    record_.time_ns = frame.time_ns;
    record_.wire_length = frame.wire_length;
    record_.head_length =
        static_cast<tt_u16>(std::min<std::size_t>(frame.bytes.size(), TT_HEAD_MAX));
    record_.link = file_.link();
    record_.hook = TT_HOOK_FILE;
    record_.depth = TT_DEPTH_SEQUENCE;
    std::copy_n(frame.bytes.begin(), record_.head_length, record_.head);
}

Observation PcapSource::observation(const Frame &frame) const
{
    return {.record = record_, .frame = frame.bytes, .number = frame.number, .interface = {}};
}

// Tells of the SYNs that had no answer by now, each at the moment its time was up; and what
// time it is, once a second, but not for each second of a gap.
bool PcapSource::pass_time(std::uint64_t now_ns, Handler &handler)
{
    bool more = true;
    states_.expire(now_ns,
                   [&](const tt_flow_key &key, FlowStates::Place &flow, std::uint64_t due_ns) {
                       more = more && tell_silence(key, flow, due_ns, handler);
                   });
    if (now_ns >= next_tick_ns_) {
        handler.on_tick(now_ns);
        next_tick_ns_ = now_ns + tick_ns;
    }
    return more;
}

bool PcapSource::tell_silence(const tt_flow_key &key, FlowStates::Place &flow, std::uint64_t due_ns,
                              Handler &handler)
{
    tt_record silence{};

    tt_expire(&flow.state, due_ns, &file_settings, &silence.finding);
    if (!silence.finding.anomalies || !flow.wanted)
        return true;
    silence.time_ns = due_ns;
    silence.hook = TT_HOOK_SWEEP;
    silence.depth = TT_DEPTH_SEQUENCE;
    silence.sender = flow.state.initiator & 1;
    silence.key = key;
    silence.way = tt_way_of(&key, silence.sender);
    silence.segment.flags = TT_SYN;
    silence.segment.family = key.family;
    silence.segment.sequence = flow.state.half[silence.sender].first_sequence;
    silence.state = flow.state;
    return handler.on_observation({.record = silence});
}

void PcapSource::count_skip(int result)
{
    switch (result) {
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
}

} // namespace

Result<std::unique_ptr<Source>> open_pcap(const PcapOptions &options)
{
    auto file = CaptureFile::open(options.path);
    if (!file)
        return std::unexpected(file.error());
    std::optional<PacketFilter> filter;
    if (!options.filter.empty()) {
        auto compiled = PacketFilter::compile(options.filter, file->kind(),
                                              options.inner ? Inner::Yes : Inner::No);
        if (!compiled)
            return std::unexpected(compiled.error());
        filter = std::move(*compiled);
    }
    return std::make_unique<PcapSource>(std::move(*file), std::move(filter), options);
}

} // namespace tcptrace
