// SPDX-License-Identifier: Apache-2.0
#include "source/pcap_source.h"

#include "core/percentiles.h"
#include "core/signals.h"
#include "filter/packet_filter.h"
#include "source/file_settings.h"
#include "source/flow_states.h"
#include "source/link_type.h"
#include "source/merged_captures.h"
#include "source/overview.h"
#include "source/read_frame.h"

#include <tcptrace/attention.h>
#include <tcptrace/classify.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t flows_max = 1U << 20;
constexpr std::uint64_t tick_ns = TT_NSEC_PER_SEC;

using Filters = std::vector<PacketFilter>; // one a file, or none at all

class PcapSource final : public Source {
public:
    PcapSource(MergedCaptures captures, Filters filters, std::optional<Overview> overview,
               PcapOptions options)
        : captures_(std::move(captures)), filters_(std::move(filters)),
          overview_(std::move(overview)), options_(std::move(options))
    {
    }

    Result<void> run(Handler &handler) override;
    bool waits() const override { return captures_.waits(); }
    std::int64_t wall_offset_ns() const override { return 0; }
    PathView path_view(const tt_flow_key &connection,
                       std::optional<std::uint32_t> first_sequence) const override
    {
        return overview_ ? overview_->view(connection, first_sequence) : PathView{};
    }
    tt_counters counters() const override
    {
        tt_counters counters = counters_;
        counters.flows_evicted = states_.evicted();
        return counters;
    }
    std::uint64_t unmatched_in_tunnels() const override { return unmatched_in_tunnels_; }
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
    bool tell_silence(const tt_flow_key &key, FlowStates::Place &flow, std::uint64_t due_ns,
                      Handler &handler) const;
    void count_skip(int result);
    StartInfo start_info(std::uint64_t begin_ns) const;
    const CaptureFile &file() const { return captures_.files()[file_]; }
    bool several() const { return captures_.files().size() > 1; }
    Place place(const Frame &frame) const;

    MergedCaptures captures_;
    std::uint8_t file_ = 0; // that the frame at hand is from
    Filters filters_;
    std::optional<Overview> overview_;
    PcapOptions options_;
    FlowStates states_{flows_max};
    tt_counters counters_{};
    std::array<std::uint64_t, TT_HISTOGRAM_BUCKETS> handshakes_{};
    std::uint64_t bytes_ = 0;
    std::uint64_t matched_ = 0;
    std::uint64_t unmatched_in_tunnels_ = 0;
    std::uint64_t next_tick_ns_ = 0;
    tt_record record_{};
};

Result<void> PcapSource::run(Handler &handler)
{
    auto [frame, file] = captures_.next();

    if (!handler.on_start(start_info(frame ? frame->time_ns : 0)))
        return captures_.outcome();
    while (frame && !stop_requested()) {
        file_ = static_cast<std::uint8_t>(file);
        if (!take(*frame, handler) || (options_.count && matched_ >= *options_.count))
            break;
        const auto next = captures_.next();
        frame = next.frame;
        file = next.file;
    }
    return captures_.outcome();
}

StartInfo PcapSource::start_info(std::uint64_t begin_ns) const
{
    std::string names;
    std::uint32_t snaplen = 0;
    for (const CaptureFile &each : captures_.files()) {
        names += names.empty() ? each.name() : ", " + each.name();
        snaplen = std::max(snaplen, each.snaplen());
    }
    const int data_link = captures_.files().front().data_link();
    const bool alike = std::ranges::all_of(captures_.files(), [data_link](const CaptureFile &each) {
        return each.data_link() == data_link;
    });
    return {.time_ns = begin_ns,
            .source = names,
            .kernel = {},
            .interfaces = {},
            .filter = options_.filter,
            .depth = TT_DEPTH_SEQUENCE,
            .link_type = alike ? std::optional(link_type_in_file(data_link)) : std::nullopt,
            .snaplen = snaplen,
            .unavailable = {}};
}

