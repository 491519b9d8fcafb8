# SPDX-License-Identifier: Apache-2.0
"""The faults that the lab can make, by name, a file for each matter. What tcptrace should say of
them is in answers.py."""

from lab.faults import (filters, healthy, loss, nat, overlay, queues, refusals, resets, routes,
                        windows)
from lab.faults.fault import PORT, Fault

MATTERS = {"filters": filters, "refusals": refusals, "routes": routes, "queues": queues,
           "nat": nat, "overlay": overlay, "loss": loss, "resets": resets, "windows": windows,
           "healthy": healthy}
OF_MATTER = {matter: {each.name: each for each in vars(module).values()
                      if isinstance(each, type) and issubclass(each, Fault) and each.name
                      and each.__module__ == module.__name__}
             for matter, module in MATTERS.items()}
FAULTS = {name: fault for faults in OF_MATTER.values() for name, fault in faults.items()}

__all__ = ["FAULTS", "OF_MATTER", "PORT", "Fault"]
