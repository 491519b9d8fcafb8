# SPDX-License-Identifier: Apache-2.0
"""What tcptrace must say of each fault of the lab, from where, at which depth; and what the
kernel's own counters must say of the same. For tests/netns/faults_*.test."""

from lab.faults import FAULTS, PORT
from lab.network import Lab
from lab.watching import Watcher, watch

ALL = ("c/sequence", "c/notable", "c/stack", "r/notable", "s/sequence", "s/notable")

# fault: (diagnosis, cause, at depth and place where it must be seen)
EXPECTED = {
    "syn-drop": ("syn_timeout", "no_reply", set(ALL)),
    "closed-port": ("connection_refused", "refused_by_peer", set(ALL)),
    "loss": ("packet_loss", "network_loss", {"c/sequence", "s/sequence", "s/notable"}),
    "reset-after-data": ("reset_after_data", "aborted_by_peer", set(ALL)),
    "synack-then-reset": ("reset_after_handshake", "aborted_by_peer", set(ALL) - {"c/stack"}),
    "abort-at-once": ("reset_after_handshake", "aborted_by_peer", set(ALL)),
    "zero-window": ("zero_window", "receiver_not_reading", set(ALL) - {"c/stack"}),
    "healthy": (None, None, set()),
}

failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what, flush=True)


def check_diagnoses(name, lab, watcher):
    wanted, cause, places = EXPECTED[name]
    got = watcher.diagnoses()
    where = f"{name} at {watcher.place}{' over IPv6' if lab.ipv6 else ''}"

    if watcher.place not in places:
        expect(not got, f"{where}: nothing can be known, said {got}")
        return
    expect(len(got) == 1, f"{where}: {len(got)} diagnoses, not one: "
                          f"{[each['diagnosis'] for each in got]}")
    for each in got[:1]:
        diagnosis = each["diagnosis"]
        expect((diagnosis["id"], diagnosis["cause"]) == (wanted, cause),
               f"{where}: {diagnosis['id']}/{diagnosis['cause']}")
        expect(each["destination"] == {"ip": lab.server_ip, "port": PORT},
               f"{where}: destination {each['destination']}")
        expect(each["source"]["ip"] == lab.client_ip, f"{where}: source {each['source']}")
        expect(diagnosis["count"] == 1, f"{where}: {diagnosis['count']} connections")
        expect(each.get("evidence"), f"{where}: no evidence")


def check_counters(name, lab, watchers):
    """The kernel counted the same."""
    by_place = {watcher.place: watcher for watcher in watchers}
    again = ("retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order")
    if name == "syn-drop":
        counted = lab.client.counter("TcpExtTCPSynRetrans")
        for place in ("c/sequence", "c/notable", "c/stack"):
            told = len(by_place[place].events("syn_retransmission"))
            expect(told == counted > 1, f"{name} at {place}: {told} SYNs again, kernel: {counted}")
    if name == "loss":
        counted = lab.server.counter("TcpRetransSegs")
        for place in ("s/sequence", "s/notable"):
            told = len(by_place[place].events(*again))
            expect(told == counted > 2, f"{name} at {place}: {told} segments again, "
                                        f"kernel: {counted}")
    if name == "closed-port":
        expect(lab.server.counter("TcpOutRsts") > 0, f"{name}: the server counts no reset")
    if name == "zero-window":
        counted = lab.server.counter("TcpExtTCPToZeroWindowAdv")
        expect(counted > 0 and by_place["s/sequence"].events("zero_window"),
               f"{name}: the server counts {counted} closings")
        expect(by_place["c/notable"].events("window_update"), f"{name}: no word of recovery")
    if name == "healthy":
        expect(lab.client.counter("TcpRetransSegs") + lab.server.counter("TcpRetransSegs") == 0
               or by_place["s/sequence"].events(*again),
               f"{name}: the kernel sent again, tcptrace did not see it")
        expect(by_place["c/sequence"].summary()["connections"] >= 204,
               f"{name}: {by_place['c/sequence'].summary()['connections']} connections")


def check(name, ipv6):
    with Lab(name, ipv6) as lab:
        fault = FAULTS[name](lab)
        fault.prepare()
        hosts = {"c": lab.client, "r": lab.router, "s": lab.server}
        # One of them looks in from outside, by --netns.
        watchers = [Watcher(hosts[place[0]], place[2:], inside=place != "s/sequence")
                    for place in ALL]
        watch(lab, watchers, fault.play)
        for watcher in watchers:
            check_diagnoses(name, lab, watcher)
            expect(watcher.summary()["lost"] == 0, f"{name} at {watcher.place}: records lost")
        check_counters(name, lab, watchers)
    print(f"{name}: done", flush=True)
