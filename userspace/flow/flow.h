// SPDX-License-Identifier: Apache-2.0
// One connection as user space knows it: what every observation point and the stack
// told of it, merged. Facts only; judgement is in detect/.
#pragma once

#include "core/host_facts.h"
#include "core/observation.h"

#include <tcptrace/flow_state.h>
#include <tcptrace/stack.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

inline constexpr std::size_t anomaly_kinds = 18;

// Data of one end was seen, but not what comes before it: the other end still waits for that.
struct Hole {
    std::uint32_t sequence = 0; // of the first byte that is missing
    std::uint64_t since_ns = 0;
    std::uint64_t asked_ns = 0; // when the other end last said that it waits
};

// One place that saw the connection: an interface's side, or the stack.
struct Point {
    std::uint32_t ifindex = 0;
    std::uint8_t side = 0;
    tt_witness witness = TT_WITNESS_WIRE;
    tt_way syn_way = TT_WAY_UNKNOWN; // of the initiator's SYN here
    std::string interface;
    tt_flow_state state{};                             // the latest told
    std::array<std::uint16_t, anomaly_kinds> counts{}; // events by bit of tt_anomaly; saturate
    std::uint32_t data_segments = 0; // sent by the stack's socket, where that is the witness
    std::array<std::uint64_t, anomaly_kinds> last_ns{}; // that it told of each
    bool shown_all = false;            // every segment that comes by (depth sequence)
    std::array<Hole, 2> holes{};       // of what each end sent; since_ns 0: none
    std::array<std::uint8_t, 2> ttl{}; // of each end's first segment here; 0: none yet
};

// The same data sent again and again, as one point saw it.
struct Repetition {
    std::uint32_t sequence = 0;
    std::uint32_t length = 0;
    std::uint32_t times = 0;    // copies after the first
    std::uint64_t first_ns = 0; // the first copy
    std::uint8_t sender = 0;
    std::uint8_t file = 0; // that told of the first; of several
    bool on_wire = false;  // an interface showed it: then the other end would be seen too
    bool shrank = false;   // a later copy carried less of it
};

// A segment that an end sent again, as long as it is not known to have been for nothing.
struct SentAgain {
    std::uint32_t sequence = 0;
    std::uint32_t length = 0; // 0: free
    std::uint64_t time_ns = 0;
    std::uint8_t sender = 0;
};

struct ResetSeen {
    std::uint8_t sender = 0; // index of the end
    tt_stage stage = TT_STAGE_UNKNOWN;
    tt_witness witness = TT_WITNESS_WIRE;
    std::uint64_t time_ns = 0;
    bool sent_by_stack = false; // this machine's TCP says so
    tt_reset_why why = TT_RESET_UNEXPLAINED;
    std::optional<ProcessName> process{}; // whose call, or end, it was
    bool bare = false;                    // as a wire showed it: no options, id 0, window 0
    bool other_distance = false;          // not as many hops away as the sender's other segments
};

struct IcmpSeen {
    Address from; // the router or host that sent it
    std::uint8_t family = TT_IPV4;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t mtu = 0;
    std::uint64_t time_ns = 0;
};

// The kernel freed packets of the connection and said why; alike ones stand together.
struct DropSeen {
    std::string reason;    // of this kernel's enum skb_drop_reason: "NETFILTER_DROP"
    std::string function;  // it was freed in: "nft_do_chain"
    std::string hook;      // of netfilter, where that is known: "forward"
    std::string interface; // it came by, or was to leave by
    Endpoint source{};     // as it stood in the packet: a NAT may rename the flow on its way
    Endpoint destination{};
    std::uint32_t netns = 0;
    std::uint8_t sender = 0;    // index of the end
    std::uint8_t flags = 0;     // TCP flags of the first
    std::uint32_t sequence = 0; // of the first
    std::uint32_t bytes = 0;    // of data in the first
    std::uint32_t count = 0;    // packets
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
    bool harmless = false; // as healthy connections show it, too
};

// Segments that the stack wanted to send again, and that never left it (from Linux 6.17).
struct Unsent {
    std::uint32_t count = 0;
    std::uint32_t syns = 0; // of them
    std::uint8_t error = 0; // errno of the latest
};

// The process that held an end's socket came to its end.
struct ProcessEnd {
    ProcessName process;
    std::uint8_t end = 0;
    int signal = 0; // that killed it; 0: it exited
    std::uint64_t time_ns = 0;
};

// Of an observation of TT_HOOK_DROP.
[[nodiscard]] DropSeen drop_of(const Observation &observation);

class Flow {
public:
    // Copies of one packet at several points of this machine come within this time. Between
    // the points of two files lies the whole way, so there the word of one file counts.
    static constexpr std::uint64_t same_packet_ns = 50 * TT_NSEC_PER_MSEC;

