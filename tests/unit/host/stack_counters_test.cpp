// SPDX-License-Identifier: Apache-2.0
#include "host/stack_counters.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace tcptrace;

TEST_CASE("netstat and snmp: counters by group and name, whatever their order")
{
    StackCounters counters;
    add_named_lines(counters, "TcpExt: SyncookiesSent RcvPruned ListenOverflows ListenDrops "
                              "TCPReqQFullDoCookies TCPReqQFullDrop TCPRcvQDrop NewInTheKernel\n"
                              "TcpExt: 1 2 3 4 5 6 7 99\n"
                              "IpExt: InNoRoutes InCsumErrors\n"
                              "IpExt: 8 100\n");
    add_named_lines(counters, "Ip: OutNoRoutes\nIp: 9\n"
                              "Tcp: MaxConn AttemptFails OutRsts InCsumErrors\n"
                              "Tcp: -1 10 11 12\n"
                              "Udp: InCsumErrors\nUdp: 200\n");
    CHECK(counters == StackCounters{.listen_overflows = 3,
                                    .listen_drops = 4,
                                    .request_queue_full_drops = 6,
                                    .request_queue_full_cookies = 5,
                                    .syncookies_sent = 1,
                                    .receive_queue_drops = 9, // RcvPruned and TCPRcvQDrop
                                    .no_routes_out = 9,
                                    .no_routes_in = 8,
                                    .resets_out = 11,
                                    .attempts_failed = 10,
                                    .checksum_errors = 12});
}

TEST_CASE("snmp6: IPv6 is added to IPv4")
{
    StackCounters counters{.no_routes_out = 1, .no_routes_in = 2};
    add_named_values(counters, "Ip6InNoRoutes                   \t3\n"
                               "Ip6OutNoRoutes\t4\n"
                               "Icmp6InMsgs 5\n"
                               "Ip6Nothing\n");
    CHECK(counters == StackCounters{.no_routes_out = 5, .no_routes_in = 5});
}

TEST_CASE("damaged text is left out, not misread")
{
    StackCounters counters;
    add_named_lines(counters, "TcpExt: ListenDrops ListenOverflows\nIpExt: 1 2\n");
    add_named_lines(counters, "TcpExt: ListenDrops\n");
    add_named_lines(counters, "TcpExt: ListenDrops ListenOverflows\nTcpExt: x\n");
    add_named_lines(counters, "TcpExt\n\n\n:\n:");
    add_named_values(counters, "Ip6OutNoRoutes ");
    CHECK(counters == StackCounters{});
}

TEST_CASE("differences; counters that fell are another namespace's")
{
    const StackCounters before{.listen_drops = 5, .resets_out = 7};
    CHECK(since(before, {.listen_drops = 8, .resets_out = 7}) == StackCounters{.listen_drops = 3});
    CHECK(since(before, {.listen_drops = 8, .resets_out = 1}) ==
          StackCounters{.listen_drops = 8, .resets_out = 1});
}
