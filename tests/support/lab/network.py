# SPDX-License-Identifier: Apache-2.0
"""Builds client - router - server over veth pairs, runs programs inside, and takes all of
it away again. Knows nothing of faults."""

import os
import re
import shutil
import signal
import subprocess
import time

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.py")


def remove_orphans():
    """Namespaces of labs that were killed; their programs died with them (command)."""
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else ():
        of_a_lab = re.fullmatch(r"tt-[a-z0-9-]+-(\d+)-[crso]", name)
        if of_a_lab and not os.path.exists(f"/proc/{of_a_lab[1]}"):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


class Namespace:
    """One host. `interface` is its way to the router (the router has two)."""

    def __init__(self, lab, letter):
        self.lab = lab
        self.name = f"tt-{lab.name}-{os.getpid()}-{letter}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.run("ip link set lo up")
        # No bursts of more than the 1,000 packets that wait for a CPU at a veth: what is
        # dropped there is loss, and none that was asked for.
        self.run(["sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 524288"])
        self.marked = {}

    def command(self, words):
        """As nsenter does it; and it does not outlive this process, however that ends."""
        words = words.split() if isinstance(words, str) else list(words)
        return ["setpriv", "--pdeathsig", "KILL",
                "nsenter", f"--net=/run/netns/{self.name}", "--", *words]

    def run(self, words, check=True, **options):
        done = subprocess.run(self.command(words), check=False, text=True, capture_output=True,
                              timeout=60, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words} failed in {self.name}: {done.stderr.strip()}")
        return done

    def start(self, words, **options):
        """In the background; ended with the lab."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(self.command(words), text=True, **options)
        self.lab.processes.append(process)
        return process

    def serve(self, *words):
        """A server of peers.py; returns when it listens."""
        process = self.start(["python3", PEERS, *map(str, words)], stdout=subprocess.PIPE)
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"server did not start: {words}")
        return process

    def call(self, *words):
        """A client of peers.py, to its end; its failures are part of the story."""
        return self.run(["python3", PEERS, *map(str, words)], check=False)

    def drop(self, hook, rule):
        """One nftables rule at this hook: for IPv4 and IPv6."""
        self.run(["nft", "-f", "-"], input=f"""
            table inet lab {{
                chain {hook} {{
                    type filter hook {hook} priority 0
                    {rule}
                }}
            }}""")

    def counters(self):
        """All of the kernel's own counters, as nstat names them."""
        lines = self.run(["nstat", "-asz"]).stdout.splitlines()
        return {line.split()[0]: int(line.split()[1]) for line in lines if line[0] != "#"}

    def mark(self):
        """What `counter` counts from."""
        self.marked = self.counters()

    def counter(self, name):
        return self.counters()[name] - self.marked.get(name, 0)


class Lab:
    """Use as `with Lab("name", ipv6=False) as lab:`."""

    def __init__(self, name, ipv6=False, second_client=False):
        self.name, self.ipv6 = name, ipv6
        self.processes, self.hosts = [], []
        self.second_client = second_client

    def address(self, net, host):
        return f"fd77:{net}::{host}" if self.ipv6 else f"10.77.{net}.{host}"

    def __enter__(self):
        remove_orphans()
        try:
            self.client = self._host("c")
            self.router = self._host("r")
            self.server = self._host("s")
            for switch in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
                self.router.run(f"sysctl -qw {switch}=1")
            self._link(self.client, 1, 2)
            self._link(self.server, 2, 2)
            if self.second_client:
                self.other = self._host("o")
                self._link(self.other, 3, 2)
            self.server_ip = self.address(2, 2)
            self.client_ip = self.address(1, 2)
            self._wait_until_reachable()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _host(self, letter):
        host = Namespace(self, letter)
        self.hosts.append(host)
        return host

    def _link(self, host, net, number):
        """host's eth0 to the router's ethN; segments as on a wire, not merged ones."""
        port = f"eth{net}"
        self.router.run(f"ip link add {port} type veth peer name eth0 netns {host.name}")
        for end, interface, last in ((self.router, port, 1), (host, "eth0", number)):
            end.run(f"ip addr add {self.address(net, last)}/{64 if self.ipv6 else 24} "
                    f"dev {interface}{' nodad' if self.ipv6 else ''}")
            end.run(f"ip link set {interface} up")
            if shutil.which("ethtool"):
                end.run(f"ethtool -K {interface} tso off gso off gro off", check=False)
        host.run(f"ip {'-6 ' if self.ipv6 else ''}route add default via {self.address(net, 1)}")

    def _wait_until_reachable(self):
        for _ in range(50):
            if self.client.call("probe", self.server_ip, 9).returncode == 0:
                for host in self.hosts:
                    host.mark()
                return
            time.sleep(0.1)
        raise RuntimeError("the server cannot be reached in the lab")

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for host in self.hosts:
            subprocess.run(["ip", "netns", "del", host.name], check=False)