    explicit Flow(const Observation &first);

    // Takes in what an observation says. Evidence is kept while there is room.
    void update(const Observation &observation);
    // Takes in what this machine knows of the connection; the latest answer counts.
    void learn(const HostFacts &facts) { facts_ = facts; }
    // Takes in that the kernel freed a packet of the connection; alike ones are counted
    // together, and of different ones a few are kept.
    void learn(const DropSeen &drop);
    // Takes in what the kernel told of another view of the connection, where the ends are
    // turned or not: drops, resets, the end of a process.
    void learn(const Flow &elsewhere, bool turned);
    // Keeps a packet from before the first anomaly as evidence; a few of them.
    void remember(const Observation &earlier);
    // Is this the first segment of another connection on the same ports?
    [[nodiscard]] bool is_another(const Observation &observation) const;

    [[nodiscard]] tt_flow_key key() const; // of the connection, wherever it was seen
    [[nodiscard]] const Endpoint &end(unsigned index) const { return ends_[index & 1U]; }
    // The network namespace its TCP is in, as the kernel told; 0: not known.
    [[nodiscard]] std::uint32_t netns(unsigned end) const { return netns_[end & 1U]; }
    // The responder has the connection under this name: a NAT is in between.
    void known_at_responder_as(const Connection &name) { at_responder_ = name; }
    [[nodiscard]] const std::optional<Connection> &at_responder() const { return at_responder_; }
    // It is another view of a connection that is judged already: the other side of a NAT.
    void belong_to_another() { belongs_to_another_ = true; }
    [[nodiscard]] bool belongs_to_another() const { return belongs_to_another_; }
    [[nodiscard]] Connection connection() const; // initiator first, as far as known
    // Index (0, 1) of the end that sent the SYN; where that was not seen, of the one
    // with the higher port, which is the client by custom.
    [[nodiscard]] unsigned initiator() const;
    [[nodiscard]] std::optional<std::uint32_t> first_sequence() const // of the SYN, if seen
    {
        return syn_seen_ ? std::optional(syn_sequence_) : std::nullopt;
    }
    [[nodiscard]] bool initiator_known() const { return initiator_ != TT_INITIATOR_UNKNOWN; }

    // Events of a kind: the most that any one point saw, for each sees the same ones.
    [[nodiscard]] std::uint32_t count(std::uint32_t anomalies) const;
    [[nodiscard]] std::uint32_t syns() const; // times the SYN was sent
    [[nodiscard]] std::uint32_t synacks() const;
    [[nodiscard]] bool answered() const; // the responder sent anything after the SYN
    // The observation taken last was the first sight of its SYN: another point's copy is not.
    [[nodiscard]] bool just_begun() const { return just_begun_; }
    [[nodiscard]] bool established() const; // handshake seen complete, or data both ways
    [[nodiscard]] bool one_way() const;
    [[nodiscard]] bool closed() const { return closed_; }
    // Bytes of sequence space `end` has used since its first segment here.
    [[nodiscard]] std::uint32_t bytes_sent(unsigned end) const;
    [[nodiscard]] std::uint32_t bytes_acked(unsigned end) const;
    // Segments with data that the local stack says it sent; 0 if it never spoke.
    [[nodiscard]] std::uint32_t data_segments() const;
    [[nodiscard]] std::uint64_t last_heard_ns(unsigned end) const;
    // Keep-alive probes of `end` since the other end was heard last.
    [[nodiscard]] std::uint32_t unanswered_probes(unsigned end) const;
    // Had this machine's TCP sent a reset, it would have been told of.
    [[nodiscard]] bool stack_tells_resets() const { return stack_tells_resets_; }
    // Receive window of `end`: times closed, closed for how long in all and at most, until now.
    struct Closure {
        std::uint32_t times = 0;
        std::uint64_t total_ns = 0;
        std::uint64_t longest_ns = 0;
        bool still_closed = false;
    };
    [[nodiscard]] Closure closure(unsigned end, std::uint64_t now_ns) const;

