// SPDX-License-Identifier: Apache-2.0
#include "app/advice.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <initializer_list>
#include <utility>

using namespace tcptrace;

namespace {

Options options_of(std::initializer_list<const char *> words)
{
    std::vector<const char *> arguments{"tcptrace"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const auto options = parse_options(static_cast<int>(arguments.size()), arguments.data());
    REQUIRE(options);
    return *options;
}

std::vector<std::string> at_start(std::initializer_list<const char *> words)
{
    const Options options = options_of(words);
    return Advice(options, true).at_start();
}

test::ByteVector data(std::string payload)
{
    return test::tcp_packet({.source_port = 50000,
                             .destination_port = 443,
                             .flags = TT_ACK | TT_PSH,
                             .payload = std::move(payload)});
}

test::ByteVector udp(std::uint16_t port)
{
    test::ByteVector datagram{0x12, 0x34};
    datagram.push_back(static_cast<std::uint8_t>(port >> 8));
    datagram.push_back(static_cast<std::uint8_t>(port));
    datagram.insert(datagram.end(), {0, 40, 0, 0});
    datagram.resize(40);
    return test::ip_packet("192.0.2.1", "192.0.2.2", 17, datagram);
}

std::vector<std::string> about(const Options &options, const test::ByteVector &packet)
{
    Advice advice(options, true);
    PacketView view = test::view_of(packet);
    view.interface = "eth0";
    auto said = advice.about(view);
    CHECK(advice.about(view).empty()); // once
    return said;
}

const std::string client_hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9);

} // namespace

TEST_CASE("-w without a limit")
{
    REQUIRE(at_start({"-w", "x.pcap"}).size() == 1);
    CHECK(at_start({"-w", "x.pcap"})[0].starts_with("-w x.pcap has no limit and grows until 5 %"));
    CHECK(at_start({"-w", "x.pcap", "--min-free", "0"})[0].contains("until the disk is full"));
    CHECK(at_start({"-w", "x.pcap", "-W", "3"}).size() == 1);
    for (const auto &[option, value] : {std::pair{"-c", "10"}, std::pair{"-C", "10"},
                                        std::pair{"-G", "60"}, std::pair{"--for", "10s"}})
        CHECK(at_start({"-w", "x.pcap", option, value}).empty());
    CHECK(at_start({"-w", "-"}).empty());
    CHECK(at_start({"-r", "a.pcap", "-w", "x.pcap"}).empty());
    CHECK(at_start({}).empty());
}

TEST_CASE("a filter for one direction")
{
    REQUIRE(at_start({"src", "host", "10.0.0.1"}).size() == 1);
    CHECK(at_start({"src", "host", "10.0.0.1"})[0].contains("one direction only"));
    CHECK(at_start({"host", "10.0.0.1"}).empty());
    CHECK(at_start({"-r", "a.pcap", "dst", "port", "80"}).empty()); // judged with both anyway
    CHECK(at_start({"-r", "a.pcap", "--packets", "dst", "port", "80"}).size() == 1);
}

TEST_CASE("TLS shown as text")
{
    const Options shown = options_of({"-A"});
    const auto said = about(shown, data(client_hello));
    REQUIRE(said.size() == 1);
    CHECK(said[0].starts_with("port 443 carries TLS"));
    CHECK(said[0].contains("-w FILE"));
    CHECK_FALSE(about(options_of({"-r", "a.pcap", "-X"}), data(client_hello))[0].contains("-w"));

    CHECK(about(options_of({"-x"}), data(client_hello)).empty());
    CHECK(about(options_of({"--packets"}), data(client_hello)).empty());
    CHECK(about(options_of({"-A", "--json"}), data(client_hello)).empty());
    for (const std::string &payload :
         {std::string("GET / HTTP/1.1\r\n"), std::string("\x16\x03\x01", 3),
          std::string("\x16\x02\x01\x02\x00", 5), std::string("\x13\x03\x01\x02\x00", 5),
          std::string("\x17\x03\x03\xff\xff", 5), std::string("\x17\x03\x03\x00\x00", 5)})
        CHECK(about(shown, data(payload)).empty());
}

