// SPDX-License-Identifier: Apache-2.0
#include "filter/direction.h"

#include <catch2/catch_test_macros.hpp>

#include <array>

using tcptrace::takes_one_direction;

TEST_CASE("filters that take one direction of a connection only")
{
    constexpr std::array filters{
        "src host 10.0.0.1",
        "dst port 443",
        "tcp dst port 443",
        "dst port https",
        "udp dst port 53",
        "src 2001:db8::1",
        "src net 10.0.0.0/8",
        "src host 10.0.0.1 and dst host 10.0.0.2",
        "src host 10.0.0.1 and (port 80 or port 443)",
        "dst portrange 8000-8080",
        "ip src 10.0.0.1 and tcp",
        "src host 10.0.0.1 and tcp[tcpflags] & tcp-rst != 0",
        "tcp[2:2] == 443",
        "src host 10.0.0.1 or src host 10.0.0.2",
        "dst port 80 or dst port 443",
        "src port 80 and dst port 443",
    };
    for (const char *filter : filters) {
        INFO(filter);
        CHECK(takes_one_direction(filter));
    }
}

TEST_CASE("filters that take answers too")
{
    constexpr std::array filters{
        "host 10.0.0.1",
        "host 10.0.0.1 and port 80",
        "tcp port 443",
        "port 53",
        "tcp",
        "net 10.0.0.0/8",
        "src net 10.0.0.0/8 and dst net 10.0.0.0/8",
        "src host 10.0.0.1 or dst host 10.0.0.1",
        "(src host 10.0.0.1 and dst host 10.0.0.2) or (src host 10.0.0.2 and dst host 10.0.0.1)",
        "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0",
        "tcp[13] == 18",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
        "host 10.0.0.1 and not src port 22",
        "not dst port 22",
        "ip6 host 2001:db8::1",
        "src portrange 1-65535",
        "host 10.0.0.1 and host 10.0.0.2 and tcp portrange 8000-8080",
    };
    for (const char *filter : filters) {
        INFO(filter);
        CHECK_FALSE(takes_one_direction(filter));
    }
}

TEST_CASE("where it cannot be told nothing is claimed")
{
    for (const char *filter : {"icmp", "arp", "ether src 02:00:00:00:00:01", "greater 1000",
                               "inbound", "src host", "vlan and src host 10.0.0.1"}) {
        INFO(filter);
        CHECK_FALSE(takes_one_direction(filter));
    }
}
