// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include "app/option_values.h"
#include "app/write_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace tcptrace {

namespace {

// What CLI11 fills, before it is understood.
struct Words {
    bool help = false;
    bool version = false;
    bool list = false;
    bool list_links = false;
    bool doctor = false;
    bool as_always = false; // -p: what is done anyway
    bool numeric = false;   // -n, -nn
    bool resolve = false;
    int time_style = 0; // number of -t
    int hex = 0;        // number of -x
    int hex_ascii = 0;  // of -X
    int ascii = 0;      // of -A
    bool micro = false;
    bool no_checksums = false;
    std::string precision;
    std::string snaplen;
    std::string ring;
    std::string recorder;
    std::string count;
    WriteWords write;
    std::string depth;
    std::string hook = "tc";
    std::string duration;
    std::string only;
    std::string fail_on;
    std::string pid;
    std::vector<std::string> filter;
};

void declare_tcpdump_options(CLI::App &app, Options &options, Words &words)
{
    app.add_option("-i,--interface", options.interfaces)->allow_extra_args(false);
    app.add_flag("-D,--list-interfaces", words.list);
    app.add_flag("-L,--list-data-link-types", words.list_links);
    app.add_option("-y,--linktype", options.link_type);
    app.add_option("-r", options.read_files)->allow_extra_args(false);
    app.add_option("-c", words.count);
    app.add_option("-F", options.filter_file);
    app.add_flag("-d", options.dump_filter);
    app.add_flag("-n", words.numeric);
    app.add_flag("-N", options.short_names);
    app.add_flag("-p,--no-promiscuous-mode", words.as_always);
    app.add_flag("-l", options.line_buffered);
    app.add_flag("-h,--help", words.help);
    app.add_flag("--version", words.version);
    app.add_option("filter", words.filter);
}

void declare_line_options(CLI::App &app, Options &options, Words &words)
{
    app.add_flag("-v", options.line.verbosity);
    app.add_flag("-t", words.time_style);
    app.add_flag("-S,--absolute-tcp-sequence-numbers", options.line.absolute_sequence);
    app.add_flag("-e", options.line.link_header);
    app.add_flag("-q", options.line.quick);
    app.add_flag("-A", words.ascii);
    app.add_flag("-X", words.hex_ascii);
    app.add_flag("-x", words.hex);
    app.add_flag("-K,--dont-verify-checksums", words.no_checksums);
    app.add_flag("-#,--number", options.line.number);
    app.add_flag("--nano", options.line.nanoseconds);
    app.add_flag("--micro", words.micro);
    app.add_option("--time-stamp-precision", words.precision);
    app.add_option("-s,--snapshot-length", words.snaplen);
    app.add_option("-B,--buffer-size", words.ring);
}

void declare_write_options(CLI::App &app, Options &options, Words &words)
{
    app.add_option("-w", words.write.file);
    app.add_option("-C", words.write.size);
    app.add_option("-G", words.write.time);
    app.add_option("-W", words.write.count);
    app.add_option("-Z,--relinquish-privileges", words.write.user);
    app.add_flag("-U,--packet-buffered", words.write.each_packet);
    app.add_option("--min-free", words.write.min_free);
    app.add_flag("--on-anomaly", words.write.on_anomaly);
    app.add_flag("--print", options.print);
}

void declare_own_options(CLI::App &app, Options &options, Words &words)
{
    app.add_flag("--inner", options.inner);
    app.add_flag("--resolve", words.resolve);
    app.add_flag("--packets", options.packets);
    app.add_flag("--diagnose", options.diagnose);
    app.add_option("--for", words.duration);
    app.add_option("--recorder", words.recorder);
    app.add_option("--depth", words.depth);
    app.add_option("--hook", words.hook);
    app.add_flag("--json", options.json);
    app.add_option("--only", words.only);
    app.add_option("--fail-on", words.fail_on);
    app.add_flag("--stats", options.stats);
    app.add_option("--netns", options.netns);
    app.add_option("--pid", words.pid);
    app.add_flag("--doctor", words.doctor);
    app.add_option("--explain", options.explain);
}

// Stores what a parser made of an option's text, if the option was given.
template <typename To, typename From>
Result<void> store(To &to, Result<From> parsed)
{
    if (!parsed)
        return std::unexpected(parsed.error());
    to = std::move(*parsed);
    return {};
}

Result<void> understand_depth(Options &options, const Words &words)
{
    const bool from_file = options.read_from_file();

    // Who looks at each packet pays for each packet: then the marks shall be all there are.
    const bool packets = options.packets || !options.write.file.empty();
    options.depth = from_file || options.diagnose || packets ? TT_DEPTH_SEQUENCE : TT_DEPTH_NOTABLE;
    if (words.depth.empty())
        return {};
    const auto depth = parse_depth(words.depth);
    if (!depth)
        return std::unexpected(depth.error());
    if (from_file && *depth != TT_DEPTH_SEQUENCE)
        return fail(Status::Usage, fmt::format("--depth {} does not go with -r", words.depth),
                    "a file is always read at depth sequence: leave --depth out");
    if (packets && *depth == TT_DEPTH_STACK)
        return fail(Status::Usage, "--depth stack does not go with --packets or -w",
                    "at that depth no packet is looked at: leave --depth out");
    options.depth = *depth;
    return {};
}

// In an incident the packets before it are worth their price; always on, they are asked for.
Result<void> understand_recorder(Options &options, const Words &words)
{
    constexpr std::uint64_t usual_bytes = 16U << 20;
    const bool useful = options.diagnose || options.write.on_anomaly;

    if (words.recorder.empty()) {
        const bool possible = !options.read_from_file() && options.depth != TT_DEPTH_STACK;
        options.recorder_bytes = useful && possible ? usual_bytes : 0;
        return {};
    }
    auto result = store(options.recorder_bytes, parse_bytes("--recorder", words.recorder));
    if (result && options.recorder_bytes != 0 && options.depth == TT_DEPTH_STACK)
        return fail(Status::Usage, "--recorder does not go with --depth stack",
                    "at that depth no packet is looked at: leave --recorder out");
    return result;
}

// Options that only a live kernel can honour are refused with -r, not ignored.
Result<void> refuse_live_options(const Options &options, const CLI::App &app)
{
    if (!options.read_from_file())
        return {};
    for (const char *name :
         {"-i", "-B", "-L", "-y", "--for", "--recorder", "--hook", "--netns", "--pid"}) {
        if (app.count(name))
            return fail(Status::Usage, fmt::format("{} does not go with -r", name),
                        "it is about live traffic, -r reads a file");
    }
    return {};
}

Result<void> refuse_files(const Options &options)
{
    if (std::ranges::count(options.read_files, "") > 0)
        return fail(Status::Usage, "-r needs a value that is not empty");
    if (std::ranges::count(options.read_files, "-") > 1)
        return fail(Status::Usage, "-r - can be given once only", "standard input is one stream");
    return {};
}

// What -w must have beside it, and what not: a capture on standard output stands alone.
Result<void> refuse_beside_write(const Options &options)
{
    if (!options.link_type.empty() && options.write.file.empty())
        return fail(Status::Usage, "-y does not go without -w", "it says what -w writes");
    if (options.write.file != "-")
        return {};
    for (const auto &[name, given] :
         {std::pair{"--packets or --print", options.packets}, std::pair{"--json", options.json},
          std::pair{"--diagnose", options.diagnose}}) {
        if (given)
            return fail(Status::Usage, fmt::format("-w - and {} both want standard output", name),
                        "write to a file, or leave one of them out");
    }
    return {};
}

Result<void> understand_place(Options &options, const Words &words, const CLI::App &app)
{
    if (words.hook != "tc" && words.hook != "xdp")
        return fail(Status::Usage, fmt::format("--hook does not know \"{}\"", words.hook),
                    "it is tc or xdp");
    options.xdp = words.hook == "xdp";
    if (!words.pid.empty()) {
        if (!options.netns.empty())
            return fail(Status::Usage, "--pid and --netns both name a network namespace",
                        "give one of them");
        const auto pid = parse_number("--pid", words.pid);
        if (!pid)
            return std::unexpected(pid.error());
        options.netns = fmt::format("/proc/{}/ns/net", *pid);
    }
    if (std::erase(options.interfaces, "any") && !options.interfaces.empty())
        return fail(Status::Usage, "-i any and another -i contradict each other");
    return refuse_live_options(options, app);
}

// tcpdump's order of precedence: -X, -x, -A; each twice for the link header too.
Dump dump_of(const Words &words)
{
    if (words.hex_ascii > 0)
        return words.hex_ascii > 1 ? Dump::HexAsciiLink : Dump::HexAscii;
    if (words.hex > 0)
        return words.hex > 1 ? Dump::HexLink : Dump::Hex;
    if (words.ascii > 0)
        return words.ascii > 1 ? Dump::AsciiLink : Dump::Ascii;
    return Dump::None;
}

Result<std::uint32_t> snaplen_of(const std::string &text)
{
    if (text.empty() || text == "0")
        return snaplen_max;
    const auto bytes = parse_number("-s", text);
    if (!bytes || *bytes > snaplen_max)
        return fail(Status::Usage, fmt::format("-s takes 0 to {}, not \"{}\"", snaplen_max, text),
                    "0 is as much as there is");
    return static_cast<std::uint32_t>(*bytes);
}

Result<void> understand_lines(Options &options, const Words &words)
{
    constexpr int time_styles = 5;
    Result<void> result;

    if (words.time_style > time_styles)
        return fail(Status::Usage, "there are only -t, -tt, -ttt, -tttt and -ttttt");
    options.line.time = static_cast<TimeStyle>(words.time_style);
    options.resolve = words.resolve && !words.numeric; // who types -n wants no look-ups
    options.line.judges_checksums = !words.no_checksums;
    options.line.dump = dump_of(words);
    if (!words.precision.empty() && words.precision != "micro" && words.precision != "nano")
        return fail(Status::Usage,
                    fmt::format("--time-stamp-precision does not know \"{}\"", words.precision),
                    "it is micro or nano");
    if (words.precision == "nano")
        options.line.nanoseconds = true;
    if (words.micro || words.precision == "micro")
        options.line.nanoseconds = false;
    // What only makes sense of packets asks for packets.
    const bool of_packets =
        options.line.dump != Dump::None || options.line.quick || options.line.link_header;
    result = store(options.write, understand_write(words.write));
    options.packets =
        options.packets || options.print || (of_packets && options.write.file.empty());
    if (result)
        result = store(options.snaplen, snaplen_of(words.snaplen));
    if (result && !words.ring.empty())
        result = store(options.ring_kib, parse_number("-B", words.ring));
    return result;
}

Result<void> understand(Options &options, const Words &words, const CLI::App &app)
{
    Result<void> result = understand_lines(options, words);
    const auto given = [&app](const char *name) { return app.count(name) > 0; };

    if (!result)
        return result;
    for (const char *name : {"-i", "--netns"}) {
        if (given(name) && app[name]->as<std::string>().empty())
            return fail(Status::Usage, fmt::format("{} needs a value that is not empty", name));
    }
    if (given("--explain"))
        result = store(options.explain, parse_explained(options.explain));
    if (result && given("-c"))
        result = store(options.count, parse_number("-c", words.count));
    if (result && given("--for"))
        result = store(options.duration, parse_duration(words.duration));
    if (result && given("--only"))
        result = store(options.only, parse_ids("--only", words.only, Ids::EventsAndDiagnoses));
    if (result && given("--fail-on"))
        result = store(options.fail_on, parse_ids("--fail-on", words.fail_on, Ids::Diagnoses));
    if (result)
        result = understand_place(options, words, app);
    if (result)
        result = refuse_files(options);
    if (result)
        result = understand_depth(options, words);
    if (result)
        result = understand_recorder(options, words);
    if (result)
        result = refuse_beside_write(options);
    options.filter = fmt::format("{}", fmt::join(words.filter, " "));
    return result;
}

Options::Action action_of(const Options &options, const Words &words)
{
    return words.help                 ? Options::Action::Help
           : !options.explain.empty() ? Options::Action::Explain
           : words.version            ? Options::Action::Version
           : words.list               ? Options::Action::ListInterfaces
           : words.list_links         ? Options::Action::ListLinkTypes
           : words.doctor             ? Options::Action::Doctor
                                      : Options::Action::Run;
}

// CLI11's reasons, in our words: its own speak of types and counts.
Error explain(const CLI::ParseError &error, const CLI::App &app)
{
    const std::string_view what = error.what();
    const std::string_view name = what.substr(0, what.find(':'));
    std::string message(what);

    if (dynamic_cast<const CLI::ExtrasError *>(&error)) {
        const auto unknown = app.remaining();
        message = fmt::format("there is no option \"{}\"", unknown.empty() ? "" : unknown.front());
    } else if (what.find("missing") != std::string_view::npos) {
        message = fmt::format("{} needs a value", name);
    } else if (dynamic_cast<const CLI::ArgumentMismatch *>(&error)) {
        message = fmt::format("{} can be given once only", name);
    } else if (const auto at = what.find("--");
               dynamic_cast<const CLI::ConversionError *>(&error) && at != std::string_view::npos) {
        message = fmt::format("{} takes no value", what.substr(at, what.find(' ', at) - at));
    }
    return {Status::Usage, message, "tcptrace --help lists the options"};
}

} // namespace

Result<Options> parse_options(int argc, const char *const *argv)
{
    CLI::App app;
    Options options;
    Words words;

    const std::span arguments(argv, static_cast<std::size_t>(argc));
    if (std::ranges::find(arguments, std::string_view("--")) != arguments.end())
        return fail(Status::Usage, "\"--\" is not taken: a command cannot be run and watched yet");
    app.set_help_flag();
    declare_tcpdump_options(app, options, words);
    declare_line_options(app, options, words);
    declare_write_options(app, options, words);
    declare_own_options(app, options, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return std::unexpected(explain(error, app));
    }
    options.action = action_of(options, words);
    if (auto understood = understand(options, words, app); !understood)
        return std::unexpected(understood.error());
    return options;
}

} // namespace tcptrace
