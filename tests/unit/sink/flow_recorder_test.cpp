// SPDX-License-Identifier: Apache-2.0
// What --on-anomaly keeps of connections, and what it lets go.
#include "sink/flow_recorder.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace tcptrace;

namespace {

tt_flow_key connection(std::uint16_t port)
{
    tt_flow_key key{};
    key.family = TT_IPV4;
    key.port[0] = port;
    key.port[1] = 80;
    return key;
}

KeptPacket packet(std::uint64_t time, std::size_t length = 100)
{
    const std::vector<std::uint8_t> bytes(length);
    PacketView view;
    view.time_ns = time;
    view.bytes = bytes;
    return {view, time, {}};
}

std::vector<std::uint64_t> times(const std::vector<KeptPacket> &packets)
{
    std::vector<std::uint64_t> times;
    for (const KeptPacket &each : packets)
        times.push_back(each.unix_ns());
    return times;
}

} // namespace

TEST_CASE("an anomaly lets go what was kept of its connection, in order of time, once")
{
    FlowRecorder flows(1 << 20, 10);
    flows.keep(connection(1), packet(30));
    flows.keep(connection(2), packet(20));
    flows.keep(connection(1), packet(10));
    CHECK_FALSE(flows.had_anomaly(connection(1)));
    CHECK(times(flows.release(connection(1))) == std::vector<std::uint64_t>{10, 30});
    CHECK(flows.had_anomaly(connection(1)));
    CHECK(flows.release(connection(1)).empty());
    CHECK_FALSE(flows.had_anomaly(connection(2)));
    CHECK(times(flows.release(connection(2))) == std::vector<std::uint64_t>{20});
    CHECK(flows.release(connection(3)).empty());
}

TEST_CASE("beyond the budget the oldest packet goes, whosever it is")
{
    const std::size_t cost = packet(0).cost();
    FlowRecorder flows(3 * cost, 10);
    flows.keep(connection(1), packet(1));
    flows.keep(connection(2), packet(2));
    flows.keep(connection(1), packet(3));
    flows.keep(connection(2), packet(4));
    CHECK(times(flows.release(connection(1))) == std::vector<std::uint64_t>{3});
    flows.keep(connection(3), packet(5)); // in the room of what was let go
    CHECK(times(flows.release(connection(2))) == std::vector<std::uint64_t>{2, 4});
    flows.keep(connection(4), packet(6, 10 * cost)); // larger than all: nothing is kept
    CHECK(flows.release(connection(3)).empty());
    CHECK(flows.release(connection(4)).empty());
}

TEST_CASE("connections with anomalies are known up to a number")
{
    FlowRecorder flows(1 << 20, 2);
    for (std::uint16_t port = 1; port <= 3; port++)
        CHECK(flows.release(connection(port)).empty());
    CHECK_FALSE(flows.had_anomaly(connection(1)));
    CHECK(flows.had_anomaly(connection(2)));
    CHECK(flows.had_anomaly(connection(3)));
}
