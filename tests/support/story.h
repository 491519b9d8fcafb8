// SPDX-License-Identifier: Apache-2.0
// Tells a TCP story segment by segment to the classifier and hands out what a source
// would: for tests of flow/, detect/ and app/ without frames, files or a kernel.
#pragma once

#include "core/observation.h"
#include "source/file_settings.h"

#include <tcptrace/classify.h>
#include <tcptrace/record.h>

#include <deque>
#include <map>

namespace tcptrace::test {

struct Said {
    bool from_client = true;
    std::uint8_t flags = TT_ACK;
    std::uint32_t sequence = 0; // absolute
    std::uint32_t acknowledgment = 0;
    std::uint32_t length = 0;
    std::uint16_t window = 502;
    std::uint8_t ttl = 64;
    std::uint8_t header_length = TT_TCP_HEADER_MIN;
    std::uint32_t dsack = 0; // what came twice begins with this byte
};

class Story {
public:
    explicit Story(std::uint16_t client_port = 40000, std::uint16_t server_port = 80);

    // A segment at `ms` on interface `ifindex`; the observation lives as long as the story.
    const Observation &at(double ms, const Said &said, std::uint32_t ifindex = 1);
    // 192.0.2.254's ICMP error about a segment that was said before.
    const Observation &icmp(double ms, const Said &quoted, std::uint8_t type, std::uint8_t code);
    // Nothing came until `ms`.
    const Observation &silence(double ms, std::uint32_t ifindex = 1);
    // The stack's word about a segment.
    const Observation &stack(double ms, const Said &said, std::uint32_t anomalies);
    // The stack wanted to send it again, and could not (from 6.17).
    const Observation &unsent(double ms, const Said &said, std::uint8_t error);
    // The kernel dropped the segment at an interface of some namespace.
    struct Dropped {
        DropName name{"NETFILTER_DROP", "nft_do_chain", "forward"};
        std::string_view interface = "eth1";
        std::uint32_t netns = 4026532000;
        bool foreign = false;
        std::uint32_t suppressed = 0;
    };
    const Observation &drop(double ms, const Said &said, const Dropped &how);
    // The stack says that the client's connect() failed.
    const Observation &connect_failed(double ms);

    // The stack says that it sent this reset.
    const Observation &stack_reset(double ms, bool from_client, tt_stage stage,
                                   const tt_stack_view &view);

    tt_settings settings = file_settings;
    bool stack_tells_resets = false;

private:
    tt_record begin(double ms, const Said &said, std::uint32_t ifindex) const;
    const Observation &classify(tt_record record, std::uint32_t ifindex);
    const Observation &keep(const tt_record &record);

    std::uint16_t client_port_;
    std::uint16_t server_port_;
    std::map<std::uint32_t, tt_flow_state> states_; // by interface
    std::deque<tt_record> records_;
    std::deque<Observation> observations_;
};

} // namespace tcptrace::test
