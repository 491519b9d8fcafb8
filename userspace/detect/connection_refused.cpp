// SPDX-License-Identifier: Apache-2.0
// connection_refused: a SYN was answered by a reset, or by an ICMP error that only a
// firewall sends about TCP.
#include "detect/detector.h"
#include "detect/drop_words.h"
#include "detect/drops.h"
#include "detect/firewall.h"
#include "detect/syn_path.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

// "Port unreachable" and "prohibited" about a TCP segment: a TCP stack answers a closed
// port by a reset (RFC 9293 §3.10.7.1), so these are a filter's (REJECT's) words.
bool says_rejected(const IcmpSeen &icmp)
{
    if (icmp.family == TT_IPV4)
        return icmp.type == TT_ICMP_UNREACHABLE &&
               (icmp.code == 2 || icmp.code == 3 || icmp.code == 9 || icmp.code == 10 ||
                icmp.code == 13);
    return icmp.type == TT_ICMPV6_UNREACHABLE &&
           (icmp.code == 1 || icmp.code == 4 || icmp.code == 5 || icmp.code == 6);
}

// A SYN that netfilter dropped on this machine; NULL: none.
const DropSeen *filtered_syn(const Flow &flow)
{
    const auto found = std::ranges::find_if(flow.drops(), [&](const DropSeen &drop) {
        return is_by_netfilter(drop) && drop.sender == flow.initiator() && (drop.flags & TT_SYN);
    });
    return found == flow.drops().end() ? nullptr : &*found;
}

// "Host unreachable" may be a router's word, too, but not where a rule here rejected the SYN.
bool by_icmp(const Flow &flow)
{
    return flow.icmp() && flow.first_syn_ns() &&
           (says_rejected(*flow.icmp()) || (has_rejecting_rule(flow) && filtered_syn(flow)));
}

// Rejected here, and no interface that is watched shows the answer: before it left, or in another
// namespace. IPv6 asks twice, since the first ICMP error comes while the socket is locked.
bool out_of_sight(const Flow &flow)
{
    return flow.connect_failed() && !flow.reset() && !flow.icmp() && has_rejecting_rule(flow) &&
           filtered_syn(flow);
}

// What this machine knows of the server's end; NULL: it is another machine, or was not asked.
const EndFacts *server_facts(const Flow &flow)
{
    return flow.facts() && flow.facts()->ends[1] ? &*flow.facts()->ends[1] : nullptr;
}

// A listener on the port whose address is another one; NULL: none, or one fits.
const ListenerFact *listener_elsewhere(const Flow &flow)
{
    const EndFacts *server = server_facts(flow);
    if (!server || server->listeners.empty() ||
        std::ranges::any_of(server->listeners, &ListenerFact::takes_it))
        return nullptr;
    return &server->listeners.front();
}

// Nobody listens: by the stack's word, or where it has none (before 6.10), by its sockets'.
std::optional<Verdict> judge_listeners(const Flow &flow)
{
    const EndFacts *server = server_facts(flow);
    const bool told = flow.reset()->sent_by_stack;
    const bool known = server && server->listeners_known;

    if (listener_elsewhere(flow))
        return Verdict{
            "listening_elsewhere", told ? Confidence::Certain : Confidence::Likely, "server", {}};
    if (told)
        return Verdict{
            "no_listener", known ? Confidence::Certain : Confidence::Likely, "server", {}};
    if (known && server->listeners.empty() && !flow.stack_tells_resets())
        return Verdict{"no_listener", Confidence::Likely, "server", {}};
    return std::nullopt;
}

class ConnectionRefused final : public Detector {
public:
    std::string_view id() const override { return "connection_refused"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (flow.established() || flow.synacks() > 0 || reply_drop(flow))
            return std::nullopt;
        if (by_icmp(flow) || out_of_sight(flow))
            return Verdict{"rejected_by_firewall", Confidence::Certain, "network", {}};
        if (!flow.reset() || flow.reset()->stage != TT_STAGE_SYN)
            return std::nullopt;
        if (const auto firewall = firewall_reset(flow))
            return Verdict{"rejected_by_firewall", *firewall, "network", {}};
        if (const auto verdict = judge_listeners(flow))
            return verdict;
        return Verdict{"refused_by_peer", Confidence::Possible, "server", {}};
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        diagnosis.error_type = "refused";
        diagnosis.summary =
            fmt::format("{} refuses connections", endpoint_words(flow.connection().responder));
        if (by_icmp(flow))
            return describe_icmp(flow, diagnosis);
        if (!flow.reset())
            return describe_out_of_sight(flow, diagnosis);
        diagnosis.what =
            flow.first_syn_ns() && flow.reset()->time_ns >= flow.first_syn_ns()
                ? fmt::format("SYN answered by RST after {}",
                              duration_words(flow.reset()->time_ns - flow.first_syn_ns()))
                : std::string("SYN answered by RST");
        if (verdict.cause == "rejected_by_firewall")
            return describe_firewall(flow, diagnosis);
        explain(flow, verdict, diagnosis);
    }

private:
    static void describe_icmp(const Flow &flow, Diagnosis &diagnosis)
    {
        const std::string from = to_string(flow.icmp()->from);

        diagnosis.what = fmt::format("SYN answered by an ICMP error (type {}, code {}) from {}",
                                     flow.icmp()->type, flow.icmp()->code, from);
        diagnosis.why =
            fmt::format("a firewall rule that rejects, at {}{}", from,
                        says_rejected(*flow.icmp()) ? ": no TCP stack sends this ICMP error" : "");
        diagnosis.advice = {fmt::format("on {}: nft list ruleset | grep reject", from)};
        if (const DropSeen *drop = filtered_syn(flow)) {
            describe_drop(flow, *drop, diagnosis);
            diagnosis.advice = {filter_advice(flow, *drop)};
        }
    }

    static void describe_out_of_sight(const Flow &flow, Diagnosis &diagnosis)
    {
        diagnosis.what = "connect() failed at once; its SYN did not leave this machine";
        diagnosis.why = "a firewall rule on this node rejects it";
        describe_drop(flow, *filtered_syn(flow), diagnosis);
        diagnosis.advice = {filter_advice(flow, *filtered_syn(flow))};
    }

    static void explain(const Flow &flow, const Verdict &verdict, Diagnosis &diagnosis)
    {
        const Endpoint server = flow.connection().responder;

        diagnosis.advice = {
            fmt::format("on {}: ss -ltnp 'sport = :{}'", to_string(server.address), server.port)};
        if (verdict.cause == "listening_elsewhere") {
            const ListenerFact &listener = *listener_elsewhere(flow);
            diagnosis.process = listener.owner;
            if (listener.owner)
                diagnosis.who = process_words(*listener.owner);
            diagnosis.why =
                fmt::format("port {} is listened on only at {}, not at {}", server.port,
                            to_string(listener.bound.address), to_string(server.address));
            diagnosis.advice = {fmt::format("bind the server to {}, or to all addresses",
                                            to_string(server.address))};
        } else if (verdict.cause == "no_listener") {
            diagnosis.why = "no process listens on that port there";
            diagnosis.advice.insert(diagnosis.advice.begin(),
                                    "start the server, or correct the port");
        } else {
            diagnosis.why = "nothing listens there, or it listens on another address, or a "
                            "firewall rejects with a reset; from here it cannot be told which";
        }
    }
};

const Registered<ConnectionRefused> registered;

} // namespace

} // namespace tcptrace
