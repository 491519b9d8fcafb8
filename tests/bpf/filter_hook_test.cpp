// SPDX-License-Identifier: Apache-2.0
// Filters at a real hook: packets that are sent through a veth, whose bytes are not all in
// packet memory, get libpcap's verdict; it is where the program behind it finds it; and that
// program is called for each packet, also when it is gone.
#include "core/unique_fd.h"
#include "filter/ebpf_code.h"
#include "filter/expression.h"
#include "filter/translate.h"
#include "source/attach.h"
#include "source/interfaces.h"
#include "source/load_filter.h"
#include "support/kernel_side.h"
#include "support/pcap_verdict.h"
#include "support/private_netns.h"
#include "support/random_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pcap/dlt.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <random>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr FilterHook hook{.xdp = false, .may_hide_tag = true, .way = TT_OUT};
constexpr std::uint32_t only = 0;
constexpr std::uint32_t nothing_written = 0xffffffff;

// What stands in the place of struct tt_cpu.
struct Seen {
    std::uint32_t verdict = nothing_written;
    std::uint32_t linear = nothing_written; // bytes in packet memory, as the program behind saw
};

// struct virtio_net_hdr, whose header has no C++.
struct VirtioHeader {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t header_length = 0; // what is put into packet memory
    std::uint16_t gso_size = 0;
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;
};

// Puts the length of packet memory into Seen::linear.
UniqueFd load_behind(int seen)
{
    EbpfCode code;
    const EbpfCode::Label out = code.label();
    code.alu64(BPF_MOV, Register::R6, Register::R1);
    code.store(4, Register::Frame, -4, 0);
    code.load_map(Register::R1, seen);
    code.alu64(BPF_MOV, Register::R2, Register::Frame);
    code.alu64(BPF_ADD, Register::R2, -4);
    code.call(BPF_FUNC_map_lookup_elem);
    code.jump64_if(BPF_JEQ, Register::R0, 0, out);
    code.load(4, Register::R1, Register::R6, offsetof(__sk_buff, data));
    code.load(4, Register::R2, Register::R6, offsetof(__sk_buff, data_end));
    code.alu64(BPF_SUB, Register::R2, Register::R1);
    code.store(4, Register::R0, offsetof(Seen, linear), Register::R2);
    code.place(out);
    code.alu64(BPF_MOV, Register::R0, -1);
    code.exit();
    auto made = code.finish();
    REQUIRE(made);
    auto program = load_filter(*made, hook, "tt_behind");
    REQUIRE(program);
    return std::move(*program);
}

// A veth in a namespace of its own, and the maps between filter and what is behind it.
class Road {
public:
    Road()
        : seen_(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tt_seen", sizeof only, sizeof(Seen), 1,
                               nullptr)),
          next_(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tt_next", sizeof only, sizeof(int), 1,
                               nullptr))
    {
        if (!space_.run("ip link add tt0 mtu 9000 type veth peer name tt1 mtu 9000"))
            SKIP("this kernel has no veth");
        REQUIRE(space_.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set tt1 up && "
                           "ip link set tt0 up"));
        REQUIRE(seen_);
        REQUIRE(next_);
        behind_ = load_behind(seen_.get());
        const int fd = behind_.get();
        REQUIRE(bpf_map_update_elem(next_.get(), &only, &fd, BPF_ANY) == 0);
        const auto found = find_interface("tt0");
        REQUIRE(found);
        interface_ = *found;
        open_socket();
    }

    [[nodiscard]] const Interface &interface() const { return interface_; }
    void take_behind_away() { REQUIRE(bpf_map_delete_elem(next_.get(), &only) == 0); }

    // Loads the filter and keeps it at the hook while the result lives.
    [[nodiscard]] std::pair<UniqueFd, Attachment> attach(const ClassicProgram &program) const
    {
        const auto code = translate(
            program, hook,
            Handover{.cpus = seen_.get(), .programs = next_.get(), .slot = 0, .verdict_offset = 0});
        REQUIRE(code);
        auto loaded = load_filter(*code, hook, "tcptrace_f_test");
        REQUIRE(loaded);
        auto attached =
            Attachment::attach(interface_, {.tc_ingress = -1, .tc_egress = loaded->get()}, true);
        REQUIRE(attached);
        return {std::move(*loaded), std::move(*attached)};
    }

    // What was seen of the frame at tt0's egress; at least `linear` bytes of it are in packet
    // memory, and not many more if it is longer than a page.
    [[nodiscard]] Seen send(std::vector<std::uint8_t> frame, std::uint16_t linear) const
    {
        std::vector<Seen> cpus(static_cast<std::size_t>(libbpf_num_possible_cpus()));
        REQUIRE(bpf_map_update_elem(seen_.get(), &only, cpus.data(), BPF_ANY) == 0);
        VirtioHeader header{.header_length = linear};
        std::array<iovec, 2> parts{iovec{&header, sizeof header},
                                   iovec{frame.data(), frame.size()}};
        REQUIRE(writev(socket_.get(), parts.data(), parts.size()) ==
                static_cast<ssize_t>(sizeof header + frame.size()));
        REQUIRE(bpf_map_lookup_elem(seen_.get(), &only, cpus.data()) == 0);
        for (const Seen &each : cpus) {
            if (each.verdict != nothing_written)
                return each;
        }
        return {};
    }

