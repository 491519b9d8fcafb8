// SPDX-License-Identifier: Apache-2.0
#include "filter/culprit.h"
#include "filter/packet_filter.h"
#include "support/story.h"

#include <pcap/dlt.h>

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;

namespace {

bool matches(const char *expression, const Observation &observation)
{
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB);
    REQUIRE(filter);
    return filter->matches(observation);
}

} // namespace

TEST_CASE("what was seen without a frame is matched by what is known of it")
{
    test::Story story(40000, 80);
    const Observation &syn = story.at(0, {.flags = TT_SYN, .sequence = 100});
    CHECK(matches("tcp dst port 80", syn));
    CHECK(matches("tcp[tcpflags] & tcp-syn != 0", syn));
    CHECK_FALSE(matches("src port 80", syn));
    CHECK_FALSE(matches("udp", syn));
}

TEST_CASE("an ICMP error belongs to the connection that it quotes, either way")
{
    test::Story story(40000, 80);
    tt_record record = story.at(0, {.flags = TT_SYN, .sequence = 100}).record;
    record.segment.kind = TT_KIND_ICMP_ERROR;
    const Observation error{.record = record};
    CHECK(matches("tcp src port 80", error));
    CHECK(matches("tcp dst port 80", error));
    CHECK_FALSE(matches("port 81", error));
}

TEST_CASE("a syntax error is pointed at")
{
    CHECK(culprit("tcp portt 80", DLT_EN10MB) == "portt");
    CHECK(culprit("(port 80 or host 1.2.3.4) andd tcp", DLT_EN10MB) == "andd");
    CHECK(culprit("tcp and", DLT_EN10MB).empty());
    const auto filter = PacketFilter::compile("tcp portt 80", DLT_EN10MB);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().status == Status::Usage);
    CHECK(filter.error().message.ends_with("syntax error at \"portt\""));
}
