# SPDX-License-Identifier: Apache-2.0
"""What the checks share: the files of the tree, and how a check ends. No rule stands here."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".cache", "build", "__pycache__"}


def files():
    """Every file of the tree that is ours, as a path relative to the root."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(ROOT)


def text(path):
    return (ROOT / path).read_text(errors="replace")


def end(faults):
    """Prints one line a fault and leaves with the status that ctest expects."""
    print("\n".join(faults))
    sys.exit(1 if faults else 0)
