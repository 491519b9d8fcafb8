#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What one kernel must show of tcptrace, run as root inside the virtual machine (see init): the
# doctor speaks; every hook attaches; a dropped SYN, a closed port and a healthy transfer are judged
# rightly over IPv4 and IPv6, and where the SYN was dropped is named; what is left after kill -9 goes
# with the next start, and nobody else's filter does. One marker line for each: "VMTEST name ok" or
# "VMTEST name FAIL reason".
#
# tt0 is this machine's end of a veth pair; the other end is in the namespace `server`, where port
# 80 answers, a firewall drops port 81 and nobody listens on port 82.
#
# Not here: what tcptrace can tell beyond that; tests/netns asks for it, on one kernel.

FAILED=0
LOCAL4=10.99.1.1 SERVER4=10.99.1.2
LOCAL6=fd00:99::1 SERVER6=fd00:99::2

# result NAME [REASON]: a marker line; a reason (one line or several) means failure.
result() {
    line="VMTEST $1 ok"
    if [ -n "$2" ]; then
        line="VMTEST $1 FAIL $(echo "$2" | paste -s -d ' ' | cut -c 1-300)"
        FAILED=$((FAILED + 1))
    fi
    echo "$line"
    echo "$line" >/dev/ttyS1
}

# await SECONDS COMMAND...: until the command succeeds.
await() {
    tries=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}

make_network() {
    ip link set lo up
    ip netns add server
    ip link add tt0 type veth peer name peer0 netns server
    ip addr add $LOCAL4/24 dev tt0 && ip addr add $LOCAL6/64 dev tt0 nodad
    ip -n server addr add $SERVER4/24 dev peer0 && ip -n server addr add $SERVER6/64 dev peer0 nodad
    ip link set tt0 up && ip -n server link set lo up && ip -n server link set peer0 up
    ip netns exec server nft -f - <<EOF
table inet filter {
    chain input { type filter hook input priority 0; tcp dport 81 drop; }
}
EOF
    mkdir -p /tmp/www && head -c 1000000 /dev/urandom >/tmp/www/file
    ip netns exec server httpd -p 80 -h /tmp/www
    await 10 ping -c 1 -W 1 $SERVER4 && await 10 ping -6 -c 1 -W 1 $SERVER6 && await 10 fetch $SERVER4
}

# Debian's busybox crashes at `wget -T`.
fetch() { timeout 20 wget -q -O /dev/null "http://$1/file"; }

# The three stories. Each is told once over IPv4 and once over IPv6.
syn_drop() {
    nc -w 5 $SERVER4 81 </dev/null &
    nc -w 5 $SERVER6 81 </dev/null
    wait $!
}
closed_port() {
    nc -w 5 $SERVER4 82 </dev/null
    nc -w 5 $SERVER6 82 </dev/null
}
healthy() {
    for server in $SERVER4 "[$SERVER6]"; do
        fetch "$server" || result "$1-transfer" "the transfer itself failed"
    done
}

# start NAME OPTION...: tcptrace in the background, once it says that everything is attached.
start() {
    name=$1
    shift
    tcptrace -i tt0 --json "$@" >"/tmp/$name.json" 2>"/tmp/$name.err" &
    TRACER=$!
    await 120 grep -q '"type": *"start"' "/tmp/$name.json"
}

# show NAME: what tcptrace said, for the log of a failure.
show() { sed "s/^/    $1: /" "/tmp/$1.json" "/tmp/$1.err"; }

# diagnosed NAME ID ADDRESS: whether that diagnosis was made of that server.
diagnosed() {
    grep '"type": *"diagnosis"' "/tmp/$1.json" | grep "\"id\": *\"$2\"" | grep -qF "\"$3\""
}

# named_drop NAME: what is missing of the firewall's drop. Since 5.17 there is a reason, too.
named_drop() {
    drop=$(grep '"type": *"diagnosis"' "/tmp/$1.json" | grep -o '"drop": *{[^}]*}' | head -n 1)
    wanted='"hook":"input" "interface":"peer0" "function":"nf'
    case $(uname -r) in 5.*) ;; *) wanted="$wanted \"reason\":\"NETFILTER_DROP\"" ;; esac
    for word in $wanted; do
        echo "$drop" | grep -qF "$word" || echo "drop without $word: $drop"
    done
}

# verdict NAME STATUS ID|-: why a run is not as expected; nothing when it is.
verdict() {
    grep -q '"type": *"summary"' "/tmp/$1.json" || echo "no summary"
    [ "$2" = 0 ] || echo "exit status $2"
    await 5 nothing_attached || echo "left attached: $(attached) $(programs)"
    if grep '"type": *"diagnosis"' "/tmp/$1.json" | grep -qv "\"id\": *\"$3\""; then
        echo "a diagnosis that is not $3"
    fi
    # An emulated machine is slow enough to lose a packet for want of room: then there are
    # duplicate ACKs as well.
    if [ "$3" = - ]; then
        grep '"type": *"summary"' "/tmp/$1.json" | grep -v duplicate_ack | grep -o '"drop": *[0-9]*' |
            sed 's/^/healthy, and yet /'
        return
    fi
    [ "$3" != syn_timeout ] || named_drop "$1"
    diagnosed "$1" "$3" $SERVER4 || echo "no $3 over IPv4"
    diagnosed "$1" "$3" $SERVER6 || echo "no $3 over IPv6"
}

