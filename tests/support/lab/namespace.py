# SPDX-License-Identifier: Apache-2.0
"""One host of the lab: a network namespace, the programs that run in it, its firewall and its
counters. How hosts are joined is in network.py."""

import json
import os
import re
import subprocess
import sys

PEERS = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.py")]


def remove_orphans():
    """Namespaces of labs that were killed; their programs died with them (command)."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else ():
        of_a_lab = re.fullmatch(r"tt-[a-z0-9-]+-(\d+)-[a-z]", name)
        if of_a_lab and not os.path.exists(f"/proc/{of_a_lab[1]}"):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


class Namespace:
    """One host. `interface` is its way to the router (the router has two)."""

    def __init__(self, lab, letter):
        self.lab = lab
        self.letter = letter
        self.name = f"tt-{lab.name}-{os.getpid()}-{letter}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.run("ip link set lo up")
        self.sysctl("net.ipv6.conf.default.accept_dad=0")  # nobody else is here: no second lost
        self.sysctl("net.ipv6.conf.default.router_solicitations=0")  # nor a packet of its own
        # No bursts of more than the 1,000 packets that wait for a CPU at a veth: what is
        # dropped there is loss, and none that was asked for.
        self.run(["sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 524288"])
        self.marked = {}

    @property
    def path(self):
        return f"/run/netns/{self.name}"

    def command(self, words):
        """As nsenter does it; and it does not outlive this process, however that ends. All of a
        lab is on one CPU: segments sent from several overtake one another in a veth, and TCP
        sends again what was only late."""
        words = words.split() if isinstance(words, str) else list(words)
        return ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", self.lab.cpu,
                "nsenter", f"--net={self.path}", "--", *words]

    def run(self, words, check=True, **options):
        done = subprocess.run(self.command(words), check=False, text=True, capture_output=True,
                              timeout=60, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words} failed in {self.name}: {done.stderr.strip()}")
        return done

    def ip(self, words):
        """`ip` for this lab's family of addresses."""
        return self.run(f"ip {'-6' if self.lab.ipv6 else '-4'} {words}")

    def sysctl(self, *settings):
        self.run(["sysctl", "-qw", *settings])

    def start(self, words, **options):
        """In the background; ended with the lab."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(self.command(words), text=True, **options)
        self.lab.processes.append(process)
        return process

    # Programs of peers.py.

    def serve(self, *words):
        """One that says "ready" when it listens, and goes on; returns then."""
        process = self.start([*PEERS, *map(str, words)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"did not start: {words}")
        return process

    def call(self, *words):
        """A client, to its end; its failures are part of the story."""
        return self.run([*PEERS, *map(str, words)], check=False)

    def begin(self, *words):
        """The same, not waited for."""
        return self.start([*PEERS, *map(str, words)])

    def call_for(self, seconds, *words):
        """The same, ended after so long."""
        return self.run(["timeout", str(seconds), *PEERS, *map(str, words)], check=False)

    # Its firewall.

    def nft(self, text):
        self.run(["nft", "-f", "-"], input=text)

    def drop(self, hook, rule):
        """One nftables rule at this hook, for IPv4 and IPv6; `counter` in it is the proof that
        it was met (rule_packets)."""
        self.nft(f"""
            table inet lab {{
                chain {hook} {{
                    type filter hook {hook} priority 0
                    {rule}
                }}
            }}""")

    def allow_again(self):
        self.nft("delete table inet lab")

    def rule_packets(self):
        """What the counters of all nftables rules here have counted."""
        rules = json.loads(self.run("nft -j list ruleset").stdout)["nftables"]
        return sum(part["counter"]["packets"] for each in rules
                   for part in each.get("rule", {}).get("expr", []) if "counter" in part)

    def iptables(self, kind, words):
        """kind: nft or legacy."""
        program = f"{'ip6' if self.lab.ipv6 else 'ip'}tables-{kind}"
        self.run([program, "-w", *(words.split() if isinstance(words, str) else words)])

    # Its counters.

    def counters(self):
        """All of the kernel's own counters, as nstat names them."""
        lines = self.run(["nstat", "-asz"]).stdout.splitlines()
        return {line.split()[0]: int(line.split()[1]) for line in lines if line[0] != "#"}

    def mark(self):
        """What `counter` counts from."""
        self.marked = self.counters()

    def counter(self, name):
        return self.counters()[name] - self.marked.get(name, 0)
