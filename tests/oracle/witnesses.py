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
    """What a line of tshark's fields says, in our ids."""
    flags = [int(value, 16) for value in row[1].split(",") if value]
    said = {name for name, value in zip(FIELDS, row[3:]) if value}
    quoted = "icmp" in row[2]  # then the last TCP header is a quotation
    if "retransmission" in said:
        if said & {"fast_retransmission", "spurious_retransmission"}:
            said.discard("retransmission")
        elif flags and flags[-1] & 0x02:
            said.discard("retransmission")
            said.add("synack_retransmission" if flags[-1] & 0x10 else "syn_retransmission")
    if not quoted and any(value & 0x04 for value in flags):
        said.add("reset")
    return said


def ask_tshark_once(path):
    command = ["tshark", "-n", "-r", path, "-Y", "tcp.analysis.flags || tcp.flags.reset == 1",
               "-T", "fields", "-e", "frame.number", "-e", "tcp.flags", "-e", "frame.protocols"]
    for field in FIELDS:
        command += ["-e", "tcp.analysis." + field]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=False).stdout.decode("latin-1")
    rows = (line.split("\t") for line in output.splitlines() if line)
    return {int(row[0]): ids_of_row(row) for row in rows}


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