private:
    void open_socket()
    {
        socket_ = UniqueFd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
        REQUIRE(socket_);
        const int on = 1;
        REQUIRE(setsockopt(socket_.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) == 0);
        sockaddr_ll place{};
        place.sll_family = AF_PACKET;
        place.sll_ifindex = static_cast<int>(interface_.index);
        REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr *>(&place), sizeof place) == 0);
    }

    PrivateNetns space_;
    Interface interface_;
    UniqueFd seen_;
    UniqueFd next_;
    UniqueFd behind_;
    UniqueFd socket_;
};

// IPv4 with TCP, UDP or ICMP, sometimes behind a tag, with noise in it; longer than a page.
std::vector<std::uint8_t> big_frame(std::mt19937 &random)
{
    constexpr std::size_t length = 4800;
    std::vector<std::uint8_t> frame(length);
    for (auto &byte : frame)
        byte = static_cast<std::uint8_t>(random() & 0x7f);
    std::size_t at = 12;
    const auto put = [&frame, &at](std::initializer_list<std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes)
            frame[at++] = byte;
    };
    if (random() % 4 == 0)
        put({0x81, 0x00, 0x00, 0x0a});
    put({0x08, 0x00});
    const auto words = static_cast<std::uint8_t>(5 + random() % 4);
    const std::array<std::uint8_t, 3> protocols{6, 17, 1};
    put({static_cast<std::uint8_t>(0x40 | words), 0, 0x12, 0xb0, 0, 1, 0, 0, 64,
         protocols[random() % protocols.size()]});
    at += 2;
    put({10, 0, 0, 1, 192, 168, 1, 1});
    at += (words - 5U) * 4;
    put({0, static_cast<std::uint8_t>(random() % 2 ? 80 : 53), 1, 0xbb});
    return frame;
}

void need_bpf()
{
    if (const auto why = why_no_bpf())
        SKIP(*why);
}

} // namespace

TEST_CASE("bytes outside packet memory count like those in it")
{
    need_bpf();
    const Road road;
    RandomFilter random_filter(815);
    std::mt19937 random(815);
    std::vector<std::string> expressions{"tcp port 80",           "udp[100:4] > 1000000",
                                         "ether[4790:4] > 9",     "ether[4797:4] > 9",
                                         "not ether[4797:4] > 9", "len = 4800",
                                         "vlan and host 10.0.0.1"};
    while (expressions.size() < 300) {
        auto expression = random_filter.next();
        if (PcapVerdict::compile(expression, DLT_EN10MB))
            expressions.push_back(std::move(expression));
    }
    unsigned matched = 0;
    for (const std::string &expression : expressions) {
        INFO(expression);
        const auto libpcap = PcapVerdict::compile(expression, DLT_EN10MB);
        const auto program = compile_expression(expression, ethernet_kind());
        REQUIRE(libpcap);
        REQUIRE(program);
        const auto attached = road.attach(*program);
        for (const std::uint16_t linear : std::array<std::uint16_t, 3>{14, 34, 60}) {
            const auto frame = big_frame(random);
            const bool expected = (*libpcap)(frame, static_cast<std::uint32_t>(frame.size()));
            const Seen seen = road.send(frame, linear);
            CHECK(seen.verdict == static_cast<std::uint32_t>(expected));
            CHECK(seen.linear < 200); // else this test would prove nothing
            matched += expected;
        }
    }
    CHECK(matched > 100);
    CHECK(matched < 800);
}

TEST_CASE("ifindex and the way out are known at the hook")
{
    need_bpf();
    const Road road;
    std::mt19937 random(1);
    const auto verdict = [&](const std::string &expression) {
        const auto program = compile_expression(expression, ethernet_kind());
        REQUIRE(program);
        const auto attached = road.attach(*program);
        return road.send(big_frame(random), 60).verdict;
    };
    CHECK(verdict("outbound") == 1);
    CHECK(verdict("inbound") == 0);
    CHECK(verdict(fmt::format("ifindex {}", road.interface().index)) == 1);
    CHECK(verdict(fmt::format("ifindex {}", road.interface().index + 1)) == 0);
}

TEST_CASE("a filter whose program behind is gone lets packets pass")
{
    need_bpf();
    Road road;
    std::mt19937 random(1);
    const auto program = compile_expression("ip or vlan", ethernet_kind());
    REQUIRE(program);
    const auto attached = road.attach(*program);
    CHECK(road.send(big_frame(random), 60).linear != nothing_written);
    road.take_behind_away();
    const Seen seen = road.send(big_frame(random), 60);
    CHECK(seen.verdict == 1);
    CHECK(seen.linear == nothing_written);
}
