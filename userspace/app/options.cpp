// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include "app/option_values.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace tcptrace {

namespace {

// What CLI11 fills, before it is understood.
struct Words {
    bool help = false;
    bool version = false;
    bool list = false;
    bool doctor = false;
    bool numeric = false; // -n, -nn: what is done anyway
    std::string depth;
    std::string hook = "tc";
    std::string duration;
    std::string only;
    std::string fail_on;
    std::uint32_t pid = 0;
    std::vector<std::string> filter;
};

void declare_tcpdump_options(CLI::App &app, Options &options, Words &words)
{
    app.add_option("-i,--interface", options.interfaces)->allow_extra_args(false);
    app.add_flag("-D,--list-interfaces", words.list);
    app.add_option("-r", options.read_file);
    app.add_option("-c", options.count)->check(CLI::PositiveNumber);
    app.add_flag("-n", words.numeric);
    app.add_flag("-v", options.verbosity);
    app.add_flag("-t", options.time_style);
    app.add_flag("-S,--absolute-tcp-sequence-numbers", options.absolute_sequence);
    app.add_flag("-l", options.line_buffered);
    app.add_flag("-h,--help", words.help);
    app.add_flag("--version", words.version);
    app.add_option("filter", words.filter);
}

void declare_own_options(CLI::App &app, Options &options, Words &words)
{
    app.add_flag("--diagnose", options.diagnose);
    app.add_option("--for", words.duration);
    app.add_option("--depth", words.depth);
    app.add_option("--hook", words.hook);
    app.add_flag("--json", options.json);
    app.add_option("--only", words.only);
    app.add_option("--fail-on", words.fail_on);
    app.add_flag("--stats", options.stats);
    app.add_option("--netns", options.netns);
    app.add_option("--pid", words.pid)->check(CLI::PositiveNumber);
    app.add_flag("--doctor", words.doctor);
}

Result<void> understand_depth(Options &options, const Words &words)
{
    const std::map<std::string, tt_depth> depths{{"stack", TT_DEPTH_STACK},
                                                 {"notable", TT_DEPTH_NOTABLE},
                                                 {"sequence", TT_DEPTH_SEQUENCE}};
    const bool from_file = !options.read_file.empty();

    options.depth =
        from_file || options.diagnose ? TT_DEPTH_SEQUENCE : TT_DEPTH_NOTABLE;
    if (words.depth.empty())
        return {};
    const auto found = depths.find(words.depth);
    if (found == depths.end())
        return fail(Status::Usage, fmt::format("--depth \"{}\" is not known", words.depth),
                    "it is stack, notable or sequence");
    if (from_file && found->second != TT_DEPTH_SEQUENCE)
        return fail(Status::Usage,
                    fmt::format("--depth {} does not go with -r", words.depth),
                    "a file is always read at depth sequence: leave --depth out");
    options.depth = found->second;
    return {};
}

// Options that only a live kernel can honour are refused with -r, not ignored.
Result<void> refuse_live_options(const Options &options, const Words &words, const CLI::App &app)
{
    if (options.read_file.empty())
        return {};
    for (const char *name : {"-i", "--for", "--hook", "--netns", "--pid"}) {
        if (app.count(name))
            return fail(Status::Usage, fmt::format("{} does not go with -r", name),
                        "it is about live traffic, -r reads a file");
    }
    (void)words;
    return {};
}

Result<void> understand(Options &options, const Words &words, const CLI::App &app)
{
    if (words.hook != "tc" && words.hook != "xdp")
        return fail(Status::Usage, fmt::format("--hook \"{}\" is not known", words.hook),
                    "it is tc or xdp");
    options.xdp = words.hook == "xdp";
    if (words.pid != 0 && !options.netns.empty())
        return fail(Status::Usage, "--pid and --netns both name a network namespace",
                    "give one of them");
    if (words.pid != 0)
        options.netns = fmt::format("/proc/{}/ns/net", words.pid);
    if (!words.duration.empty()) {
        const auto duration = parse_duration(words.duration);
        if (!duration)
            return std::unexpected(duration.error());
        options.duration = *duration;
    }
    if (auto ids = parse_ids("--only", words.only, false); ids)
        options.only = *ids;
    else
        return std::unexpected(ids.error());
    if (auto ids = parse_ids("--fail-on", words.fail_on, true); ids)
        options.fail_on = *ids;
    else
        return std::unexpected(ids.error());
    if (std::erase(options.interfaces, "any") && !options.interfaces.empty())
        return fail(Status::Usage, "-i any and another -i contradict each other");
    options.filter = fmt::format("{}", fmt::join(words.filter, " "));
    if (auto known = refuse_live_options(options, words, app); !known)
        return known;
    return understand_depth(options, words);
}

Options::Action action_of(const Words &words)
{
    return words.help      ? Options::Action::Help
           : words.version ? Options::Action::Version
           : words.list    ? Options::Action::ListInterfaces
           : words.doctor  ? Options::Action::Doctor
                           : Options::Action::Run;
}

} // namespace

Result<Options> parse_options(int argc, const char *const *argv)
{
    CLI::App app;
    Options options;
    Words words;

    app.set_help_flag();
    declare_tcpdump_options(app, options, words);
    declare_own_options(app, options, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return fail(Status::Usage, error.what(), "tcptrace --help lists the options");
    }
    options.action = action_of(words);
    if (auto understood = understand(options, words, app); !understood)
        return std::unexpected(understood.error());
    return options;
}

} // namespace tcptrace
