# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: running tcptrace, and saying what was wrong.
Not a test. Scripts put this folder on their path and end with finish()."""

import json
import os
import subprocess
import sys

BINARY = os.environ.get("TCPTRACE", "")
SHARED = os.environ.get("SHARED", "")
CORPORA = os.path.join(SHARED, "corpora")
SOURCE = os.environ.get("SOURCE_DIR", ".")
failures = []


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def need_corpora():
    if not os.path.isdir(CORPORA):
        skip("the shared captures are not here")


def run(*arguments, prefix=(), **options):
    """Runs tcptrace; output as text, whatever bytes it holds."""
    return subprocess.run([*prefix, BINARY, *arguments], capture_output=True, text=True,
                          errors="replace", timeout=120, check=False, **options)


def expect(condition, what):
    if not condition:
        failures.append(what)


def expect_refusal(arguments, status, words, prefix=(), **options):
    """One sentence on stderr that holds `words`, nothing on stdout, and this exit status."""
    result = run(*arguments, prefix=prefix, **options)
    name = " ".join(arguments)
    lines = result.stderr.strip().splitlines()
    expect(result.returncode == status, f"{name}: status {result.returncode}, not {status}: "
                                        f"{result.stderr[:300]}")
    expect(len(lines) == 1, f"{name}: {len(lines)} lines on stderr, not one: {result.stderr[:300]}")
    expect(words in result.stderr, f"{name}: '{words}' is not in: {result.stderr[:300]}")
    return result


def json_lines(text, name):
    """All lines as objects; a line that is none is a failure."""
    objects = []
    for line in text.splitlines():
        try:
            objects.append(json.loads(line))
        except ValueError:
            expect(False, f"{name}: no JSON: {line[:200]}")
    return objects


def finish():
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


if not os.access(BINARY, os.X_OK):
    skip("there is no tcptrace to run (TCPTRACE)")
