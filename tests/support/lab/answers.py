# SPDX-License-Identifier: Apache-2.0
"""What tcptrace must say of each fault of the lab, and from where. All of the lab is one kernel:
started in one namespace, tcptrace tells of the flows seen there, and what the other namespaces
know of them counts. So from each place the same cause is due, or silence where nothing of the
flow comes by. judging.py compares."""

from dataclasses import dataclass, replace

CRS, CR, CO = ("client", "router", "server"), ("client", "router"), ("client", "overlay")
COS = ("client", "overlay", "server")


@dataclass(frozen=True)
class Answer:
    """An empty `says` is silence."""

    says: tuple = ()          # (id, cause), ...: any of them is right; the first is the best
    at: tuple = CRS           # places where it must be said
    may: tuple = ()           # places where it may be said or not; all others must be silent
    confidence: str = "possible"  # at least
    locus: str = ""
    reason: str = ""          # of the drop
    function: str = ""        # it was freed in
    hook: str = ""
    host: str = ""            # in whose namespace
    rule: str = ""            # a part of the rule
    signal: str = ""          # that killed the process
    besides: tuple = ()       # ids that may stand beside it
    lacks: str = ""           # why tcptrace is known to be wrong here; nothing is asked of it


def silence(*may_say, places=CRS):
    return Answer(says=may_say, at=(), may=places if may_say else ())


def filtered(hook, host, rule="tcp dport 8080", at=CRS, **more):
    return Answer((("syn_timeout", "filtered_on_this_node"),), at, confidence="certain",
                  **{"locus": "dropped_here", "reason": "NETFILTER_DROP",
                     "function": "nft_do_chain", "hook": hook, "host": host, "rule": rule} | more)


def unanswered(cause, at=CRS, **more):
    return Answer((("syn_timeout", cause),), at, **more)


def refused(cause, at=CRS, **more):
    return Answer((("connection_refused", cause),), at, confidence="certain", **more)


def rejected(hook, host, at=CRS, rule="reject", function="nft_do_chain", **more):
    return refused("rejected_by_firewall", at, reason="NETFILTER_DROP", function=function,
                   hook=hook, host=host, rule=rule, **more)


def lossy(cause, at=CRS, **more):
    return Answer((("packet_loss", cause),), at, **more)


def ended(cause, at=CRS, **more):
    return Answer((("reset_after_data", cause),), at, confidence="certain", **more)


def ended_early(cause, at=CRS, **more):
    return Answer((("reset_after_handshake", cause),), at, **more)


SAYS_FIREWALL = (("reset_after_data", "firewall"), ("reset_after_handshake", "firewall"))

FILTERS = {
    "syn-drop": filtered("input", "server"),
    "syn-drop-router": filtered("forward", "router", "no databases", CR),
    "syn-drop-output": filtered("output", "client", at=("client",)),
    "syn-drop-policy": filtered("input", "server", "policy drop"),
    "syn-drop-netdev": filtered("ingress", "server"),
    "syn-drop-uncounted": filtered("forward", "router", at=CR),
    "syn-drop-iptables": filtered("forward", "router", "policy:production/deny-all", CR),
    "syn-drop-legacy": filtered("input", "server", "--dport 8080", function="nf_hook_slow"),
    "syn-drop-raw": filtered("prerouting", "server", "--dport 8080", function="nf_hook_slow"),
    "syn-drop-tc-ingress": filtered("", "server", "", reason="TC_INGRESS", function=""),
    "syn-drop-tc-egress": filtered("", "client", "", ("client",), reason="TC_EGRESS",
                                   function=""),
    # Nothing of the flow is seen at the server but its drop.
    "syn-drop-xdp": filtered("", "server", "", CR, may=("server",), reason="NOT_SPECIFIED",
                             function="do_xdp_generic"),
    "synack-drop-router": filtered("forward", "router", "tcp sport 8080",
                                   locus="reply_dropped_here"),
    "synack-drop-input": filtered("input", "client", "tcp sport 8080",
                                  locus="reply_dropped_here"),
    "syn-lost": unanswered("no_reply", CR, locus="left_this_node"),
    "synack-lost": unanswered("synack_lost", confidence="likely"),
}

REFUSALS = {
    "closed-port": refused("no_listener"),
    "listening-elsewhere": refused("listening_elsewhere"),
    "listening-on-another": refused("listening_elsewhere"),
    "reject-reset": rejected("input", "server"),
    "reject-reset-router": rejected("forward", "router", CR),
    "reject-reset-output": rejected("output", "client", ("client",)),
    "reject-icmp": rejected("input", "server"),
    "reject-icmp-router": rejected("forward", "router", CR),
    "reject-icmp-output": rejected("output", "client", ("client",)),
    "reject-iptables": rejected("input", "server", rule="REJECT"),
    "reject-legacy": rejected("input", "server", rule="REJECT", function="nf_hook_slow"),
}

