// SPDX-License-Identifier: Apache-2.0
// Where the namespace that the calling thread is in would send a packet: the route by the
// kernel's own look-up (rules, tables and all), and what is known of the next hop's neighbour.
// Marks and bindings of the socket (SO_MARK, SO_BINDTODEVICE) are not known to it.
#pragma once

#include "core/host_facts.h"
#include "host/deadline.h"

#include <cstdint>
#include <optional>

namespace tcptrace {

struct NextHop {
    RouteFact route;
    std::uint32_t ifindex = 0;
    Address address; // on the link: the gateway, else the destination itself
};

// `source` without an address where this namespace is not the sender but a router.
struct Path {
    std::optional<Address> source;
    std::uint16_t source_port = 0;
    Endpoint destination;
};

// What the kernel's refusal of a look-up says of the route (fib_props in net/ipv4/fib_semantics.c,
// fib6_prop in net/ipv6/route.c). Empty: nothing of routes.
[[nodiscard]] std::optional<RouteKind> route_kind_of(int error);

[[nodiscard]] std::optional<NextHop> route_of(const Path &path, Deadline deadline);

// Empty: nobody asked for it yet, or the link has no neighbours.
[[nodiscard]] std::optional<NeighbourFact> neighbour_of(const NextHop &hop, Deadline deadline);

} // namespace tcptrace
