# SPDX-License-Identifier: Apache-2.0
"""What tshark and tcptrace say of a capture: {frame: set of our event ids}."""
import collections
import json
import os
import shutil
import subprocess
import sys

TCPTRACE = os.environ.get("TCPTRACE", os.path.join(os.path.dirname(__file__), "..", "..",
                                                   "build", "release", "tcptrace"))
FIELDS = ("retransmission fast_retransmission spurious_retransmission out_of_order lost_segment "
          "duplicate_ack zero_window zero_window_probe window_full window_update keep_alive "
          "reused_ports").split()
IDS = ["syn_retransmission", "synack_retransmission", "reset"] + FIELDS


def skip(sentence):
    print("skipped:", sentence)
    sys.exit(77)


def ids_of_row(row):
    """What the columns of ASKED say, in our ids."""
    flags = [int(value, 16) for value in row[0].split(",") if value]
    said = {name for name, value in zip(FIELDS, row[2:]) if value}
    quoted = "icmp" in row[1]  # then the last TCP header is a quotation
    if "retransmission" in said:
        if said & {"fast_retransmission", "spurious_retransmission"}:
            said.discard("retransmission")
        elif flags and flags[-1] & 0x02:
            said.discard("retransmission")
            said.add("synack_retransmission" if flags[-1] & 0x10 else "syn_retransmission")
    if not quoted and any(value & 0x04 for value in flags):
        said.add("reset")
    return said


FILTER = "tcp.analysis.flags || tcp.flags.reset == 1"
ASKED = ["tcp.flags", "frame.protocols"] + ["tcp.analysis." + field for field in FIELDS]


def ask_sharkd(paths):
    """tshark's engine, which starts once for all: {path: {frame: ids}} of those it could
    read, or nothing where it is not installed. It never frees memory, so not too many.
    Now and then it says more, as it reads twice: tshark has the last word."""
    if not shutil.which("sharkd"):
        return {}
    columns = {f"column{i}": field + ":0" for i, field in enumerate(ASKED)}
    requests = []
    for i, path in enumerate(paths):
        # It remembers a filter's result beyond the capture: never the same filter twice.
        filter = f"({FILTER}) && frame.number < {1 << 31 | i}"
        for method, parameters in (("load", {"file": path}),
                                   ("frames", {"filter": filter, **columns})):
            requests.append(json.dumps({"jsonrpc": "2.0", "id": 2 * i + (method == "frames"),
                                        "method": method, "params": parameters}) + "\n")
    try:
        output = subprocess.run(["sharkd", "-"], input="".join(requests).encode(), timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                check=False).stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return {}
    answers = {answer["id"]: answer["result"] for answer in map(json.loads, output.splitlines())
               if "result" in answer}
    return {path: {frame["num"]: ids_of_row(frame["c"]) for frame in answers[2 * i + 1]}
            for i, path in enumerate(paths)
            if answers.get(2 * i) == {"status": "OK"} and 2 * i + 1 in answers}


def ask_tshark(path):
    command = ["tshark", "-n", "-r", path, "-Y", FILTER, "-T", "fields", "-e", "frame.number"]
    for field in ASKED:
        command += ["-e", field]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=False).stdout.decode("latin-1")
    rows = (line.split("\t") for line in output.splitlines() if line)
    return {int(row[0]): ids_of_row(row[1:]) for row in rows}


def need_both():
    if shutil.which("tshark") is None:
        skip("no tshark here (apt-get install tshark)")
    if not os.access(TCPTRACE, os.X_OK):
        skip(f"{TCPTRACE} is not built")


def ask_tcptrace(path):
    run = subprocess.run([TCPTRACE, "-r", path, "--json"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    if run.returncode not in (0, 4):
        sys.exit(f"{path}: tcptrace ended with {run.returncode}:\n{run.stderr.decode()}")
    said = collections.defaultdict(set)
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "event" and record["event"] in IDS:
            said[record["packet"]["number"]].add(record["event"])
    return said