NO_ROUTE = ("syn_timeout", "no_route")
UNREACHABLE = ("syn_timeout", "host_unreachable")

ROUTES = {
    "dead-host": unanswered("host_unreachable", ("client",), confidence="certain",
                            locus="never_sent"),
    "dead-host-router": unanswered("host_unreachable", CR, confidence="certain"),
    "wrong-neighbour": unanswered("no_reply", CR, may=("server",)),
    # connect() fails at once: no packet, and no event of a socket on kernels without fentry.
    "client-no-route": silence(NO_ROUTE, places=("client",)),
    "client-unreachable": silence(NO_ROUTE, UNREACHABLE, places=("client",)),
    "router-blackhole": unanswered("no_route", CR, function="", host="router",
                                   locus="dropped_here"),
    "router-unreachable": Answer((NO_ROUTE, UNREACHABLE), CR, confidence="likely"),
    "router-prohibit": Answer((NO_ROUTE, UNREACHABLE,
                               ("connection_refused", "rejected_by_firewall")), CR),
    "router-no-route": Answer((NO_ROUTE, UNREACHABLE), CR, confidence="likely"),
    "no-return-route": unanswered("no_return_route", confidence="likely",
                                  locus="arrived_unanswered"),
    "rp-filter": unanswered("reverse_path_filter", confidence="certain", locus="dropped_here",
                            reason="IP_RPFILTER", host="server"),
    # The client has all of it; the others see one direction.
    "asymmetric": Answer((("packet_loss", "filtered_on_this_node"),
                          ("syn_timeout", "filtered_on_this_node")), ("client",),
                         may=("router", "server"), confidence="certain", hook="forward",
                         reason="NETFILTER_DROP", rule="ct state invalid"),
    "two-ways": silence(),
}

QUEUES = {
    "accept-queue-full": unanswered("accept_queue_full", confidence="likely",
                                    locus="arrived_unanswered"),
    "accept-queue-full-late": unanswered("accept_queue_full", ("server",), may=CR,
                                         confidence="likely"),
    "syn-flood": Answer((("syn_flood", ""),), CRS),
    "syn-queue-full": unanswered("syn_queue_full", confidence="likely", besides=("syn_flood",)),
    "syn-queue-reserved": unanswered("syn_queue_full", confidence="likely",
                                     besides=("syn_flood",)),
    "conntrack-full": unanswered("conntrack_full", CR, confidence="certain",
                                 locus="dropped_here", reason="NETFILTER_DROP",
                                 function="nf_hook_slow", host="router"),
    "port-exhaustion": Answer((("port_exhaustion", ""),), ("client",)),
    "defer-accept": silence(),
}

NAT = {
    "dnat-refused": refused("no_listener"),
    "dnat-timeout": filtered("input", "server"),
    "dnat-reset": ended("aborted_by_application"),
    "dnat-fine": silence(),
}

# The router between the nodes sees UDP only.
OVERLAY = {
    "overlay-syn-drop": filtered("forward", "far_node", "policy:production/deny-all", CO),
    # The dropped packet is the tunnel's; that it carried this SYN is more than need be known.
    "overlay-filtered": Answer((("syn_timeout", "filtered_on_this_node"),
                                ("syn_timeout", "no_reply")), CO),
    "overlay-wrong-vni": unanswered("no_reply", CO),
    "overlay-closed-port": refused("no_listener", COS),
    "overlay-mtu": lossy("mtu_black_hole", CO, may=("server",)),
    "overlay-fine": silence(),
}

BY_RULE = {"confidence": "certain", "reason": "NETFILTER_DROP", "function": "nft_do_chain",
           "hook": "forward", "host": "router"}

