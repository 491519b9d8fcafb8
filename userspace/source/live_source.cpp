// SPDX-License-Identifier: Apache-2.0
#include "source/live_source.h"

#include "core/signals.h"
#include "source/bpf_program.h"
#include "source/hooks.h"
#include "source/live_filter.h"
#include "source/netns.h"
#include "source/recall.h"
#include "source/ring_reader.h"

#include <bpf/libbpf.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <ctime>

namespace tcptrace {

namespace {

constexpr std::uint64_t round_ns = TT_NSEC_PER_SEC / 4; // ticks and sweeps
constexpr std::uint64_t idle_sweep_ns = 10 * TT_NSEC_PER_SEC;
constexpr tt_u32 sweep_budget = 512;

std::uint64_t clock_ns(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * TT_NSEC_PER_SEC +
           static_cast<std::uint64_t>(time.tv_nsec);
}

tt_settings settings_for(const LiveOptions &options)
{
    tt_settings settings{};
    settings.syn_limit_ns = TT_SYN_LIMIT_DEFAULT_NS;
    // Without randomness flows are as easily aimed at one bucket as without a seed.
    if (getrandom(&settings.seed, sizeof settings.seed, GRND_NONBLOCK) != sizeof settings.seed)
        settings.seed = clock_ns(CLOCK_REALTIME);
    settings.netns = current_netns_inode();
    settings.sweep_budget = sweep_budget;
    settings.depth = static_cast<tt_u8>(options.depth);
    settings.damp = 1;
    settings.evidence = options.evidence;
    settings.packets = options.packets;
    settings.snaplen = options.snaplen;
    settings.on_anomaly = options.on_anomaly;
    if (options.recorder_bytes != 0 && options.depth != TT_DEPTH_STACK)
        settings.recorder = recorder_places(options.recorder_bytes,
                                            static_cast<unsigned>(libbpf_num_possible_cpus()));
    settings.only_netns = !in_initial_netns();
    return settings;
}

// The kernel wants a power of two.
std::uint32_t ring_bytes_for(const LiveOptions &options)
{
    constexpr std::uint32_t evidence_bytes = 8U << 20;
    constexpr std::uint32_t packets_bytes = 32U << 20;
    constexpr std::uint64_t least_kib = 4; // a page
    constexpr std::uint64_t most_kib = 1U << 20;
    if (options.ring_kib == 0)
        return options.packets ? packets_bytes : evidence_bytes;
    return static_cast<std::uint32_t>(
        std::bit_ceil(std::clamp(options.ring_kib, least_kib, most_kib)) << 10);
}

class LiveSource final : public Source {
public:
    LiveSource(LiveOptions options, BpfProgram program, LiveFilter filter)
        : options_(std::move(options)), program_(std::move(program)), filter_(std::move(filter))
    {
    }

    Result<void> run(Handler &handler) override;
    bool waits() const override { return true; }
    std::int64_t wall_offset_ns() const override
    {
        return static_cast<std::int64_t>(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME));
    }
    tt_counters counters() const override;
    std::uint64_t bytes() const override { return 0; }
    std::optional<Percentiles> handshake() const override { return program_.handshake(); }

private:
    Result<void> attach();
    StartInfo start_info() const;
    Result<void> watch(Handler &handler);
    enum class Delivered { Nothing, Some, Enough }; // Enough: by the handler's word
    Delivered deliver(Handler &handler);
    Observation observe(const Told &told);
    void describe_drop(Observation &observation);
    bool tell(const Observation &observation, Handler &handler);
    bool show(const Observation &packet, Handler &handler);
    Result<void> every_round(Handler &handler, std::uint64_t now);

