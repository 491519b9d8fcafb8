// SPDX-License-Identifier: Apache-2.0
// Lines as tcpdump 4.99.3 printed them for the same bytes and the same hosts file.
#include "render/names.h"

#include "render/packet_line.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

class SomeNames final : public Names {
public:
    std::string host(Bytes address) const override
    {
        return address.u8(address.size() - 1) == 1 ? "alpha.example" : "";
    }
    std::string_view service(std::uint8_t protocol, std::uint16_t port) const override
    {
        return protocol == 6 && port == 80 ? "http" : "";
    }
};

const SomeNames some_names;
const LineOptions named{.names = &some_names};

} // namespace

TEST_CASE("hosts and ports by name, and by number what has none")
{
    CHECK(packet_line(view_of(tcp_packet({.destination_port = 80})), named) ==
          "IP alpha.example.1000 > 10.0.0.2.http: Flags [S], seq 1, win 512, length 0");
    CHECK(
        packet_line(view_of(tcp_packet({.source = "fd00::2", .destination = "fd00::1"})), named) ==
        "IP6 fd00::2.1000 > alpha.example.2000: Flags [S], seq 1, win 512, length 0");
}

TEST_CASE("what the stack tells without a packet has names too")
{
    PacketView packet;
    packet.source = {address("10.0.0.1"), 1000};
    packet.destination = {address("10.0.0.2"), 80};
    packet.segment.flags = TT_SYN;
    CHECK(packet_line(packet, named) ==
          "IP alpha.example.1000 > 10.0.0.2.http: Flags [S], seq 0, length 0");
    CHECK(packet_line(packet, {}) == "IP 10.0.0.1.1000 > 10.0.0.2.80: Flags [S], seq 0, length 0");
}

TEST_CASE("the packet that an error quotes")
{
    const auto quoted = tcp_packet({.destination = "10.0.0.1", .destination_port = 80});
    CHECK(packet_line(view_of(icmp_packet("10.0.0.1", "10.0.0.2", 3, 3, 0, quoted)), named) ==
          "IP alpha.example > 10.0.0.2: ICMP alpha.example tcp port http unreachable, length 48");
}

TEST_CASE("protocols that are not decoded")
{
    CHECK(protocol_word(97, &some_names) == "etherip");
    CHECK(protocol_word(142, &some_names) == "rohc");
    CHECK(protocol_word(143, &some_names) == "ip-proto-143");
    CHECK(protocol_word(255, &some_names) == "reserved");
    CHECK(protocol_word(97, nullptr) == "ip-proto-97");
}

TEST_CASE("network cards and their vendors")
{
    const auto text = [](std::array<std::uint8_t, 6> station, const Names *names) {
        std::string out;
        append_station(out, Bytes(station), names);
        return out;
    };
    CHECK(text({2, 0, 0, 0, 0, 1}, nullptr) == "02:00:00:00:00:01");
    CHECK(text({2, 0, 0, 0, 0, 1}, &some_names) == "02:00:00:00:00:01 (oui Unknown)");
    CHECK(text({0, 0, 12, 0, 0, 1}, &some_names) == "00:00:0c:00:00:01 (oui Cisco)");
    CHECK(text({255, 255, 255, 255, 255, 255}, &some_names) == "Broadcast");
    CHECK(text({255, 255, 255, 255, 255, 255}, nullptr) == "ff:ff:ff:ff:ff:ff");
}
