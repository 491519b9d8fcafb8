// SPDX-License-Identifier: Apache-2.0
// What a packet costs its sender: 64-byte TCP ACKs by sendmmsg() on a packet socket into
// one end of a veth pair; sending, the hook at the other end and the drop behind it (the
// MAC is nobody's) all run in this thread's own time. Prints nanoseconds a packet, the
// tenth percentile of 30 batches. scripts/bench starts tracers around it. Not a test.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

constexpr int batches = 30;
constexpr int packets_in_batch = 20000;
constexpr int packets_in_call = 64;

using Frame = std::array<std::uint8_t, 64>;

// An acknowledgment of an established connection between documentation addresses.
Frame make_frame()
{
    constexpr Frame frame{
        0x02, 0,    0, 0,  0,   0x99, 0x02, 0, 0,  0, 0, 0x01, 0x08, 0x00, // Ethernet, nobody's MAC
        0x45, 0,    0, 40, 0,   1,    0x40, 0, 64, 6, 0, 0,                // IPv4, TCP
        192,  0,    2, 1,  192, 0,    2,    2,                             // addresses
        0x9c, 0x40, 0, 80, 0,   0,    0,    1, 0,  0, 0, 1,    0x50, 0x10,
        1,    0xf6}; // ACK, window 502
    return frame;
}

double thread_ns()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

int open_socket(const char *interface)
{
    const int fd = socket(AF_PACKET, SOCK_RAW, 0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = 0; // send only
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
    if (fd < 0 || address.sll_ifindex == 0 ||
        bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        return -1;
    return fd;
}

// Sends one batch; returns nanoseconds of this thread a packet, or less than 0.
double send_batch(int fd, std::vector<mmsghdr> &messages)
{
    const double begin = thread_ns();
    for (int sent = 0; sent < packets_in_batch;) {
        const int now = sendmmsg(fd, messages.data(), packets_in_call, 0);
        if (now <= 0)
            return -1;
        sent += now;
    }
    return (thread_ns() - begin) / packets_in_batch;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: send_cost INTERFACE\n");
        return 2;
    }
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);

    const int fd = open_socket(argv[1]);
    if (fd < 0) {
        std::perror("send_cost: cannot open a packet socket there");
        return 3;
    }
    Frame frame = make_frame();
    iovec part{frame.data(), frame.size()};
    mmsghdr message{};
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
    std::vector<mmsghdr> messages(packets_in_call, message);

    std::array<double, batches> cost{};
    for (double &each : cost) {
        each = send_batch(fd, messages);
        if (each < 0) {
            std::perror("send_cost: sendmmsg");
            return 4;
        }
    }
    std::ranges::sort(cost);
    std::printf("%.1f\n", cost[batches / 10]);
    close(fd);
    return 0;
}
