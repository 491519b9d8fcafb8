# SPDX-License-Identifier: Apache-2.0
"""Joins hosts to client - router - server, runs programs inside, and takes all of it away
again. The links are veth pairs; the last one may be a wire of user space (wire.py), and an
overlay (VXLAN) may lie upon it. Knows nothing of faults."""

import os
import shutil
import signal
import subprocess
import time

from lab.namespace import PEERS, Namespace, remove_orphans
from lab.wire import Wire

# The second part of all its addresses; labs that run at the same time take different ones,
# for tracepoints see the whole machine.
NUMBER = int(os.environ.get("TCPTRACE_LAB", "77"))


class Lab:
    """Use as `with Lab("name", ipv6=False) as lab:`.

    offloads       segments may be large ones, as interfaces with offloads are given them
    second_client  another host at the router, `other`
    wired          the router and what is behind it are joined by `wire`, of which the kernel
                   knows nothing
    overlay        client and server are pods: behind `node` and `far_node`, which the router
                   joins and which carry the pods' packets to each other by VXLAN 77
    """

    def __init__(self, name, ipv6=False, second_client=False, wired=False, overlay=False,
                 offloads=False, number=NUMBER):
        self.name, self.ipv6, self.number = name, ipv6, number
        cpus = sorted(os.sched_getaffinity(0))
        self.cpu = str(cpus[number % len(cpus)])
        self.processes, self.hosts = [], []
        self.second_client, self.wired, self.overlay = second_client, wired, overlay
        self.offloads = offloads
        self.wire = None

    def address(self, net, host):
        return f"fd{self.number}:{net}::{host}" if self.ipv6 else f"10.{self.number}.{net}.{host}"

    def network(self, net):
        return f"{self.address(net, '')}/64" if self.ipv6 else f"{self.address(net, 0)}/24"

    def __enter__(self):
        remove_orphans()
        try:
            self._build()
            self._wait_until_reachable()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        self.client, self.router, self.server = (self._host(letter) for letter in "crs")
        self._forwards(self.router)
        if self.overlay:
            self._build_overlay()
            return
        self._link(self.router, "eth1", self.client, 1)
        if self.wired:
            self._wire(self.router, "eth2", self.server, 2)
        else:
            self._link(self.router, "eth2", self.server, 2)
        if self.second_client:
            self.other = self._host("o")
            self._link(self.router, "eth3", self.other, 3)
        self.server_ip, self.client_ip = self.address(2, 2), self.address(1, 2)

    def _build_overlay(self):
        self.node, self.far_node = self._host("a"), self._host("b")
        for net, node, pod in ((1, self.node, self.client), (2, self.far_node, self.server)):
            self._forwards(node)
            join = self._wire if self.wired and net == 2 else self._link
            join(self.router, f"eth{net}", node, net)
            self._link(node, "pod0", pod, 100 + net)
            # The outer headers take up to 70 bytes.
            for host, interface in ((node, "pod0"), (pod, "eth0")):
                host.run(f"ip link set {interface} mtu 1430")
            self.add_tunnel(node, 77, self.address(net, 2), self.address(3 - net, 2), net)
            node.ip(f"route add {self.network(103 - net)} via {self.address(200, 3 - net)}")
        self.server_ip, self.client_ip = self.address(102, 2), self.address(101, 2)

    def _host(self, letter):
        host = Namespace(self, letter)
        self.hosts.append(host)
        return host

    def _forwards(self, host):
        host.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def add_address(self, host, interface, net, last):
        host.run(f"ip addr add {self.address(net, last)}/{64 if self.ipv6 else 24} "
                 f"dev {interface}{' nodad' if self.ipv6 else ''}")
        host.run(f"ip link set {interface} up")

    def join(self, router, port, host, interface, net):
        """A veth pair; segments as on a wire, not merged ones."""
        router.run(f"ip link add {port} type veth peer name {interface} netns {host.name}")
        for end, name, last in ((router, port, 1), (host, interface, 2)):
            self.add_address(end, name, net, last)
            if not self.offloads and shutil.which("ethtool"):
                end.run(f"ethtool -K {name} tso off gso off gro off", check=False)

    def _link(self, router, port, host, net):
        self.join(router, port, host, "eth0", net)
        host.ip(f"route add default via {self.address(net, 1)}")

    def _wire(self, router, port, host, net):
        """The same with TUN devices."""
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", self.cpu, *PEERS, "wire",
             router.path, port, host.path, "eth0"],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.processes.append(process)
        self.wire = Wire(process)
        for end, interface, last in ((router, port, 1), (host, "eth0", 2)):
            self.add_address(end, interface, net, last)
        host.ip(f"route add default via {self.address(net, 1)}")

    def add_tunnel(self, node, vni, here, there, last):
        """A VXLAN device, with an address in network 200."""
        node.run(f"ip link add vxlan{vni} type vxlan id {vni} local {here} remote {there} "
                 "dstport 4789 dev eth0")
        self.add_address(node, f"vxlan{vni}", 200, last)

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
