// SPDX-License-Identifier: Apache-2.0
// What this machine knows of a connection beside its packets: sockets, rules, routes,
// tables, counters. A value: asked by host/ when a connection is in trouble, kept by
// flow/, weighed by detect/. Nothing of it exists for a file.
//
// An empty optional, or an empty list with `listeners_known` unset, was not asked or not
// answered: it proves nothing. Counters are differences since tcptrace began to watch.
#pragma once

#include "core/address.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

// A process, as far as it is known; what is not stays 0 or empty.
struct ProcessName {
    std::uint32_t pid = 0; // in the namespace tcptrace runs in
    std::string name;      // comm
    std::string container; // id, from its cgroup
    std::string pod_namespace;
    std::string pod;
    std::string pod_uid{}; // from its cgroup
    friend bool operator==(const ProcessName &, const ProcessName &) = default;
};

struct ListenerFact {
    Endpoint bound; // address all zero: any
    bool any_address = false;
    std::uint32_t queued = 0;  // connections that wait for accept()
    std::uint32_t backlog = 0; // as many may
    std::optional<ProcessName> owner{};
    bool takes_it = false;   // bound so that a SYN of this connection can reach it
    std::string interface{}; // bound to this one only; empty: none
};

struct SocketFact {
    std::uint8_t state = 0;          // enum tt_socket_state
    std::uint32_t receive_queue = 0; // bytes not read yet
    std::uint32_t send_queue = 0;    // bytes not acknowledged yet
    std::optional<ProcessName> owner{};
};

enum class RouteKind : std::uint8_t { Unicast, Local, Unreachable, Prohibit, Blackhole, None };

struct RouteFact {
    RouteKind kind = RouteKind::Unicast;
    std::string interface; // it leads to
    std::optional<Address> gateway{};
};

enum class NeighbourState : std::uint8_t { Reachable, Resolving, Failed };

struct NeighbourFact {
    Address address; // the next hop
    NeighbourState state = NeighbourState::Reachable;
    std::string interface;
};

struct ConntrackFact {
    std::uint64_t count = 0; // entries of this namespace
    std::uint64_t max = 0;
    std::uint64_t dropped = 0; // no room
    std::uint64_t invalid = 0;
    std::uint64_t early_dropped = 0; // other connections' entries, to make room
    std::uint64_t insert_failed = 0;
};

// Of /proc/net/netstat and snmp, by the kernel's names.
struct StackCounters {
    std::uint64_t listen_overflows = 0;           // TcpExt ListenOverflows
    std::uint64_t listen_drops = 0;               // TcpExt ListenDrops
    std::uint64_t request_queue_full_drops = 0;   // TcpExt TCPReqQFullDrop
    std::uint64_t request_queue_full_cookies = 0; // TcpExt TCPReqQFullDoCookies
    std::uint64_t syncookies_sent = 0;            // TcpExt SyncookiesSent
    std::uint64_t deferred_accepts = 0;           // TcpExt TCPDeferAcceptDrop
    std::uint64_t reverse_path_filtered = 0;      // TcpExt IPReversePathFilter
    std::uint64_t receive_queue_drops = 0;        // TcpExt TCPRcvQDrop + RcvPruned
    std::uint64_t no_routes_out = 0;              // Ip/Ip6 OutNoRoutes
    std::uint64_t no_routes_in = 0;               // IpExt InNoRoutes, Ip6 InNoRoutes
    std::uint64_t resets_out = 0;                 // Tcp OutRsts
    std::uint64_t attempts_failed = 0;            // Tcp AttemptFails
    std::uint64_t checksum_errors = 0;            // Tcp InCsumErrors
    friend bool operator==(const StackCounters &, const StackCounters &) = default;
};

// One end of the connection that this machine is, whatever the network namespace.
struct EndFacts {
    std::uint32_t netns = 0; // inode number
    std::string netns_name;  // of `ip netns`; empty: none
    bool listeners_known = false;
    std::vector<ListenerFact> listeners; // on this end's port, at whatever address
    std::optional<SocketFact> socket{};  // of this connection
    std::optional<RouteFact> route{};    // to the other end
    std::optional<NeighbourFact> neighbour{};
    std::optional<StackCounters> counters{};
    std::optional<ConntrackFact> conntrack{};
    // As this end has the connection, where a NAT on this machine changed it.
    std::optional<Connection> known_as{};
};

// A netfilter rule that explains a drop or a reject.
struct FirewallRule {
    std::uint32_t netns = 0;
    std::string family; // "inet", "ip" ...
    std::string table;
    std::string chain;
    std::string hook;     // "forward" ...
    std::string text;     // the rule as nft or iptables prints it, or "policy drop"
    std::string comment;  // may carry a NetworkPolicy's name
    std::string list_it;  // the command that shows it
    bool counted = false; // its counter rose with the drop; else it only fits the packet
};

struct HostFacts {
    std::uint64_t asked_ns = 0;                  // the source's clock
    std::array<std::optional<EndFacts>, 2> ends; // initiator, responder
    std::optional<FirewallRule> rule{};
    // Namespaces on the way that are no end: routers, a pod's node. They have no sockets
    // of the connection; their route is the one to the responder.
    std::vector<EndFacts> between{};
    // The connection as this machine's NATs rename it, from the initiator's name to the
    // responder's; the one asked about is among them. Empty: there is no NAT, or no entry.
    std::vector<Connection> names{};
    // Who is asked about by its pid: whom the stack named (ResetSeen::process).
    std::optional<ProcessName> process{};
};

} // namespace tcptrace
