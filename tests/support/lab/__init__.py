# SPDX-License-Identifier: Apache-2.0
"""A small network to break: client, router and server in namespaces of their own, with
real stacks and real netfilter. scripts/lab and tests/netns use it."""
