# SPDX-License-Identifier: Apache-2.0
"""An XDP program that drops the TCP segments to one port at one interface, written out in
instructions (linux/bpf.h), so that it takes no compiler. Gone with its process. Started by
peers.py."""

import ctypes
import os
import platform
import socket
import struct
import time

NUMBERS = {"x86_64": 321, "aarch64": 280}  # of bpf(2)
PROG_LOAD, LINK_CREATE = 5, 28
TYPE_XDP, ATTACH_XDP, SKB_MODE = 6, 37, 1 << 1
XDP_DROP, XDP_PASS = 1, 2
LOAD_WORD, LOAD_HALF, LOAD_BYTE = 0x61, 0x69, 0x71
MOVE, MOVE_REGISTER, ADD = 0xB7, 0xBF, 0x07
GREATER, NOT_EQUAL, EQUAL, ALWAYS, EXIT = 0x2D, 0x55, 0x15, 0x05, 0x95


def instruction(code, destination=0, source=0, offset=0, value=0):
    return struct.pack("=BBhi", code, destination | source << 4, offset, value)


def program(port):
    """r2 the frame, r3 its end. Ethernet, then IPv4 without options or IPv6."""
    return b"".join((
        instruction(LOAD_WORD, 2, 1, 0),           # data
        instruction(LOAD_WORD, 3, 1, 4),           # data_end
        instruction(MOVE_REGISTER, 4, 2),
        instruction(ADD, 4, value=58),
        instruction(GREATER, 4, 3, 12),            # too short: pass
        instruction(LOAD_HALF, 5, 2, 12),
        instruction(EQUAL, 5, offset=4, value=socket.htons(0x86DD)),
        instruction(NOT_EQUAL, 5, offset=9, value=socket.htons(0x0800)),
        instruction(LOAD_BYTE, 6, 2, 23),
        instruction(LOAD_HALF, 7, 2, 36),
        instruction(ALWAYS, offset=2),
        instruction(LOAD_BYTE, 6, 2, 20),          # IPv6
        instruction(LOAD_HALF, 7, 2, 56),
        instruction(NOT_EQUAL, 6, offset=3, value=socket.IPPROTO_TCP),
        instruction(NOT_EQUAL, 7, offset=2, value=socket.htons(port)),
        instruction(MOVE, 0, value=XDP_DROP),
        instruction(EXIT),
        instruction(MOVE, 0, value=XDP_PASS),
        instruction(EXIT)))


def bpf(command, attributes):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(attributes.ljust(128, b"\0"), 128)
    done = libc.syscall(NUMBERS[platform.machine()], command, buffer, 128)
    if done < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return done


def drop(interface, port):
    code = ctypes.create_string_buffer(program(int(port)))
    licence = ctypes.create_string_buffer(b"GPL")
    loaded = bpf(PROG_LOAD, struct.pack("=IIQQ", TYPE_XDP, (len(code) - 1) // 8,
                                        ctypes.addressof(code), ctypes.addressof(licence)))
    bpf(LINK_CREATE, struct.pack("=IIII", loaded, socket.if_nametoindex(interface), ATTACH_XDP,
                                 SKB_MODE))
    print("ready", flush=True)
    time.sleep(60)
