# SPDX-License-Identifier: Apache-2.0
"""Compares what tcptrace said of a fault, from each place at once, with answers.py. For
tests/netns/scenarios_*.test."""

import json
import os
import re
from dataclasses import dataclass, field

from lab.answers import answer_of
from lab.faults import FAULTS
from lab.watching import Watcher, watch

CONFIDENCE = ("possible", "likely", "certain")
# In an incident, `tcptrace --diagnose` looks at every segment.
DEPTH = os.environ.get("TCPTRACE_DEPTH", "sequence")
PLACES = {"client": "client", "overlay": "node", "router": "router", "server": "server"}


@dataclass
class Verdict:
    """Of one fault over one family of addresses."""

    name: str
    ipv6: bool
    failures: list = field(default_factory=list)
    said: dict = field(default_factory=dict)  # place: [diagnosis object, ...]


def brief(told):
    diagnosis, drop = told["diagnosis"], told.get("drop", {})
    words = [diagnosis["id"], cause_of(told), diagnosis["confidence"], locus(told),
             *(drop.get(key, "") for key in ("reason", "function", "hook", "rule"))]
    return " ".join(word for word in words if word)


def cause_of(told):
    """A notice has none."""
    return told["diagnosis"].get("cause", "")


def locus(told):
    return told["diagnosis"].get("locus", told.get("locus", ""))


def wrong_drop(lab, answer, told):
    drop = told.get("drop", {})
    for key in ("reason", "function", "hook"):
        wanted = getattr(answer, key)
        if wanted and drop.get(key) != wanted:
            yield f"drop.{key} is {drop.get(key)}, not {wanted}"
    if answer.rule and answer.rule not in drop.get("rule", ""):
        yield f"drop.rule is {drop.get('rule')}, without '{answer.rule}'"
    if answer.host and drop.get("netns") != os.stat(getattr(lab, answer.host).path).st_ino:
        yield f"drop.netns is {drop.get('netns')}, not the {answer.host}'s"


def wrong_ends(fault, place, told):
    client, server, port = fault.ends(place)
    if told.get("destination") != {"ip": server, "port": port}:
        yield f"destination {told.get('destination')}"
    if fault.connections:
        if told.get("source", {}).get("ip") != client:
            yield f"source {told.get('source')}"
        if told["diagnosis"]["count"] != fault.connections:
            yield f"{told['diagnosis']['count']} connections, not {fault.connections}"


def wrong(lab, fault, answer, place, told):
    """What is wrong with a diagnosis of the right id and cause."""
    diagnosis = told["diagnosis"]
    if CONFIDENCE.index(diagnosis["confidence"]) < CONFIDENCE.index(answer.confidence):
        yield f"{diagnosis['confidence']} only, not {answer.confidence}"
    if answer.locus and locus(told) != answer.locus:
        yield f"locus is {locus(told)}, not {answer.locus}"
    if answer.signal and answer.signal not in json.dumps(told):
        yield f"no word of {answer.signal}"
    if not told.get("evidence") and place in answer.at and not answer.at == ("client",):
        yield "no evidence"
    yield from wrong_drop(lab, answer, told)
    yield from wrong_ends(fault, place, told)


def judge_place(lab, fault, answer, place, got):
    right = [each for each in got for said in answer.says
             if each["diagnosis"]["id"] == said[0] and said[1] in ("", cause_of(each))]
    others = [each for each in got
              if each not in right and each["diagnosis"]["id"] not in answer.besides]
    if place not in answer.at + answer.may:
        right, others = [], got
    elif not right and place in answer.at:
        yield f"not said: {' or '.join('/'.join(each) for each in answer.says)}"
    if len(right) > 1:
        yield f"said {len(right)} times: {[brief(each) for each in right]}"
    yield from (f"said: {brief(each)}" for each in others)
    for told in right[:1]:
        yield from (f"{brief(told)}: {what}"
                    for what in wrong(lab, fault, answer, place, told))


def judge(name, ipv6, number):
    """Makes the fault, with a tcptrace at each place."""
    verdict = Verdict(name, ipv6)
    answer = answer_of(name, ipv6)
    with FAULTS[name].build(ipv6, number) as lab:
        fault = FAULTS[name](lab)
        fault.prepare()
        watchers = {place: Watcher(getattr(lab, host), DEPTH, events=False)
                    for place, host in PLACES.items() if hasattr(lab, host)}
        watch(lab, watchers.values(), fault.play)
        verdict.failures += [f"the fault was not made: {what}" for what in fault.missing()]
        for place, watcher in watchers.items():
            verdict.said[place] = watcher.diagnoses()
            if not answer.lacks:
                verdict.failures += [f"at {place}: {what}" for what in
                                     judge_place(lab, fault, answer, place, verdict.said[place])]
            if watcher.summary()["lost"]:
                verdict.failures.append(f"at {place}: records lost")
    return verdict


def where_it_died(told):
    """Locus, drop and rule, without what is different each time."""
    drop = told.get("drop", {})
    rule = re.sub(r"packets \d+ bytes \d+ ?", "", drop.get("rule", ""))
    words = [locus(told), drop.get("reason", ""), drop.get("hook", ""), rule and f"`{rule}`"]
    return ", ".join(word for word in words if word)
