# SPDX-License-Identifier: Apache-2.0
"""What all faults of the lab have in common."""

from lab.network import NUMBER, Lab

PORT = 8080


class Fault:
    """`prepare` before anybody watches, `play` while they do; `missing` says afterwards what of
    the fault did not come to pass."""

    name = ""          # as scripts/lab takes it; empty: no fault, but what some share
    needs = {}         # of the lab: wired, overlay ...
    families = (4, 6)  # of addresses it can be made with
    connections = 1    # that meet it
    # Kernel counters that must have moved: ((host, counter), ...); and those that must not.
    moved = ()
    still = ()

    def __init__(self, lab):
        self.lab = lab

    @classmethod
    def build(cls, ipv6=False, number=NUMBER):
        """The lab for it."""
        return Lab(f"{cls.name}{'-6' if ipv6 else ''}", ipv6, number=number, **cls.needs)

    def prepare(self):
        pass

    def play(self):
        raise NotImplementedError

    def missing(self):
        told = []
        for wanted, pairs in ((True, self.moved), (False, self.still)):
            for host, counter in pairs:
                counted = getattr(self.lab, host).counter(counter)
                if (counted > 0) != wanted:
                    told.append(f"{counter} of the {host} rose by {counted}")
        return told

    def ends(self, place):
        """Addresses of client and server, and the server's port, as that place has them."""
        del place
        return self.lab.client_ip, self.lab.server_ip, PORT

    # What many have in common.

    def serve(self, kind="answer", port=PORT, address=None, option=""):
        return self.lab.server.serve("serve", kind, address or self.lab.server_ip, port, option)

    def open(self, seconds=3.5):
        return self.lab.client.call("open", self.lab.server_ip, PORT, seconds)


class Ruled(Fault):
    """One with nftables rules of which each must be met; `ruled` is the host that has them."""

    ruled = "server"

    def missing(self):
        met = getattr(self.lab, self.ruled).rule_packets()
        return super().missing() + ([] if met else [f"no rule of the {self.ruled} was met"])
