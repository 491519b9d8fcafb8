# SPDX-License-Identifier: Apache-2.0
"""From where, and at which depth, tcptrace must see the faults that every user meets; and what
the kernel's own counters must say of the same. For tests/netns/faults_*.test. What is to be said
stands in answers.py."""

from lab.answers import answer_of
from lab.faults import FAULTS, PORT
from lab.judging import locus
from lab.watching import Watcher, watch

ALL = ("c/sequence", "c/notable", "c/stack", "r/notable", "s/sequence", "s/notable")

# fault: at depth and place where it must be seen
EXPECTED = {
    "syn-drop": set(ALL),
    "closed-port": set(ALL),
    "loss": {"c/sequence", "s/sequence", "s/notable"},
    "loss-upload": {"c/sequence", "c/notable", "c/stack", "s/sequence"},
    "reset-after-data": set(ALL),
    "synack-then-reset": set(),
    "abort-at-once": set(ALL),
    "zero-window": set(ALL) - {"c/stack"},
    "healthy": set(),
}

RESETS = ("closed-port", "reset-after-data", "synack-then-reset", "abort-at-once")
DEPTHS = ("sequence", "notable", "stack")
AGAIN = ("retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order")

# Behind the loss a quick repetition looks like reordering: nothing need be said there.
MAY_BE_SILENT = {("loss", "c/sequence"), ("loss-upload", "s/sequence")}

failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what, flush=True)


def check_diagnoses(name, lab, watcher):
    places, says = EXPECTED[name], answer_of(name, lab.ipv6).says
    wanted, cause = says[0] if says else ("", "")
    got = watcher.diagnoses()
    where = f"{name} at {watcher.place}{' over IPv6' if lab.ipv6 else ''}"
    # A drop that the kernel tells of explains what cannot be seen there.
    if cause == "filtered_on_this_node" and len(got) == 1:
        places = set(ALL)

    if not got and (name, watcher.place) in MAY_BE_SILENT:
        return
    if name == "zero-window" and watcher.place == "c/stack" and got:
        # No window is seen there. A receiver without room makes real losses; if the kernel had
        # to send again, that may be said, but not with certainty.
        counted = lab.client.counter("TcpRetransSegs")
        expect(counted >= 10 and [each["diagnosis"]["confidence"] for each in got] == ["possible"],
               f"{where}: {got}, the kernel sent {counted} again")
        return
    if watcher.place not in places:
        expect(not got, f"{where}: nothing is to be said, but was: "
                        f"{[(each['diagnosis']['id'], each['diagnosis']['what']) for each in got]}")
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
        if name == "syn-drop":
            expect(locus(each) == "dropped_here", f"{where}: locus in {each}")


def brief(event):
    """For the message of a failure: enough to find it again."""
    return " ".join(str(word) for word in (
        event["@timestamp"][17:26], event["event"], event["witness"], event.get("direction", "-"),
        event["tcp"].get("seq", "-"), event["tcp"].get("length", "-")))


def check_counters(name, lab, watchers):
    """The kernel counted the same."""
    by_place = {watcher.place: watcher for watcher in watchers}
    client, server, where = lab.client, lab.server, f"{name}{' over IPv6' if lab.ipv6 else ''}"

    def same(counted, place, *ids, at_least=0, own=False, size=0):
        """As many events as the kernel counted; of those that left here, where it counts only
        these; by the segment of this size, where it counts those of a large packet one by one."""
        told = [each for each in by_place[place].events(*ids)
                if not own or each["direction"] == "out"]
        amount = sum(-(-each["tcp"].get("length", 0) // size) or 1 if size else 1
                     for each in told)
        expect(amount == counted >= at_least,
               f"{where} at {place}: told {amount} of {ids[0]}, the kernel counted {counted} "
               f"(at least {at_least} were to be expected): {[brief(each) for each in told]}")

    same(client.counter("TcpOutRsts") + server.counter("TcpOutRsts"), "s/sequence", "reset",
         at_least=1 if name in RESETS else 0)
    if name == "syn-drop":
        for place in ("c/sequence", "c/notable", "c/stack"):
            same(client.counter("TcpExtTCPSynRetrans"), place, "syn_retransmission", at_least=3)
    size = 1428 if lab.ipv6 else 1448
    sender = {"loss": ["s"], "loss-upload": ["c"], "healthy": ["c", "s"]}
    for letter in sender.get(name, ()):
        host = client if letter == "c" else server
        for place in set(by_place) & {f"{letter}/{depth}" for depth in DEPTHS}:
            same(host.counter("TcpRetransSegs"), place, *AGAIN, own=True, size=size,
                 at_least=0 if name == "healthy" else 10)
    if name == "healthy":
        made = by_place["c/sequence"].summary()["connections"]
        expect(made == client.counter("TcpActiveOpens") == 204, f"{where}: {made} connections")
    if name == "zero-window":
        counted = server.counter("TcpExtTCPToZeroWindowAdv")
        expect(counted > 0 and by_place["s/sequence"].events("zero_window"),
               f"{where}: the server counts {counted} closings of its window")
        expect(by_place["c/notable"].events("window_update"), f"{where}: no word of recovery")


def check(name, ipv6):
    with FAULTS[name].build(ipv6) as lab:
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