// Returns false when the handler has enough. Every packet is classified; the filter says
// which are counted, and whose connections are told of: never what is known of these.
bool PcapSource::take(const Frame &frame, Handler &handler)
{
    tt_packet packet;

    if (!pass_time(frame.time_ns, handler))
        return false;
    const bool matches =
        filters_.empty() || filters_[file_].matches(frame.bytes, frame.wire_length);
    if (matches) {
        matched_++;
        counters_.packets_seen++;
        bytes_ += frame.wire_length;
    }
    const int result = read_frame(frame.bytes, frame.wire_length, file().link(), packet);
    if (result == TT_PARSED) {
        counters_.segments_classified += matches;
        if (!classify(frame, packet, matches, handler))
            return false;
    } else if (matches) {
        count_skip(result);
    }
    if (!matches)
        unmatched_in_tunnels_ += is_in_tunnel(frame.bytes, frame.wire_length, file().link());
    return !matches || !options_.packets || show(frame, result == TT_PARSED, handler);
}

// A matching packet, where packets are asked for; record_ is of it already if it is TCP.
bool PcapSource::show(const Frame &frame, bool is_segment, Handler &handler)
{
    if (!is_segment) {
        const Place where = place(frame);
        record_ = {};
        record_.way = where.way;
        record_.key.ifindex = where.ifindex;
        complete(frame);
    }
    return handler.on_packet(observation(frame));
}

// With the interface's number as records have it.
Place PcapSource::place(const Frame &frame) const
{
    Place place = place_of(file().link(), frame.bytes);
    place.ifindex = ifindex_in_file(place.ifindex, file_);
    return place;
}

bool PcapSource::classify(const Frame &frame, const tt_packet &packet, bool matches,
                          Handler &handler)
{
    const Place where = place(frame);
    tt_finding finding;
    tt_flow_key key;
    const tt_u32 sender =
        tt_flow_key_make(&key, &packet.ends, packet.segment.family, where.ifindex, where.way);
    FlowStates::Place &flow = states_.at(key, frame.time_ns);

    tt_classify(&flow.state, sender, &packet.segment, frame.time_ns, &file_settings, &finding);
    if (finding.signs & TT_SIGN_CONNECTION)
        states_.expect_answer(key, frame.time_ns + file_settings.syn_limit_ns);
    flow.wanted = flow.wanted || matches;
    flow.file = file_;
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
    record_.link = file().link();
    record_.hook = TT_HOOK_FILE;
    record_.depth = TT_DEPTH_SEQUENCE;
    std::copy_n(frame.bytes.begin(), record_.head_length, record_.head);
}

Observation PcapSource::observation(const Frame &frame) const
{
    return {.record = record_,
            .frame = frame.bytes,
            .number = frame.number,
            .interface = {},
            .stamp_ns = frame.stamp_ns,
            .file = file_,
            .file_name = several() ? std::string_view(file().name()) : std::string_view()};
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
                              Handler &handler) const
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
    const std::string_view name = captures_.files()[flow.file].name();
    return handler.on_observation(
        {.record = silence, .file = flow.file, .file_name = several() ? name : std::string_view()});
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
    Filters filters;

    if (options.paths.size() > files_max)
        return fail(Status::Usage, fmt::format("-r can be given {} times at most", files_max));
    auto captures = MergedCaptures::open(options.paths);
    if (!captures)
        return std::unexpected(captures.error());
    for (const CaptureFile &file : captures->files()) {
        if (options.filter.empty())
            break;
        auto compiled = PacketFilter::compile(options.filter, file.kind(),
                                              options.inner ? Inner::Yes : Inner::No);
        if (!compiled)
            return std::unexpected(compiled.error());
        filters.push_back(std::move(*compiled));
    }
    std::optional<Overview> overview;
    if (options.compare)
        overview = Overview::of(options.paths);
    for (std::size_t file = 0; overview && file < options.paths.size(); file++)
        captures->shift_clock(file, overview->clock_offset(file));
    return std::make_unique<PcapSource>(std::move(*captures), std::move(filters),
                                        std::move(overview), options);
}

} // namespace tcptrace