    [[nodiscard]] std::uint64_t first_ns() const { return first_ns_; }
    [[nodiscard]] std::uint64_t last_ns() const { return last_ns_; }
    [[nodiscard]] std::uint64_t first_syn_ns() const { return first_syn_ns_; }
    [[nodiscard]] const std::vector<std::uint64_t> &syn_times() const { return syn_times_; }
    [[nodiscard]] const std::vector<Point> &points() const { return points_; }
    [[nodiscard]] std::vector<StoredPacket> evidence() const; // in order of time
    [[nodiscard]] const std::optional<ResetSeen> &reset() const { return reset_; }
    [[nodiscard]] const std::optional<IcmpSeen> &icmp() const { return icmp_; }
    [[nodiscard]] const Repetition &longest_repetition() const { return longest_; }
    // Segments sent again of which the receiver said that it had them (RFC 2883).
    [[nodiscard]] std::uint32_t sent_for_nothing() const { return sent_for_nothing_; }
    // What `end` sent and the other end lacks, as the point says that saw it the longest.
    [[nodiscard]] std::optional<Hole> hole(unsigned end) const;
    // The other end has acknowledged this byte of `end`, or more.
    [[nodiscard]] bool acknowledged(unsigned end, std::uint32_t sequence) const;
    // Some interface is shown every segment, and both ends' come by there.
    [[nodiscard]] bool watched_both_ways() const;
    // The SYN was seen going that way at some interface.
    [[nodiscard]] bool syn_went(tt_way way) const;
    // Empty of a file, and until this machine was asked.
    [[nodiscard]] const std::optional<HostFacts> &facts() const { return facts_; }
    [[nodiscard]] const std::vector<DropSeen> &drops() const { return drops_; }
    [[nodiscard]] const Unsent &unsent() const { return unsent_; }
    [[nodiscard]] const std::optional<ProcessEnd> &process_end() const { return process_end_; }
    // The stack gave the connect up (SYN_SENT to CLOSE).
    [[nodiscard]] bool connect_failed() const { return connects_failed_ > 0; }
    // Times that was told: those that had no port yet are one flow, of port 0.
    [[nodiscard]] std::uint32_t connects_failed() const { return connects_failed_; }
    // When an interface last told of one of `anomalies`, and when the stack did; 0 never.
    [[nodiscard]] std::uint64_t told_ns(tt_witness witness, std::uint32_t anomalies) const;
    // Nothing happened here that any judgement could need.
    [[nodiscard]] bool unremarkable() const;
    // Time alone may change what is to be said of it.
    [[nodiscard]] bool restless() const;

private:
    Point &point_of(const Observation &observation);
    void note_syn(const Observation &observation, Point &point);
    static void note_hole(const tt_record &record, Point &point);
    static void note_ttl(const Observation &observation, Point &point);
    void note_reset(const Observation &observation, const Point &point);
    void add_stacks_word(const tt_record &record);
    void stage_by_drop();
    void note_probe(const Observation &observation);
    void note_icmp(const Observation &observation);
    void note_netns(const tt_record &record);
    void note_drop(const Observation &observation);
    void note_unsent(const tt_record &record);
    void note_repetition(const Observation &observation);
    void note_sent_again(const tt_record &record);
    void note_dsack(const tt_record &record);
    void note_window(const Observation &observation);
    void keep_evidence(const Observation &observation);

    std::array<Endpoint, 2> ends_;
    std::array<std::uint32_t, 2> netns_{};
    std::optional<Connection> at_responder_;
    bool belongs_to_another_ = false;
    std::uint8_t initiator_ = TT_INITIATOR_UNKNOWN;
    bool closed_ = false;
    std::uint32_t connects_failed_ = 0;
    bool remarkable_ = false;
    std::uint32_t syn_sequence_ = 0; // of the initiator, valid when initiator_ is known by a SYN
    bool syn_seen_ = false;
    bool begun_ = false; // a point told that the connection began
    bool just_begun_ = false;
    std::uint64_t first_ns_ = 0;
    std::uint64_t last_ns_ = 0;
    std::uint64_t first_syn_ns_ = 0;
    std::vector<std::uint64_t> syn_times_; // of the first few, one for each copy
    std::uint8_t syn_file_ = 0;            // of syn_times_
    std::vector<Point> points_;
    std::vector<StoredPacket> earlier_; // remembered
    std::vector<StoredPacket> evidence_;
    std::optional<ResetSeen> reset_;
    std::optional<IcmpSeen> icmp_;
    std::optional<HostFacts> facts_;
    std::vector<DropSeen> drops_;
    Unsent unsent_;
    std::optional<ProcessEnd> process_end_;
    Repetition current_;
    Repetition longest_;
    std::array<SentAgain, 32> sent_again_{}; // the latest
    std::uint8_t next_sent_again_ = 0;
    std::uint32_t sent_for_nothing_ = 0;
    std::array<std::uint64_t, 2> closed_total_ns_{};
    std::array<std::uint64_t, 2> closed_longest_ns_{};
    std::array<std::uint64_t, 2> window_opened_ns_{};
    std::array<std::uint8_t, 2> window_file_{}; // that told of it first
    std::uint64_t last_repetition_ns_ = 0;
    std::array<std::uint32_t, 2> probes_{}; // keep-alives without an answer
    std::array<std::uint64_t, 2> last_probe_ns_{};
    bool stack_tells_resets_ = false;
};

} // namespace tcptrace
