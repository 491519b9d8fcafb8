// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include "app/doctor.h"
#include "app/filter_options.h"
#include "app/pipeline.h"
#include "core/signals.h"
#include "render/summary_text.h"
#include "sink/json_sink.h"
#include "sink/text_sink.h"
#include "source/device_list.h"
#include "source/live_source.h"
#include "source/netns.h"
#include "source/pcap_source.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace tcptrace {

namespace {

bool wants_packets(const Options &options)
{
    return options.packets || !options.write.file.empty();
}

Result<std::unique_ptr<Source>> open_source(const Options &options)
{
    if (options.read_from_file())
        return open_pcap({.path = options.read_files.front(),
                          .filter = options.filter,
                          .inner = options.inner,
                          .count = options.count,
                          .packets = wants_packets(options)});
    return open_live({.interfaces = options.interfaces,
                      .netns = options.netns,
                      .filter = options.filter,
                      .inner = options.inner,
                      .depth = options.depth,
                      .xdp = options.xdp,
                      .evidence = options.diagnose,
                      .packets = wants_packets(options),
                      .on_anomaly = options.write.on_anomaly,
                      .recorder_bytes = options.recorder_bytes,
                      .snaplen = options.snaplen,
                      .ring_kib = options.ring_kib,
                      .duration = options.duration});
}

TextOptions text_options(const Options &options)
{
    const bool live = !options.read_from_file();
    const bool packets = wants_packets(options);
    const bool terminal = isatty(STDOUT_FILENO);

    TextOptions text;
    text.line = options.line;
    text.line.interface_columns = live && options.interfaces.size() != 1;
    text.events = !packets && (!options.diagnose || options.line.verbosity > 0);
    text.packets = options.packets;
    text.verdicts_apart = packets && !options.diagnose;
    text.colour = terminal && !std::getenv("NO_COLOR");
    // An event is worth a system call of its own; of packets there are too many.
    text.flush_each = options.line_buffered || (live && (terminal || !packets));
    text.notes = live;
    text.closing_counters = live;
    text.stats = options.stats;
    return text;
}

JsonOptions json_options(const Options &options)
{
    return {.version = TCPTRACE_VERSION,
            .events = !options.diagnose || options.line.verbosity > 0,
            .packets = options.packets,
            .flush_each = options.line_buffered || !options.read_from_file()};
}

std::vector<std::unique_ptr<Sink>> make_sinks(const Options &options, const Source &source)
{
    const WallOffset wall = [&source] { return source.wall_offset_ns(); };
    std::vector<std::unique_ptr<Sink>> sinks;

    if (options.json)
        sinks.push_back(std::make_unique<JsonSink>(json_options(options), wall));
    else
        sinks.push_back(std::make_unique<TextSink>(text_options(options), wall));
    return sinks;
}

// Between source and pipeline: SIGUSR1 prints the counters, and all goes on.
class Reporting final : public Handler {
public:
    Reporting(Handler &next, const Source &source) : next_(next), source_(source) {}

    void on_start(const StartInfo &info) override { next_.on_start(info); }
    bool on_observation(const Observation &observation) override
    {
        return next_.on_observation(observation);
    }
    bool on_packet(const Observation &packet) override { return next_.on_packet(packet); }
    void on_earlier(const Observation &packet) override { next_.on_earlier(packet); }
    void on_tick(std::uint64_t now_ns) override
    {
        report_if_asked();
        next_.on_tick(now_ns);
    }
    void report_if_asked() const
    {
        if (!take_report_request())
            return;
        std::string text;
        append_counters(text, source_.counters());
        std::fwrite(text.data(), 1, text.size(), stderr);
    }

private:
    Handler &next_;
    const Source &source_;
};

Result<Status> watch(const Options &options)
{
    auto source = open_source(options);
    if (!source)
        return std::unexpected(source.error());
    const bool live = !options.read_from_file();
    const bool packets = wants_packets(options);
    Pipeline pipeline({.diagnose = options.diagnose,
                       .events = !options.diagnose || options.line.verbosity > 0,
                       .packets = packets,
                       .on_anomaly = options.write.on_anomaly,
                       .only = options.only,
                       .fail_on = options.fail_on,
                       .event_limit = live && !packets ? options.count : std::nullopt,
                       .packet_limit = packets ? options.count : std::nullopt,
                       .counts_connections = !live || options.diagnose},
                      make_sinks(options, **source), **source);

    Reporting reporting(pipeline, **source);
    const auto ran = (*source)->run(reporting);
    reporting.report_if_asked(); // since the last tick
    pipeline.finish(!ran);
    if (const auto written = pipeline.finish_sinks(); !written)
        return std::unexpected(written.error());
    if (!ran)
        return std::unexpected(ran.error());
    return pipeline.verdict();
}

Status print(const std::string &text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    return std::fflush(stdout) == 0 ? Status::Ok : Status::InputOutput;
}

} // namespace

Result<Status> run(const Options &options)
{
    const bool looks_around = options.action == Options::Action::ListInterfaces ||
                              options.action == Options::Action::Doctor;
    if (looks_around && !options.netns.empty()) {
        if (auto entered = enter_netns(options.netns); !entered)
            return std::unexpected(entered.error());
    }
    switch (options.action) {
    case Options::Action::Help:
        return print(help_text());
    case Options::Action::Version:
        return print(version_text());
    case Options::Action::ListInterfaces: {
        const auto list = device_list();
        return list ? Result<Status>(print(*list)) : std::unexpected(list.error());
    }
    case Options::Action::Doctor:
        return doctor();
    case Options::Action::Run:
        break;
    }
    Options chosen = options;
    if (!options.filter_file.empty()) {
        auto text = read_filter_file(options.filter_file);
        if (!text)
            return std::unexpected(text.error());
        chosen.filter = std::move(*text);
    }
    if (options.dump_filter > 0) {
        const auto text = filter_dump(chosen);
        return text ? Result<Status>(print(*text)) : std::unexpected(text.error());
    }
    install_signal_handlers();
    return watch(chosen);
}

} // namespace tcptrace
