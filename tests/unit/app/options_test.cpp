// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace tcptrace;

namespace {

Result<Options> parse(std::vector<const char *> words)
{
    words.insert(words.begin(), "tcptrace");
    return parse_options(static_cast<int>(words.size()), words.data());
}

// The words of a refusal.
std::string refusal(std::vector<const char *> words)
{
    const auto options = parse(std::move(words));
    REQUIRE_FALSE(options);
    CHECK(options.error().status == Status::Usage);
    return options.error().message;
}

} // namespace

TEST_CASE("letters stand together as with tcpdump, and the rest is the filter")
{
    const auto options = parse({"-nnvvr", "file", "-c5", "host", "10.0.0.1", "and", "port", "80"});
    REQUIRE(options);
    CHECK(options->read_files == std::vector<std::string>{"file"});
    CHECK(options->line.verbosity == 2);
    CHECK(options->count == 5U);
    CHECK(options->depth == TT_DEPTH_SEQUENCE);
    CHECK(options->filter == "host 10.0.0.1 and port 80");
}

TEST_CASE("any is all interfaces, a process is a namespace, the depth follows the job")
{
    const auto options = parse({"-nni", "any", "--pid", "7", "--diagnose", "--for", "1.5m"});
    REQUIRE(options);
    CHECK(options->interfaces.empty());
    CHECK(options->netns == "/proc/7/ns/net");
    CHECK(options->depth == TT_DEPTH_SEQUENCE);
    CHECK(options->duration == std::chrono::seconds(90));
    CHECK(parse({"-i", "lo"})->depth == TT_DEPTH_NOTABLE);
}

TEST_CASE("what is not there is refused and named")
{
    const auto word_of = [](std::vector<const char *> words) {
        const auto options = parse(std::move(words));
        REQUIRE_FALSE(options);
        CHECK(options.error().status == Status::Usage);
        return options.error().message + "; " + options.error().hint;
    };
    CHECK(word_of({"-V", "file"}).find("\"-V\"") != std::string::npos);
    CHECK(word_of({"--", "ls"}).find("\"--\"") != std::string::npos);
    CHECK(word_of({"-c"}).find("-c needs a value") != std::string::npos);
    CHECK(word_of({"--json=x"}).find("--json takes no value") != std::string::npos);
    CHECK(word_of({"-tttttt"}).find("-ttttt") != std::string::npos);
    CHECK(word_of({"--fail-on", "syn_timeot"}).find("near it: syn_timeout") != std::string::npos);
    CHECK(word_of({"-r", "f", "--depth", "stack"}).find("stack") != std::string::npos);
}

TEST_CASE("without words: live, all interfaces, no end")
{
    const auto options = parse({});
    REQUIRE(options);
    CHECK(options->action == Options::Action::Run);
    CHECK(options->interfaces.empty());
    CHECK(options->read_files.empty());
    CHECK(options->netns.empty());
    CHECK(options->filter.empty());
    CHECK(options->depth == TT_DEPTH_NOTABLE);
    CHECK_FALSE(options->xdp);
    CHECK_FALSE(options->diagnose);
    CHECK_FALSE(options->json);
    CHECK_FALSE(options->stats);
    CHECK(options->line.verbosity == 0);
    CHECK(options->line.time == TimeStyle::Default);
    CHECK_FALSE(options->count);
    CHECK_FALSE(options->duration);
    CHECK(options->only.empty());
    CHECK(options->fail_on.empty());
}

TEST_CASE("letters count, alone and together")
{
    CHECK(parse({"-t"})->line.time == TimeStyle::None);
    CHECK(parse({"-tttt"})->line.time == TimeStyle::DateTime);
    CHECK(parse({"-ttttt"})->line.time == TimeStyle::SinceFirst);
    CHECK(parse({"-tt", "-n", "-t"})->line.time == TimeStyle::Delta);
    CHECK(parse({"-vvv"})->line.verbosity == 3);
    CHECK(parse({"-c5"})->count == 5U);
    CHECK(parse({"-c", "5"})->count == 5U);
    CHECK(parse({"-nnvr", "f"})->read_files.front() == "f");
    CHECK(parse({"-nlS"})->line_buffered);
    CHECK(parse({"-nlS"})->line.absolute_sequence);
}

TEST_CASE("the filter stands before the options, after them, or in one word")
{
    CHECK(parse({"tcp", "port", "80", "-nn"})->filter == "tcp port 80");
    CHECK(parse({"-i", "lo", "tcp", "port", "80"})->filter == "tcp port 80");
    CHECK(parse({"-nn", "tcp and (port 80 or port 443)"})->filter ==
          "tcp and (port 80 or port 443)");
    CHECK(parse({"host", "a", "-r", "f", "and", "port", "80"})->filter == "host a and port 80");
}

TEST_CASE("interfaces are gathered, and take one word each")
{
    const auto options = parse({"-i", "eth0", "-i", "lo", "port", "80"});
    REQUIRE(options);
    CHECK(options->interfaces == std::vector<std::string>{"eth0", "lo"});
    CHECK(options->filter == "port 80");
}

