# SPDX-License-Identifier: Apache-2.0
"""Programs that print packets, tcptrace or tcpdump, in a namespace of the lab."""

import re
import subprocess
import tempfile

MARK = re.compile(r"  «[^»]*»")
CLOSING = re.compile(r"(\d+) packets? (captured|received by filter|dropped by kernel)")


class Printing:
    """A program that prints packets, in a host's namespace; ready when `sign` is on stderr."""

    def __init__(self, host, command, sign):
        self.out = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(host.command(command), stdout=self.out,
                                        stderr=subprocess.PIPE, text=True)
        host.lab.processes.append(self.process)
        self.heard = ""
        while sign not in self.heard:
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError(f"{command} did not start: {self.heard}")
            self.heard += line

    def stop(self):
        """Lines of packets, without marks; what the closing counters say."""
        self.process.send_signal(2)
        self.heard += self.process.stderr.read()
        self.process.wait(60)
        self.out.seek(0)
        lines = [line for line in MARK.sub("", self.out.read()).splitlines() if line]
        return lines, {what: int(count) for count, what in CLOSING.findall(self.heard)}
