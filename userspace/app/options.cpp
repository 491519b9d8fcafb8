// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include "app/option_values.h"

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
    bool doctor = false;
    bool as_always = false; // -n, -nn, -p: what is done anyway
    std::string count;
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
    app.add_option("-r", options.read_file);
    app.add_option("-c", words.count);
    app.add_flag("-n", words.as_always);
    app.add_flag("-p,--no-promiscuous-mode", words.as_always);
    app.add_flag("-v", options.verbosity);
    app.add_flag("-t", options.time_style);
    app.add_flag("-S,--absolute-tcp-sequence-numbers", options.absolute_sequence);
    app.add_flag("-l,-U", options.line_buffered);
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
    app.add_option("--pid", words.pid);
    app.add_flag("--doctor", words.doctor);
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
    const bool from_file = !options.read_file.empty();

    options.depth = from_file || options.diagnose ? TT_DEPTH_SEQUENCE : TT_DEPTH_NOTABLE;
    if (words.depth.empty())
        return {};
    const auto depth = parse_depth(words.depth);
    if (!depth)
        return std::unexpected(depth.error());
    if (from_file && *depth != TT_DEPTH_SEQUENCE)
        return fail(Status::Usage, fmt::format("--depth {} does not go with -r", words.depth),
                    "a file is always read at depth sequence: leave --depth out");
    options.depth = *depth;
    return {};
}

// Options that only a live kernel can honour are refused with -r, not ignored.
Result<void> refuse_live_options(const Options &options, const CLI::App &app)
{
    if (options.read_file.empty())
        return {};
    for (const char *name : {"-i", "--for", "--hook", "--netns", "--pid"}) {
        if (app.count(name))
            return fail(Status::Usage, fmt::format("{} does not go with -r", name),
                        "it is about live traffic, -r reads a file");
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

Result<void> understand(Options &options, const Words &words, const CLI::App &app)
{
    constexpr int time_styles = 5;
    Result<void> result;
    const auto given = [&app](const char *name) { return app.count(name) > 0; };

    if (options.time_style > time_styles)
        return fail(Status::Usage, "there are only -t, -tt, -ttt, -tttt and -ttttt");
    for (const char *name : {"-r", "-i", "--netns"}) {
        if (given(name) && app[name]->as<std::string>().empty())
            return fail(Status::Usage, fmt::format("{} needs a value that is not empty", name));
    }
    if (given("-c"))
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
        result = understand_depth(options, words);
    options.filter = fmt::format("{}", fmt::join(words.filter, " "));
    return result;
}

Options::Action action_of(const Words &words)
{
    return words.help      ? Options::Action::Help
           : words.version ? Options::Action::Version
           : words.list    ? Options::Action::ListInterfaces
           : words.doctor  ? Options::Action::Doctor
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
    declare_own_options(app, options, words);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return std::unexpected(explain(error, app));
    }
    options.action = action_of(words);
    if (auto understood = understand(options, words, app); !understood)
        return std::unexpected(understood.error());
    return options;
}

} // namespace tcptrace