# tell STORY ID|- NAME OPTION...: the story while tcptrace watches, and whether it saw just that.
tell() {
    story=$1 id=$2 name=$3
    shift 3
    if ! start "$name" --diagnose "$@"; then
        show "$name"
        kill -9 $TRACER
        result "$name" "did not start: $(tail -n 1 "/tmp/$name.err")"
        return
    fi
    note_programs
    $story "$name" 2>/dev/null
    wait $TRACER
    reason=$(verdict "$name" $? "$id")
    [ -z "$reason" ] || show "$name"
    result "$name" "$reason"
}

# What BPF holds just now: names of loaded programs, lines of what is attached to tt0.
programs() { bpftool prog show | sed -n 's/^[0-9]*: [a-z_]*  name \([^ ]*\).*/\1/p'; }
attached() { bpftool net show dev tt0 | grep '^tt0(.* id \|^tt0(.*_id '; }
note_programs() { programs >>/tmp/programs; }
nothing_attached() { [ -z "$(attached)" ] && [ -z "$(programs)" ]; }

test_doctor() {
    tcptrace --doctor >/tmp/doctor.txt 2>&1
    status=$?
    sed 's/^/    doctor: /' /tmp/doctor.txt
    reason=
    [ $status = 0 ] || reason="exit status $status"
    [ "$(wc -l </tmp/doctor.txt)" -ge 3 ] || reason="says next to nothing"
    nothing_attached || reason="attached something"
    result doctor "$reason"
}

# A filter that is not ours, in both directions; it matches nothing, so that ours still sees all.
add_foreign() {
    tc qdisc add dev tt0 clsact 2>/dev/null # tcptrace may have left an empty one behind
    for way in ingress egress; do
        tc filter add dev tt0 $way protocol all pref 77 bpf bytecode '1,6 0 0 0'
    done
}
foreign_survives() {
    for way in ingress egress; do
        tc filter show dev tt0 $way | grep -q 'pref 77 bpf' || return 1
    done
}

# What clsact kernels (before 6.6) may keep of us after kill -9, each way once; links leave nothing.
has_tcx() {
    case $(uname -r) in 5.* | 6.[0-5].*) return 1 ;; esac
}

# left NUMBER: what a killed run left beyond that many clsact filters.
left() {
    attached | grep -v 'clsact/'
    ! has_tcx || set -- 0
    [ "$(attached | grep -c 'clsact/')" -le "$1" ] || attached | grep 'clsact/'
}
nothing_left() { [ -z "$(left "$1")" ]; }

# kill_run NAME NUMBER OPTION...: kill -9 of a running tcptrace, which may leave so many filters.
kill_run() {
    name=$1 allowed=$2
    shift 2
    start "$name" "$@" || echo "$name did not start"
    [ -n "$(attached)" ] || echo "$name attached nothing"
    kill -9 $TRACER
    wait $TRACER 2>/dev/null
    await 5 nothing_left "$allowed" || echo "$name left: $(left "$allowed")"
}

# clean_run NAME OPTION...: a start over the leftovers, and an end by SIGTERM.
clean_run() {
    name=$1
    shift
    start "$name" "$@" || echo "$name did not start"
    nothing_left_of_killed || echo "$name: filters of killed runs are still there: $(attached)"
    kill -TERM $TRACER
    wait $TRACER || echo "$name ended with status $? at SIGTERM"
    await 5 nothing_attached || echo "$name left: $(attached) $(programs)"
}
nothing_left_of_killed() { [ "$(attached | wc -l)" -le 2 ]; }

# The second start must not add to the first one's leftover; the third, on another hook, must not
# leave the first two's ingress filter behind.
test_kill() {
    add_foreign
    reason=$(
        kill_run kill-tc-1 2
        kill_run kill-tc-2 2
        kill_run kill-xdp 1 --hook xdp
        clean_run after-kill
        foreign_survives || echo "another program's filter is gone"
    )
    [ -z "$reason" ] || for run in kill-tc-1 kill-tc-2 kill-xdp after-kill; do show $run; done
    result kill "$reason"
}

# Every program of the object was loaded in some run. Old kernels keep 15 letters of a name.
test_programs() {
    [ -f /programs ] || return
    reason=
    while read -r program; do
        grep -q "^$(echo "$program" | cut -c 1-15)" /tmp/programs || reason="$reason $program"
    done </programs
    result programs "${reason:+never loaded:$reason}"
}

main() {
    if ! make_network; then
        result network "the test's own network does not work"
        return
    fi
    result network
    test_doctor
    tell syn_drop syn_timeout tc-syn-drop --for 6s
    tell closed_port connection_refused tc-closed-port --for 3s
    tell healthy - tc-healthy --for 4s
    tell closed_port connection_refused notable-closed-port --for 3s --depth notable
    tell healthy - stack-healthy --for 3s --depth stack
    tell syn_drop syn_timeout xdp-syn-drop --for 6s --hook xdp
    tell closed_port connection_refused xdp-closed-port --for 3s --hook xdp
    tell healthy - xdp-healthy --for 4s --hook xdp
    test_kill
    test_programs
}

main
[ $FAILED = 0 ]