LOSS = {
    "loss": lossy("filtered_on_this_node", rule="numgen", **BY_RULE),
    "loss-upload": lossy("filtered_on_this_node", rule="numgen", **BY_RULE),
    "loss-offloads": lossy("filtered_on_this_node", rule="numgen", **BY_RULE),
    "receive-buffer": Answer((("packet_loss", "receive_buffer_full"),
                              ("zero_window", "receiver_not_reading")), (), may=CRS),
    # Behind the loss a quick repetition looks like reordering: nothing need be said there.
    "network-loss": lossy("network_loss", ("server",), may=CR),
    "network-loss-upload": lossy("network_loss", CR, may=("server",)),
    "delay": silence(),
    "reorder": silence(),
    "overtaken": silence(),
    "duplicates": silence(),
    "one-loss": silence(),
    "syn-lost-once": silence(),
    "synack-lost-once": silence(),
    "third-ack-lost": silence(),
    "queue-drop": lossy("network_loss", ("server",), may=CR, reason="QDISC_DROP", host="router"),
    "bad-checksum": unanswered("no_reply", (), may=CRS, reason="TCP_CSUM", host="server"),
    "mtu-black-hole": lossy("mtu_black_hole", CR, may=("server",), confidence="likely"),
    "pmtud-works": silence(),
    "mtu-black-hole-wire": lossy("mtu_black_hole", CR, may=("server",)),
    # At the server nothing comes by; what the client's stack says is heard there.
    "black-hole": lossy("peer_gone", CR, may=("server",)),
    # The server has nothing to send, but the drops are of a connection that is seen there.
    "black-hole-router": lossy("filtered_on_this_node", CR, may=("server",),
                               rule="tcp dport 8080", **BY_RULE),
    "one-way-cut": Answer((("packet_loss", "network_loss"), ("packet_loss", "peer_gone")), CRS),
    "user-timeout": lossy("peer_gone", CR, may=("server",)),
    # The reset does not reach the server; but its sender is on the same machine.
    "keepalive-timeout": ended("keepalive_timeout", CR, may=("server",)),
}

RESETS = {
    "reset-after-data": ended("aborted_by_application"),
    "client-aborts": ended("aborted_by_application"),
    "abort-at-once": ended_early("aborted_by_application", confidence="certain"),
    # As load balancers probe: connect, and reset.
    "client-aborts-at-once": silence(("reset_after_handshake", "aborted_by_application"),
                                     ("reset_after_handshake", "client_gave_up")),
    "synack-then-reset": silence(),
    "client-gave-up": ended_early("client_gave_up"),
    "unread-close": ended("closed_with_unread_data"),
    "process-exits": ended("process_exited"),
    "process-killed": ended("process_killed", signal="SIGKILL"),
    "process-crashes": ended("process_killed", signal="SIGSEGV"),
    "killed-in-queue": ended("process_killed", signal="SIGKILL"),
    "killed-idle": silence(),
    "peer-restarted": ended("connection_unknown"),
    "firewall-reset": ended("firewall", rule="reject", hook="input", host="server"),
    "firewall-reset-router": ended("firewall", CR, rule="reject", hook="forward", host="router"),
    # No rule here, and no reset of the server's kernel: a box in between.
    "middlebox-reset": Answer((("reset_after_data", "firewall"),), CR, confidence="likely"),
    "firewall-reset-early": Answer(SAYS_FIREWALL, confidence="certain", rule="reject",
                                   hook="input", host="server"),
    "firewall-reset-handshake": ended_early("firewall", confidence="certain", rule="reject",
                                            hook="input", host="server"),
}

WINDOWS = {
    "zero-window": Answer((("zero_window", "receiver_not_reading"),)),
    "never-reads": Answer((("zero_window", "receiver_not_reading"),)),
    "slow-reader": Answer((("zero_window", "receiver_slow"),)),
    "slow-server": Answer((("slow_response", "application_delay"),)),
    "delayed-ack": Answer((("slow_response", "delayed_ack"),)),
}

HEALTHY = {name: silence() for name in (
    "healthy", "mixed", "churn", "port-reuse", "idle", "bulk", "keep-alives", "keep-alive-race",
    "late-answer", "port-scan", "offloads")}

NOT_BUILT = "slow_response is not built yet"
REORDERED = "what comes very late is taken for sent again, by Wireshark's rule, and so for lost"
LACKS = {"slow-server": NOT_BUILT, "delayed-ack": NOT_BUILT, "overtaken": REORDERED}

ANSWERS = {**FILTERS, **REFUSALS, **ROUTES, **QUEUES, **NAT, **OVERLAY, **LOSS, **RESETS,
           **WINDOWS, **HEALTHY}

ANSWERS |= {name: replace(ANSWERS[name], lacks=why) for name, why in LACKS.items()}

# Over IPv6 the kernel names no reason for a neighbour that is not there.
ANSWERS_IPV6 = {name: replace(answer, reason="") for name, answer in ANSWERS.items()
                if answer.says[:1] == (UNREACHABLE,)}


def answer_of(name, ipv6):
    return ANSWERS_IPV6.get(name, ANSWERS[name]) if ipv6 else ANSWERS[name]


def in_words(answer):
    if not answer.at:
        return "nothing, for all is well or nothing can be seen"
    best, where = answer.says[0], ", ".join(answer.at)
    return f"{best[0]}{', ' + best[1] if best[1] else ''}; to be seen at: {where}"