TEST_CASE("a word on the depth is heard, except about a file")
{
    CHECK(parse({"--depth", "stack"})->depth == TT_DEPTH_STACK);
    CHECK(parse({"--diagnose"})->depth == TT_DEPTH_SEQUENCE);
    CHECK(parse({"--diagnose", "--depth", "notable"})->depth == TT_DEPTH_NOTABLE);
    CHECK(parse({"-r", "f"})->depth == TT_DEPTH_SEQUENCE);
    CHECK(parse({"-r", "f", "--depth", "sequence"})->depth == TT_DEPTH_SEQUENCE);
    CHECK(refusal({"-r", "f", "--depth", "notable"}) == "--depth notable does not go with -r");
    CHECK(refusal({"--depth", "deep"}) == "--depth does not know \"deep\"");
}

TEST_CASE("what cannot be together is refused, not ignored")
{
    CHECK(refusal({"-r", "f", "-i", "lo"}) == "-i does not go with -r");
    CHECK(refusal({"-r", "f", "-i", "any"}) == "-i does not go with -r");
    CHECK(refusal({"-r", "f", "--for", "1s"}) == "--for does not go with -r");
    CHECK(refusal({"-r", "f", "--hook", "tc"}) == "--hook does not go with -r");
    CHECK(refusal({"-r", "f", "--netns", "a"}) == "--netns does not go with -r");
    CHECK(refusal({"-r", "f", "--pid", "1"}) == "--pid does not go with -r");
    CHECK(refusal({"--pid", "1", "--netns", "a"}).starts_with("--pid and --netns"));
    CHECK(refusal({"-i", "any", "-i", "lo"}).starts_with("-i any and another -i"));
}

TEST_CASE("a value that is wrong, empty, or given twice is refused")
{
    CHECK(refusal({"--hook", "nf"}) == "--hook does not know \"nf\"");
    CHECK(parse({"--hook", "xdp"})->xdp);
    CHECK(refusal({"-r", ""}) == "-r needs a value that is not empty");
    CHECK(refusal({"--netns", ""}) == "--netns needs a value that is not empty");
    CHECK(refusal({"-F", "a", "-F", "b"}) == "-F can be given once only");
    CHECK(refusal({"-r", "a", "-r", ""}) == "-r needs a value that is not empty");
    CHECK(refusal({"-r", "-", "-r", "-"}) == "-r - can be given once only");
    CHECK(parse({"-r", "a", "-r", "-"})->read_files == std::vector<std::string>{"a", "-"});
    for (const char *number : {"0", "-1", "1x", "", "99999999999999999999"})
        CHECK(refusal({"-c", number}).starts_with("-c takes a whole number above 0"));
    CHECK(refusal({"--pid", "self"}).starts_with("--pid takes a whole number"));
    CHECK(refusal({"--only", ""}).starts_with("--only does not know \"\""));
    CHECK(refusal({"--fail-on", "reset"}) == "--fail-on does not know \"reset\"");
}

TEST_CASE("what is to be told, and what is to fail")
{
    CHECK(parse({"--only", "reset,packet_loss"})->only.size() == 2);
    CHECK(parse({"--fail-on", "any"})->fail_on.contains("any"));
}

TEST_CASE("what is to be done instead of a run")
{
    CHECK(parse({"-h"})->action == Options::Action::Help);
    CHECK(parse({"--help", "--version"})->action == Options::Action::Help);
    CHECK(parse({"--version"})->action == Options::Action::Version);
    CHECK(parse({"-D"})->action == Options::Action::ListInterfaces);
    CHECK(parse({"--doctor"})->action == Options::Action::Doctor);
}

TEST_CASE("a capture on standard output stands alone there")
{
    CHECK(parse({"-w", "-"})->write.file == "-");
    CHECK(refusal({"-w", "-", "--json"}).find("standard output") != std::string::npos);
    CHECK(refusal({"-w", "-", "--print"}).find("standard output") != std::string::npos);
    CHECK(refusal({"-w", "-", "-C", "1"}) == "-w - does not go with -C");
    CHECK(refusal({"-w", "-", "-G", "1"}) == "-w - does not go with -G");
}

TEST_CASE("link types are a matter of live interfaces")
{
    CHECK(parse({"-L", "-i", "lo"})->action == Options::Action::ListLinkTypes);
    CHECK(parse({"-y", "LINUX_SLL2", "-w", "f"})->link_type == "LINUX_SLL2");
    CHECK(refusal({"-y", "RAW"}) == "-y does not go without -w");
    CHECK(refusal({"-r", "f", "-y", "RAW"}) == "-y does not go with -r");
    CHECK(refusal({"-r", "f", "-L"}) == "-L does not go with -r");
}

TEST_CASE("names are asked for, and any -n takes them back")
{
    CHECK_FALSE(parse({})->resolve);
    CHECK(parse({"--resolve"})->resolve);
    CHECK_FALSE(parse({"--resolve", "-n"})->resolve);
    CHECK_FALSE(parse({"-nni", "any", "--resolve"})->resolve);
    CHECK(parse({"--resolve", "-N"})->resolve);
    CHECK(parse({"--resolve", "-N"})->short_names);
}
