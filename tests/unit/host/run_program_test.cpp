// SPDX-License-Identifier: Apache-2.0
// A program is heard as far as its bounds go.
#include "host/run_program.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace std::chrono_literals;

namespace {

Deadline in(std::chrono::milliseconds time)
{
    return std::chrono::steady_clock::now() + time;
}

} // namespace

TEST_CASE("run_program: what it prints, each argument as it stands")
{
    CHECK(run_program("/usr/bin/echo", {"a b", "$HOME;"}, 100, in(60s)).value() == "a b $HOME;\n");
    CHECK(run_program("/usr/bin/cat", {}, 100, in(60s)).value() == "");
    CHECK(run_program("/usr/bin/env", {}, 100, in(60s)).value() ==
          "LC_ALL=C\nPATH=/usr/sbin:/sbin:/usr/bin:/bin\n");
    CHECK(program_path("cat") == "/usr/bin/cat");
    CHECK(program_path("no-such-program") == "");
}

TEST_CASE("run_program: one that fails, says too much or never ends")
{
    CHECK_FALSE(run_program("/usr/bin/false", {}, 100, in(60s)));
    CHECK_FALSE(run_program("/nonexistent", {}, 100, in(60s)));
    const auto much = run_program("/usr/bin/yes", {}, 1 << 20, in(60s));
    REQUIRE_FALSE(much);
    CHECK(much.error().message == "/usr/bin/yes printed more than 1 MiB");
    const auto slow = run_program("/usr/bin/sleep", {"1000"}, 100, in(100ms));
    REQUIRE_FALSE(slow);
    CHECK(slow.error().message == "/usr/bin/sleep took too long");
    // It closes its output and stays.
    CHECK_FALSE(run_program("/bin/sh", {"-c", "exec >/dev/null; sleep 1000"}, 100, in(100ms)));
}
