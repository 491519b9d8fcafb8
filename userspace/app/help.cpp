// SPDX-License-Identifier: Apache-2.0
// The texts of --help and --version. tests/cli/help.test holds them against the options
// that are accepted and against docs/usage.md.
#include "app/options.h"

namespace tcptrace {

std::string help_text()
{
    return R"(Usage: tcptrace [options] [filter]

Watches TCP on this machine or in a capture and says what is wrong.
The filter is pcap-filter(7)'s language, as tcpdump takes it.

Live, each anomaly is a line as tcpdump prints it, with a mark behind it; a
diagnosis follows as soon as there is one.

Options as tcpdump's:
  -i, --interface IFACE
                interface, may be given again; any (the default) follows
                interfaces that come and go
  -D, --list-interfaces
                list interfaces
  -r FILE       read a pcap or pcapng file, also packed (gzip, zstd, xz); - is
                standard input; given again: files are merged by time
  -F FILE       the filter from a file; # begins a comment
  -d, -dd, -ddd print what the filter is compiled to: text, C, numbers
  -c COUNT      end after COUNT packets of a file, COUNT events live
  --resolve     names in the place of addresses and ports; never on the way of
                live packets
  -n, -nn       numeric addresses and ports, also with --resolve
  -N            names of hosts without their domains
  --packets     every packet as a line, not only anomalies
  -q, -e        less of each packet; its link header, too
  -A, -X, -x    its payload as text, as both, as hex; -AA, -XX, -xx: from the
                link header on
  -v, -vv, -vvv more of each packet; with --diagnose events are printed too
  -t ... -ttttt no time, Unix time, delta, date and time, since the first
  -S, --absolute-tcp-sequence-numbers
                absolute sequence numbers
  -K, --dont-verify-checksums
                say nothing of checksums
  -#, --number  the packet's number in front of its line
  -l            print each line at once, also to a pipe
  -p, --no-promiscuous-mode
                leave interfaces as they are (always so)
  -w FILE       write packets; .pcapng: with marks and diagnoses; - is standard
                output
  --print       with -w: print them, too
  -C SIZE       a new file beyond SIZE million bytes (also 500k, 10m, 1g)
  -G SECONDS    a new file each SECONDS; FILE is a pattern of strftime(3)
  -W COUNT      with -C a ring of COUNT files, with -G alone COUNT and the end
  -U, --packet-buffered
                write each packet at once
  -Z, --relinquish-privileges USER
                go on as USER once everything is attached
  -s, --snapshot-length BYTES
                at most so many of a live packet
  -B, --buffer-size KIB
                room for packets on their way from the kernel
  --nano, --micro, --time-stamp-precision P
                nanoseconds in lines and in pcap files, or microseconds (P:
                nano, micro)
  -L, --list-data-link-types
                list the link types -w can have
  -y, --linktype TYPE
                one of these

Own options:
  --diagnose    watch (--for, or until Ctrl-C), then one report
  --for TIME    end after 30s, 500ms, 2m, 1h
  --depth D     stack (tracepoints only), notable (live default: and SYN, FIN,
                RST, window 0), sequence (every segment; --diagnose and -r)
  --inner       the filter is about the packet inside a tunnel
  --recorder SIZE
                memory for headers from before an anomaly (16MiB with
                --diagnose and --on-anomaly, else 0)
  --hook HOOK   where ingress is watched: tc (default) or xdp
  --json        JSON Lines instead of text
  --only IDS    print only these events and diagnoses: a,b,c
  --fail-on IDS exit with 1 when one of these was diagnosed; any: whichever
  --stats       print all counters at the end (SIGUSR1: at any time)
  --on-anomaly  -w: only connections with an anomaly, from before it on
  --min-free P  -w ends when less than P (5%) of its file system is free
  --netns NS    look from inside this network namespace (name or path)
  --pid PID     the same, of a process
  --doctor      say what can be seen here and what cannot; attaches nothing
  --explain ID  what a diagnosis means, its causes, what to do, what can fool it
  -h, --help    this text
  --version     which tcptrace this is

Exit status: 0 ran to its end, 1 diagnosed something named by --fail-on,
2 usage, 3 cannot run here, 4 input or output failed, 5 --fail-on could not
be decided.
)";
}

std::string version_text()
{
    return "tcptrace " TCPTRACE_VERSION
           " (eBPF TCP anomaly tracer; not Shawn Ostermann's tcptrace, which reads captures)\n";
}

} // namespace tcptrace
