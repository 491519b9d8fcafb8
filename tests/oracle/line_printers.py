# SPDX-License-Identifier: Apache-2.0
"""tcpdump and tcptrace as printers of packets: runs both, cuts their output into packets, and
takes off what only one of them can know."""
import os
import re
import shutil
import subprocess
import sys

TCPTRACE = os.environ.get("TCPTRACE", os.path.join(os.path.dirname(__file__), "..", "..",
                                                   "build", "release", "tcptrace"))
ENVIRONMENT = {**os.environ, "TZ": "Asia/Kolkata"}
MARK = re.compile("  «[^«»\n]*»$", re.M)
# Linux cooked v2 keeps an interface's number; tcpdump prints the name that number has here.
INTERFACE = re.compile(r"^([ -]?(?:[0-9][0-9:.-]* ){0,2})\S+ +(In |Out|B  |M  |P  |\?  ) ", re.M)


def skip(sentence):
    print("skipped:", sentence)
    sys.exit(77)


def need_both():
    if not os.access(TCPTRACE, os.X_OK):
        skip(f"{TCPTRACE} is not built")
    version = shutil.which("tcpdump") and subprocess.run(
        ["tcpdump", "--version"], capture_output=True, text=True, check=False)
    if not version or "4.99" not in version.stdout + version.stderr:
        skip("no tcpdump 4.99 here to compare with")


def _run(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         env=ENVIRONMENT)
    if b"Sanitizer" in run.stderr or b"runtime error" in run.stderr:
        sys.exit(f"{' '.join(command)}:\n{run.stderr.decode('utf-8', 'replace')}")
    return run.stdout.decode("utf-8", "surrogateescape")


def ask_both(path, flags, numbered=True):
    """What tcpdump prints, and what tcptrace prints, marks taken off."""
    words = ["-nn", *flags.split()]
    if numbered and "-#" not in words:
        words.append("-#")
    theirs = _run(["tcpdump", *words, "-r", path])
    return theirs, MARK.sub("", _run([TCPTRACE, "--packets", *words, "-r", path]))


def packets_of(text):
    """The output of -#, a text for each packet. Numbers follow one another, so that a line of
    a packet's own bytes (-A) is not taken for the next packet."""
    packets, lines = [], text.split("\n")
    for line in lines[:-1]:
        head = f"{len(packets) + 1:5}  "
        if line.startswith(head):
            packets.append([line[len(head):]])
        elif packets:
            packets[-1].append(line)
    return ["\n".join(packet) for packet in packets]


def same_names(text):
    return INTERFACE.sub(r"\1interface \2 ", text)