TEST_CASE("a header that claims more than was captured does not count as TLS")
{
    test::ByteVector cut = data(client_hello);
    cut.resize(cut.size() - client_hello.size());
    CHECK(about(options_of({"-A"}), cut).empty());
}

TEST_CASE("tunnels on an outer interface")
{
    const Options live = options_of({"--packets"});
    CHECK(about(live, udp(4789))[0].starts_with("VXLAN on eth0 carries other packets"));
    CHECK(about(live, udp(8472))[0].starts_with("VXLAN on eth0"));
    CHECK(about(live, udp(6081))[0].starts_with("Geneve on eth0"));
    const auto inner = test::tcp_packet({});
    CHECK(about(live, test::ip_packet("192.0.2.1", "192.0.2.2", 47, {0, 0, 8, 0}))[0].starts_with(
        "GRE"));
    CHECK(about(live, test::ip_packet("192.0.2.1", "192.0.2.2", 4, inner))[0].starts_with(
        "IP in IP"));
    CHECK(about(live, udp(53)).empty());
    CHECK(about(live, inner).empty());
    CHECK(about(live, test::ip_packet("192.0.2.1", "192.0.2.2", 17, {0, 1, 0x12})).empty());

    CHECK(about(options_of({"-r", "a", "--packets"}), udp(4789)).empty()); // lines show it
    CHECK(about(options_of({"-r", "a", "--packets", "udp"}), udp(4789)).size() == 1);
    Options inside = live;
    inside.inner = true;
    CHECK(about(inside, udp(4789)).empty());
}

TEST_CASE("a filter that matched nothing, and tunnels that may hold what it wants")
{
    const Options options = options_of({"-r", "a", "host", "10.244.1.5"});
    Summary summary;
    summary.unmatched_in_tunnels = 16;
    REQUIRE(Advice(options, true).at_end(summary).size() == 1);
    CHECK(Advice(options, true).at_end(summary)[0].contains("16 packets are inside tunnels"));
    summary.packets = 1;
    CHECK(Advice(options, true).at_end(summary).empty());
    summary = {};
    CHECK(Advice(options, true).at_end(summary).empty());
}

TEST_CASE("more packets than a terminal shows")
{
    const auto flood = [](const Options &options, bool terminal, std::uint64_t gap_ns) {
        Advice advice(options, terminal);
        const test::ByteVector packet = test::tcp_packet({});
        PacketView view = test::view_of(packet);
        std::size_t said = 0;
        for (int i = 0; i < 3000; i++) {
            said += advice.about(view).size();
            view.time_ns += gap_ns;
        }
        return said;
    };
    constexpr std::uint64_t busy_ns = 500'000;
    constexpr std::uint64_t calm_ns = 2'000'000;
    CHECK(flood(options_of({"--packets"}), true, busy_ns) == 1);
    CHECK(flood(options_of({"--packets"}), true, calm_ns) == 0);
    CHECK(flood(options_of({"--packets"}), false, busy_ns) == 0);
    CHECK(flood(options_of({"--packets", "--json"}), true, busy_ns) == 0);
    CHECK(flood(options_of({"--packets", "port", "80"}), true, busy_ns) == 0);
    CHECK(flood(options_of({"-r", "a", "--packets"}), true, busy_ns) == 0);
    CHECK(flood(options_of({}), true, busy_ns) == 0);
}

TEST_CASE("names that lag behind, once")
{
    bool lag = false;
    for (const auto &[options, words] :
         {std::pair{options_of({"--resolve"}), "busy interface"},
          std::pair{options_of({"--resolve", "-r", "x.pcap"}), "nobody answers"}}) {
        Advice advice(options, true, [&lag] { return lag; });
        lag = false;
        CHECK(advice.about_names().empty());
        lag = true;
        const auto said = advice.about_names();
        REQUIRE(said.size() == 1);
        CHECK(said[0].find(words) != std::string::npos);
        CHECK(advice.about_names().empty());
    }
    const Options numbers = options_of({"-n"});
    CHECK(Advice(numbers, true).about_names().empty());
}
