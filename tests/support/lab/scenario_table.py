# SPDX-License-Identifier: Apache-2.0
"""Runs faults in labs at the same time, and compares what was said of them with
docs/scenarios.md, section by section; `--rewrite` writes it there instead. For
tests/netns/scenarios_*.test."""

import os
import queue
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from lab.answers import answer_of
from lab.faults import FAULTS, OF_MATTER
from lab.judging import Verdict, brief, cause_of, judge, where_it_died
from lab.network import NUMBER

# Most of the time is waiting for a second SYN.
AT_ONCE = int(os.environ.get("TCPTRACE_LABS", "4"))
DOCUMENT = os.path.join(os.environ.get("SOURCE_DIR", "."), "docs/scenarios.md")
HEAD = ("| scenario | what is wrong | diagnosis | cause | from | where |\n"
        "| --- | --- | --- | --- | --- | --- |\n")


def judge_all(names, verbose):
    """Verdicts, in their order, each told as soon as it is there."""
    numbers = queue.SimpleQueue()
    for number in range(NUMBER - AT_ONCE, NUMBER):
        numbers.put(number)

    def one(job):
        number = numbers.get()
        try:
            return judge(*job, number)
        except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
            return Verdict(*job, [f"could not be judged: {error}"])
        finally:
            numbers.put(number)

    jobs = [(name, family == 6) for name in names for family in FAULTS[name].families]
    with ThreadPoolExecutor(AT_ONCE) as labs:
        for verdict in labs.map(one, jobs):
            family = " over IPv6" if verdict.ipv6 else ""
            print(f"{verdict.name}{family}: "
                  f"{'FAILED' if verdict.failures else 'as it should be'}", flush=True)
            for what, times in Counter(verdict.failures).items():
                print(f"    {what}{f' ({times} times)' if times > 1 else ''}", flush=True)
            for place, said in verdict.said.items() if verbose else ():
                print(f"    {place}: {[brief(each) for each in said]}", flush=True)
            yield verdict


def cells(verdict):
    """What the places where something must be said have said."""
    answer = answer_of(verdict.name, verdict.ipv6)
    if answer.lacks:
        return ["not right yet", "", "", answer.lacks]
    told = [(place, each) for place in answer.at for each in verdict.said.get(place, ())[:1]]
    if not told:
        return ["nothing", "", "", ""]
    best = told[0][1]
    cause = cause_of(best)
    return [f"`{best['diagnosis']['id']}`", f"`{cause}`" if cause else "",
            ", ".join(place for place, _ in told), where_it_died(best)]


def rows(verdicts):
    by_name = {}
    for verdict in verdicts:
        by_name.setdefault(verdict.name, []).append(verdict)
    for name, both in by_name.items():
        what = " ".join(FAULTS[name].__doc__.split())
        told = [cells(verdict) for verdict in both]
        for verdict, each in zip(both, told):
            # Where it died may be told more closely over one family, by chance.
            if each[:3] == told[0][:3] and verdict is not both[0]:
                continue
            same = each[:3] == told[-1][:3] and len(both) > 1
            family = "" if same else f" (IPv{6 if verdict.ipv6 else 4})"
            cell = [f"{name}{family}", what, *each]
            yield "| " + " | ".join(text.replace("|", "\\|") for text in cell) + " |\n"


def read():
    with open(DOCUMENT, encoding="utf-8") as text:
        return text.read()


def section(text, matter):
    """Where its table stands."""
    start = text.index(f"## {matter}\n") + len(f"## {matter}\n")
    start = text.index("| scenario", start)
    end = text.find("\n\n", start)
    return start, len(text) if end < 0 else end + 1


def verdicts_of(table):
    """Without the last column: what a reason or a hook is called differs between kernels."""
    return [row.split("|")[:6] for row in table.splitlines()]


def check(matters, arguments):
    """The whole of a test: its exit status."""
    rewrite = "--rewrite" in arguments
    names = [each for each in arguments if each != "--rewrite"]
    failed = False
    for matter in matters:
        wanted = [name for name in OF_MATTER[matter] if not names or name in names]
        verdicts = list(judge_all(wanted, bool(names)))
        failed |= any(verdict.failures for verdict in verdicts)
        if names:
            continue
        table, text = HEAD + "".join(rows(verdicts)), read()
        start, end = section(text, matter)
        if rewrite:
            with open(DOCUMENT, "w", encoding="utf-8") as document:
                document.write(text[:start] + table + text[end:])
        elif verdicts_of(text[start:end]) != verdicts_of(table):
            failed = True
            print(f"docs/scenarios.md, {matter}: not what this run shows; "
                  f"{os.path.basename(sys.argv[0])} --rewrite writes it:\n{table}", flush=True)
    return 1 if failed else 0
