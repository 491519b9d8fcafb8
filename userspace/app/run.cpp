// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include "app/advice_sink.h"
#include "app/attendant.h"
#include "app/doctor.h"
#include "app/filter_options.h"
#include "app/inquiry.h"
#include "app/pipeline.h"
#include "core/signals.h"
#include "detect/explanation.h"
#include "sink/capture_sink.h"
#include "sink/json_sink.h"
#include "sink/name_book.h"
#include "sink/text_sink.h"
#include "source/device_list.h"
#include "source/link_choices.h"
#include "source/live_source.h"
#include "source/netns.h"
#include "source/pcap_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace tcptrace {

namespace {

bool wants_packets(const Options &options)
{
    return options.packets || !options.write.file.empty();
}

Result<std::unique_ptr<Source>> open_source(const Options &options)
{
    if (options.read_from_file())
        return open_pcap({.paths = options.read_files,
                          .filter = options.filter,
                          .inner = options.inner,
                          .count = options.count,
                          .packets = wants_packets(options),
                          .compare = options.diagnose});
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

// Null: numbers. Where packets come whether we print or not, no line waits for a name.
std::unique_ptr<NameBook> open_names(const Options &options, const Source &source)
{
    constexpr std::chrono::milliseconds patience{1500};

    if (!options.resolve || options.json)
        return nullptr;
    HostNamesOptions hosts;
    if (!source.waits())
        hosts.patience = patience;
    return std::make_unique<NameBook>(std::move(hosts), options.short_names);
}

TextOptions text_options(const Options &options, bool waits, const Names *names)
{
    const bool live = !options.read_from_file();
    const bool packets = wants_packets(options);
    const bool terminal = isatty(STDOUT_FILENO);

    TextOptions text;
    text.line = options.line;
    text.line.names = names;
    text.line.interface_columns = live && options.interfaces.size() != 1;
    text.events = !packets && (!options.diagnose || options.line.verbosity > 0);
    text.packets = options.packets;
    text.verdicts_apart = packets && !options.diagnose;
    text.colour = terminal && !std::getenv("NO_COLOR");
    // An event is worth a system call of its own; of packets there are too many.
    text.flush_each = options.line_buffered || (waits && (terminal || !packets));
    text.notes = live;
    text.closing_counters = live;
    text.stats = options.stats;
    return text;
}

JsonOptions json_options(const Options &options, bool waits)
{
    return {.version = TCPTRACE_VERSION,
            .events = !options.diagnose || options.line.verbosity > 0,
            .packets = options.packets,
            .flush_each = options.line_buffered || waits};
}

bool writes_pcapng(const Options &options)
{
    return options.write.file.ends_with(".pcapng");
}

Result<CaptureOptions> capture_options(const Options &options)
{
    CaptureOptions capture{.write = options.write,
                           .link_type = {},
                           .snaplen = options.snaplen,
                           .nanoseconds = options.line.nanoseconds,
                           .application = "tcptrace " TCPTRACE_VERSION};
    if (options.read_from_file())
        return capture;
    const auto link = choose_link(options.interfaces, options.link_type);
    if (!link)
        return std::unexpected(link.error());
    // pcapng has a link type for each interface: it needs no common one.
    if (!writes_pcapng(options) || !options.link_type.empty())
        capture.link_type = link->link_type;
    return capture;
}

Result<std::vector<std::unique_ptr<Sink>>> make_sinks(const Options &options, const Source &source,
                                                      const NameBook *names)
{
    const WallOffset wall = [&source] { return source.wall_offset_ns(); };
    std::vector<std::unique_ptr<Sink>> sinks;

    if (options.json)
        sinks.push_back(std::make_unique<JsonSink>(json_options(options, source.waits()), wall));
    else
        sinks.push_back(
            std::make_unique<TextSink>(text_options(options, source.waits(), names), wall));
    if (!options.write.file.empty()) {
        auto capture = capture_options(options);
        if (!capture)
            return std::unexpected(capture.error());
        sinks.push_back(std::make_unique<CaptureSink>(std::move(*capture), wall));
    }
    std::function<bool()> names_lag;
    if (names != nullptr)
        names_lag = [names] { return names->lagged(); };
    sinks.push_back(std::make_unique<AdviceSink>(
        Advice(options, isatty(STDOUT_FILENO) != 0, std::move(names_lag))));
    return sinks;
}

Result<std::optional<User>> user_of(const Options &options)
{
    if (options.write.user.empty())
        return std::nullopt;
    auto user = User::find(options.write.user);
    return user ? Result<std::optional<User>>(std::move(*user)) : std::unexpected(user.error());
}

// To write empties the file, which is yet to be read.
Result<void> refuse_overwriting(const Options &options)
{
    std::error_code none;
    for (const std::string &read : options.read_files) {
        if (std::filesystem::equivalent(read, options.write.file, none))
            return fail(Status::Usage, fmt::format("-r and -w both name {}", read),
                        "write to another file");
    }
    return {};
}

Result<Status> watch(const Options &options)
{
    if (const auto refused = refuse_overwriting(options); !refused)
        return std::unexpected(refused.error());
    auto user = user_of(options);
    if (!user)
        return std::unexpected(user.error());
    auto source = open_source(options);
    if (!source && stop_requested()) // while a pipe had not begun yet
        return Status::Ok;
    if (!source)
        return std::unexpected(source.error());
    const auto names = open_names(options, **source); // outlives the sinks
    auto sinks = make_sinks(options, **source, names.get());
    if (!sinks)
        return std::unexpected(sinks.error());
    const bool live = !options.read_from_file();
    const bool packets = wants_packets(options);
    std::unique_ptr<Inquiry> inquiry;
    if (live) {
        auto begun = Inquiry::begin();
        if (!begun)
            return std::unexpected(begun.error());
        inquiry = std::move(*begun);
    }
    Pipeline pipeline(
        {.diagnose = options.diagnose,
         .events = !options.diagnose || options.line.verbosity > 0 || options.write.on_anomaly,
         .packets = packets,
         .on_anomaly = options.write.on_anomaly,
         .only = options.only,
         .fail_on = options.fail_on,
         .event_limit = live && !packets ? options.count : std::nullopt,
         .packet_limit = packets ? options.count : std::nullopt,
         .counts_connections = !live || options.diagnose},
        std::move(*sinks), **source, inquiry.get());

    Attendant attendant(pipeline, **source, std::move(*user),
                        live ? User::Keep::Bpf : User::Keep::Nothing);
    const auto ran = (*source)->run(attendant);
    if (!attendant.became())
        return std::unexpected(attendant.became().error());
    attendant.report_if_asked(); // since the last tick
    if (attendant.began())
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
                              options.action == Options::Action::ListLinkTypes ||
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
    case Options::Action::ListLinkTypes: {
        const auto list = link_list(options.interfaces);
        return list ? Result<Status>(print(*list)) : std::unexpected(list.error());
    }
    case Options::Action::Doctor:
        return doctor();
    case Options::Action::Explain:
        return print(std::string(explanation_of(options.explain).value_or("")));
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
