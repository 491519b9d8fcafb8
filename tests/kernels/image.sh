# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Makes the initramfs that scripts/kernels boots; it sources this file. Two archives, which the
# kernel unpacks one after the other: the tools and the test (same for all kernels), and one
# kernel's modules.
#
# Not here: where kernels come from (fetch.sh), what runs inside (init, guest-test.sh).

# What the test needs of a kernel's modules; a name that a kernel has built in or lacks is passed over.
MODULES="veth sch_ingress cls_bpf nf_tables nft_counter nft_reject_inet tun
    tcp_diag nf_conntrack_netlink"

# add_program ROOT PATH [NAME]: a program and the shared libraries it needs, if any.
add_program() {
    local root=$1 program name=${3:-} library
    program=$(command -v "$2") || { echo "$2: not on this machine" >&2; return 1; }
    install -D "$program" "$root/bin/${name:-$(basename "$2")}"
    for library in $(ldd "$program" 2>/dev/null | grep -oE '/[^ ]+'); do
        [ -e "$root$library" ] || install -D "$library" "$root$library"
    done
}

# add_busybox ROOT: busybox under the name of each applet that no real program has.
add_busybox() {
    local applet
    add_program "$1" busybox || return
    for applet in $(busybox --list); do
        [ -e "$1/bin/$applet" ] || ln -s busybox "$1/bin/$applet"
    done
}

# pack FOLDER ARCHIVE: an uncompressed cpio archive, which an emulated CPU reads fastest.
pack() {
    chmod 755 "$1"
    (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) >"$2"
}

# program_names OBJECT: the BPF programs in it: its global functions, but for those in .text, which
# are parts of others.
program_names() {
    local text
    text=$(readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \.text .*/\1/p')
    readelf -sW "$1" | awk -v text="$text" '$4 == "FUNC" && $5 == "GLOBAL" && $7 != text { print $8 }' | sort
}

# make_base TCPTRACE FOLDER ARCHIVE: the tools, the program under test and the test itself.
# dash is /bin/sh: busybox's shell would run its own `ip` before iproute2's.
make_base() {
    local root=$2 tool object
    mkdir -p "$root"/{proc,sys,dev,run,tmp,etc,lib}
    for tool in ip tc nft bpftool; do add_program "$root" "$tool" || return; done
    add_program "$root" dash sh && add_program "$root" "$1" tcptrace && add_busybox "$root" || return
    object=$(dirname "$1")/bpf/tcptrace.bpf.o
    [ ! -f "$object" ] || program_names "$object" >"$root/programs"
    install -m 755 "$HERE/init" "$root/init"
    install -m 755 "$HERE/guest-test.sh" "$root/guest-test.sh"
    pack "$root" "$3"
}

# module_files KERNEL-FOLDER: the files of $MODULES and of what they need, in the order to insert.
module_files() {
    local module
    for module in $MODULES; do
        modprobe -d "$1" -S "$(basename "$1")" --show-depends "$module" 2>/dev/null || true
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# make_modules KERNEL-FOLDER FOLDER ARCHIVE: the modules unpacked, and modules.order in their midst.
make_modules() {
    local file name
    mkdir -p "$2/modules"
    for file in $(module_files "$1"); do
        name=$(basename "${file%%.ko*}").ko
        case $file in
            *.xz) xz -dc "$file" ;;
            *.zst) zstd -dc "$file" ;;
            *) cat "$file" ;;
        esac >"$2/modules/$name" || return
        echo "$name" >>"$2/modules/modules.order"
    done
    [ -s "$2/modules/modules.order" ] && pack "$2" "$3"
}
