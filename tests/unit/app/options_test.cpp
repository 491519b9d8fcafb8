// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace tcptrace;

namespace {

Result<Options> parse(std::vector<const char *> words)
{
    words.insert(words.begin(), "tcptrace");
    return parse_options(static_cast<int>(words.size()), words.data());
}

} // namespace

TEST_CASE("letters stand together as with tcpdump, and the rest is the filter")
{
    const auto options = parse({"-nnvvr", "file", "-c5", "host", "10.0.0.1", "and", "port", "80"});
    REQUIRE(options);
    CHECK(options->read_file == "file");
    CHECK(options->verbosity == 2);
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
    CHECK(word_of({"-w", "file"}).find("\"-w\"") != std::string::npos);
    CHECK(word_of({"--", "ls"}).find("\"--\"") != std::string::npos);
    CHECK(word_of({"-c"}).find("-c needs a value") != std::string::npos);
    CHECK(word_of({"--json=x"}).find("--json takes no value") != std::string::npos);
    CHECK(word_of({"-tttttt"}).find("-ttttt") != std::string::npos);
    CHECK(word_of({"--fail-on", "syn_timeot"}).find("near it: syn_timeout") != std::string::npos);
    CHECK(word_of({"-r", "f", "--depth", "stack"}).find("stack") != std::string::npos);
}
