// SPDX-License-Identifier: Apache-2.0
#include "flow/foreign_memory.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};

std::vector<std::uint64_t> taken(ForeignMemory &memory, const Observation &like)
{
    std::vector<std::uint64_t> times;
    memory.take(connection_of(like.record.key), [&](const Observation &told) {
        CHECK(told.foreign);
        CHECK(told.drop.reason == "NETFILTER_DROP");
        CHECK(told.interface == "eth1");
        times.push_back(told.record.time_ns / TT_NSEC_PER_MSEC);
    });
    return times;
}

} // namespace

TEST_CASE("what another namespace told is handed out once, to its connection")
{
    ForeignMemory memory;
    Story story;
    Story other(40001);
    memory.remember(story.drop(1, syn, {.foreign = true}));
    memory.remember(other.drop(2, syn, {.foreign = true}));
    memory.remember(story.drop(3, syn, {.foreign = true}));
    const Observation &asks = story.at(4, syn);
    CHECK(taken(memory, asks) == std::vector<std::uint64_t>{1, 3});
    CHECK(taken(memory, asks).empty());
    CHECK(taken(memory, other.at(5, syn)) == std::vector<std::uint64_t>{2});
}

TEST_CASE("what another namespace told is kept for seconds")
{
    ForeignMemory memory;
    Story story;
    memory.remember(story.drop(1000, syn, {.foreign = true}));
    memory.remember(story.drop(4000, syn, {.foreign = true}));
    memory.expire(TT_NSEC_PER_SEC + ForeignMemory::kept_ns);
    memory.expire(TT_NSEC_PER_SEC + ForeignMemory::kept_ns + 1);
    CHECK(taken(memory, story.at(9000, syn)) == std::vector<std::uint64_t>{4000});
}

TEST_CASE("what other namespaces tell takes a bounded place: the oldest goes")
{
    ForeignMemory memory;
    Story story;
    for (std::size_t i = 0; i <= ForeignMemory::records_max; i++)
        memory.remember(story.drop(static_cast<double>(i), syn, {.foreign = true}));
    const auto times = taken(memory, story.at(9000, syn));
    REQUIRE(times.size() == ForeignMemory::records_max);
    CHECK(times.front() == 1);
}
