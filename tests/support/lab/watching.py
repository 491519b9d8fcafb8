# SPDX-License-Identifier: Apache-2.0
"""tcptrace in a namespace of the lab, and what it said. For tests/netns."""

import json
import os
import signal
import subprocess
import sys
import time

BINARY = os.environ.get("TCPTRACE", "")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def need_root():
    if os.geteuid() != 0:
        skip("network namespaces and BPF need root")
    if not os.access(BINARY, os.X_OK):
        skip("there is no tcptrace to run (TCPTRACE)")
    if subprocess.run([BINARY, "--doctor"], capture_output=True, check=False).returncode != 0:
        skip("tcptrace cannot watch live traffic here (tcptrace --doctor says why)")


class Watcher:
    """One run of `tcptrace --json --diagnose` in a host's namespace; with events, -v."""

    def __init__(self, host, depth, *arguments, inside=True, events=True):
        self.place = f"{host.letter}/{depth}"
        command = [BINARY, "--json", "--diagnose", "--depth", depth, *arguments]
        if events:
            command.append("-v")
        if inside:
            command = host.command(command)
        else:
            command += ["--netns", host.name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        host.lab.processes.append(self.process)
        self.objects = []

    def wait_for_start(self):
        line = self.process.stdout.readline()
        if '"type":"start"' not in line:
            raise RuntimeError(f"{self.place}: no start: {line}{self.process.stderr.read()}")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def stop(self):
        self.interrupt()
        self.read()

    def read(self):
        out, err = self.process.communicate(timeout=60)
        if self.process.returncode != 0:
            raise RuntimeError(f"{self.place}: status {self.process.returncode}: {err}")
        self.objects = [json.loads(line) for line in out.splitlines()]

    def diagnoses(self):
        """Without notices."""
        return [each for each in self.objects if each["type"] == "diagnosis"
                and each["diagnosis"]["severity"] != "notice"]

    def events(self, *ids):
        return [each for each in self.objects if each["type"] == "event" and each["event"] in ids]

    def summary(self):
        return self.objects[-1]


def watch(lab, watchers, play):
    """Traffic between the start and the end of all watchers."""
    for watcher in watchers:
        watcher.wait_for_start()
    play()
    time.sleep(0.2)  # for the last segments
    for watcher in watchers:
        watcher.interrupt()
    for watcher in watchers:
        watcher.read()