    LiveOptions options_;
    const std::uint32_t netns_ = current_netns_inode();
    const bool in_initial_netns_ = in_initial_netns();
    BpfProgram program_;
    LiveFilter filter_;
    std::optional<Hooks> hooks_;
    std::unique_ptr<RingReader> rings_;
    std::optional<Recall> recall_;
    bool enough_ = false;
    std::uint64_t packets_not_matched_ = 0; // by a filter that runs here
    std::uint64_t last_sweep_ns_ = 0;
    std::uint64_t next_round_ns_ = 0;
};

// The rings first: nothing that is attached may find nobody reading.
Result<void> LiveSource::attach()
{
    auto rings = RingReader::open(program_.anomalies_fd(), program_.evidence_fd());
    if (!rings)
        return std::unexpected(rings.error());
    rings_ = std::move(*rings);
    if (program_.recorder_places() != 0) {
        auto recorder = Recorder::open(program_.recorder_fd(), program_.recorder_places());
        if (!recorder)
            return std::unexpected(recorder.error());
        recall_.emplace(std::move(*recorder));
    }
    if (auto attached = program_.attach_tracepoints(); !attached)
        return attached;
    // At depth stack interfaces are only looked up, so that a wrong name is told.
    auto programs = filter_.stand_before(program_.programs(options_.xdp), program_.cpus_fd());
    if (!programs)
        return std::unexpected(programs.error());
    auto hooks = Hooks::open(*programs, options_.interfaces);
    if (!hooks)
        return std::unexpected(hooks.error());
    hooks_.emplace(std::move(*hooks));
    if (options_.depth == TT_DEPTH_STACK) {
        for (const std::string &name : options_.interfaces) {
            if (const auto interface = find_interface(name); !interface)
                return std::unexpected(interface.error());
        }
        return {};
    }
    return hooks_->attach();
}

StartInfo LiveSource::start_info() const
{
    utsname name{};
    uname(&name);
    std::vector<std::string> notes = hooks_->notes();
    if (!filter_.note().empty())
        notes.push_back(filter_.note());
    if (const std::string note = program_.note(); !note.empty())
        notes.push_back(note);
    return {.time_ns = clock_ns(CLOCK_BOOTTIME),
            .source = "live",
            .kernel = name.release,
            .interfaces = hooks_->attached(),
            .filter = options_.filter,
            .depth = options_.depth,
            .link_type = {},
            .snaplen = 0,
            .unavailable = std::move(notes)};
}

tt_counters LiveSource::counters() const
{
    tt_counters counters = program_.counters();
    counters.packets_matched -= std::min(counters.packets_matched, packets_not_matched_);
    return counters;
}

Result<void> LiveSource::run(Handler &handler)
{
    if (auto attached = attach(); !attached)
        return attached;
    auto watched = handler.on_start(start_info()) ? watch(handler) : Result<void>{};
    // What waits in the rings was seen before the end: nothing is added any more, and all
    // of it is told.
    program_.detach_tracepoints();
    hooks_->detach();
    while (deliver(handler) == Delivered::Some) {
    }
    return watched;
}

Result<void> LiveSource::watch(Handler &handler)
{
    const std::uint64_t begin = clock_ns(CLOCK_BOOTTIME);
    const std::uint64_t end =
        options_.duration ? begin + static_cast<std::uint64_t>(options_.duration->count()) : ~0ULL;
    std::array<pollfd, 2> waiting{pollfd{rings_->fd(), POLLIN, 0}, pollfd{hooks_->fd(), POLLIN, 0}};

    while (!stop_requested()) {
        const std::uint64_t now = clock_ns(CLOCK_BOOTTIME);
        if (now >= end)
            break;
        if (now >= next_round_ns_) {
            if (auto done = every_round(handler, now); !done)
                return done;
        }
        const std::uint64_t until = std::min(end, next_round_ns_);
        const auto wait_ms = static_cast<int>((until - std::min(until, now)) / TT_NSEC_PER_MSEC);
        poll(waiting.data(), waiting.size(), wait_ms + 1);
        if (deliver(handler) == Delivered::Enough)
            break;
        if ((waiting[1].revents & POLLIN) && options_.depth != TT_DEPTH_STACK) {
            if (auto followed = hooks_->follow(); !followed)
                return followed;
        }
    }
    return program_.sweep();
}

Result<void> LiveSource::every_round(Handler &handler, std::uint64_t now)
{
    next_round_ns_ = now + round_ns;
    if (program_.watching() || now >= last_sweep_ns_ + idle_sweep_ns) {
        last_sweep_ns_ = now;
        if (auto swept = program_.sweep(); !swept)
            return swept;
    }
    handler.on_tick(now);
    return {};
}

LiveSource::Delivered LiveSource::deliver(Handler &handler)
{
    if (enough_)
        return Delivered::Enough;
    const std::vector<Told> &batch = rings_->drain();
    const std::vector<tt_record> earlier =
        recall_ ? recall_->before(batch) : std::vector<tt_record>{};
    auto next = earlier.begin();
    for (const Told &told : batch) {
        for (; next != earlier.end() && next->time_ns < told.record->time_ns; ++next)
            handler.on_earlier(observe({&*next, std::span(next->head).first(next->head_length)}));
        const Observation observation = observe(told);
        enough_ =
            !(told.record->is_packet ? show(observation, handler) : tell(observation, handler));
        if (enough_)
            return Delivered::Enough;
    }
    return batch.empty() ? Delivered::Nothing : Delivered::Some;
}

Observation LiveSource::observe(const Told &told)
{
    const tt_record &record = *told.record;
    Observation observation{.record = record,
                            .frame = told.frame,
                            .number = 0,
                            .interface = hooks_->name(record.key.ifindex),
                            .stack_tells_resets = program_.tells_resets()};
    observation.foreign = record.witness == TT_WITNESS_STACK && record.netns != 0 &&
                          record.netns != netns_ && !in_initial_netns_;
    if (record.hook == TT_HOOK_DROP)
        describe_drop(observation);
    return observation;
}

// The kernel knows the name of an interface in any namespace; here, only of those of ours.
void LiveSource::describe_drop(Observation &observation)
{
    const tt_drop_view &drop = observation.record.drop;
    const bool ours = observation.record.netns == netns_;

    observation.drop = program_.drop_names().of(drop);
    observation.interface = {drop.interface, strnlen(drop.interface, sizeof drop.interface)};
    if (observation.interface.empty() && ours)
        observation.interface = hooks_->name(drop.ifindex);
}

// A filter limits the connections that are told of, never what is known of them.
bool LiveSource::tell(const Observation &observation, Handler &handler)
{
    const bool wanted = observation.foreign || filter_.lets_through(observation);
    return !wanted || handler.on_observation(observation);
}

bool LiveSource::show(const Observation &packet, Handler &handler)
{
    if (!filter_.lets_through(packet)) {
        packets_not_matched_++;
        return true;
    }
    return handler.on_packet(packet);
}

} // namespace

Result<std::unique_ptr<Source>> open_live(const LiveOptions &options)
{
    auto filter =
        LiveFilter::compile(options.filter, options.inner ? Inner::Yes : Inner::No,
                            {.hooks = options.depth != TT_DEPTH_STACK, .xdp = options.xdp});
    if (!filter)
        return std::unexpected(filter.error());
    if (!options.netns.empty()) {
        if (auto entered = enter_netns(options.netns); !entered)
            return std::unexpected(entered.error());
    }
    for (const std::string &name : options.interfaces) {
        if (const auto interface = find_interface(name); !interface)
            return std::unexpected(interface.error());
    }
    tt_settings settings = settings_for(options);
    settings.filtered = filter->runs_in_kernel();
    auto program = BpfProgram::load(settings, options.xdp, ring_bytes_for(options));
    if (!program)
        return std::unexpected(program.error());
    return std::make_unique<LiveSource>(options, std::move(*program), std::move(*filter));
}

} // namespace tcptrace
