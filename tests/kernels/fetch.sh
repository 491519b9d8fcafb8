# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Fetches Debian cloud kernels for scripts/kernels, which sources this file.
#
# Each suite has a private apt instance (own lists, status and sources under $CACHE): it can
# neither upgrade nor break the machine, needs no pin, and still checks the archive's signatures.
# The mirrors are the machine's own; no host name stands here.
#
# Not here: what goes into the initramfs (image.sh), booting (scripts/kernels).

FLAVOUR=cloud-amd64

# debian_uri LABEL: where this machine gets archives of that label ("Debian", "Debian-Security").
debian_uri() {
    env -u APT_CONFIG apt-get indextargets --format '$(LABEL) $(REPO_URI)' |
        awk -v label="$1" '$1 == label && NF == 2 { print $2; exit }'
}

# suite_uri SUITE: the mirror that holds a suite; a sentence and failure where the machine names none.
suite_uri() {
    local label=Debian uri
    case $1 in *-security) label=Debian-Security ;; esac
    uri=$(debian_uri "$label")
    if [ -z "$uri" ]; then
        echo "this machine's apt knows no $label archive (or was never updated: apt-get update)" >&2
        return 1
    fi
    echo "$uri"
}

# apt_setup SUITE: writes the suite's private apt configuration.
# An out-of-date index is accepted: a mirror may lag, and a kernel for a test need not be today's.
apt_setup() {
    local dir=$CACHE/apt/$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg uri
    uri=$(suite_uri "$1") || return
    mkdir -p "$dir/lists/partial" "$dir/archives/partial"
    : >"$dir/status"
    echo "deb [arch=amd64 signed-by=$keyring check-valid-until=no] $uri $1 main" >"$dir/sources.list"
    cat >"$dir/apt.conf" <<EOF
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::State::extended_states "$dir/extended_states";
Dir::Cache "$dir";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
EOF
    # The machine's proxies and time limits; its hooks stay away.
    env -u APT_CONFIG apt-config dump | grep -E '^Acquire::https?::' >>"$dir/apt.conf" || true
}

# private_apt SUITE COMMAND...: runs an apt tool on the suite's private instance.
private_apt() {
    local suite=$1
    shift
    APT_CONFIG=$CACHE/apt/$suite/apt.conf "$@"
}

# kernel_candidates SUITE SERIES: releases of a series, newest first ("6.12.117+deb13-cloud-amd64").
kernel_candidates() {
    local wanted=${2//./\\.}
    [ "$2" != newest ] || wanted='[0-9]+\.[0-9]+'
    private_apt "$1" apt-cache dumpavail |
        awk -v name="^linux-image-$wanted\\.[0-9].*-$FLAVOUR\$" '
            $1 == "Package:" { package = $2 }
            $1 == "Version:" && package ~ name { print $2, substr(package, 13) }' |
        sort -rV | awk '{ print $2 }'
}

# kernel_packages SUITE RELEASE: the packages that together are that kernel. From 6.19 on
# linux-image-* is empty and leans on linux-binary-* and linux-modules-*.
kernel_packages() {
    local fields
    fields=$(private_apt "$1" apt-cache show "linux-image-$2") || return
    grep -oE "linux-(binary|modules)-[0-9][^ ,]*-$FLAVOUR" <<<"$fields" | sort -u | grep . ||
        echo "linux-image-$2"
}

# unpack_kernel FOLDER PACKAGE-FILE...: leaves FOLDER/vmlinuz and FOLDER/lib/modules/RELEASE,
# wherever the packages keep them.
unpack_kernel() {
    local to=$1 all=$1/unpacked file modules
    shift
    for file in "$@"; do dpkg-deb -x "$file" "$all" || return; done
    cp "$(find "$all" -name 'vmlinuz*' -type f | head -n 1)" "$to/vmlinuz" || return
    modules=$(find "$all" -path '*lib/modules/*/kernel' -type d | head -n 1)
    [ -n "$modules" ] || return
    mkdir -p "$to/lib/modules"
    mv "${modules%/kernel}" "$to/lib/modules/" || return
    rm -rf "$all"
    depmod -b "$to" "$(basename "$to")"
}

# fetch_release SUITE RELEASE FOLDER: downloads and unpacks one kernel, whole or not at all.
fetch_release() {
    local archives=$CACHE/apt/$1/archives packages new
    packages=$(kernel_packages "$1" "$2") || return
    rm -f "$archives"/*.deb
    # shellcheck disable=SC2086 # package names have no spaces
    (cd "$archives" && private_apt "$1" apt-get -q download $packages) || return
    new=$3.new/$2
    rm -rf "$3.new" && mkdir -p "$new"
    unpack_kernel "$new" "$archives"/*.deb || return
    rm -rf "$3" "$archives"/*.deb
    mv "$3.new" "$3"
}

# fetch_from SUITE SERIES FOLDER: brings FOLDER to the newest of the series that this suite has whole.
fetch_from() {
    local release
    apt_setup "$1" && private_apt "$1" apt-get -q update || return
    for release in $(kernel_candidates "$1" "$2" | head -n 6); do
        [ ! -d "$3/$release" ] || return 0
        ! fetch_release "$1" "$release" "$3" || return 0
        echo "$release of $1 cannot be had whole; trying the next" >&2
    done
    return 1
}

# fetch_kernel SERIES SUITES: prints the folder of a kernel (vmlinuz, lib/modules); the one fetched
# before serves where no archive is in reach. The caller holds the lock on $CACHE.
fetch_kernel() {
    local folder=$CACHE/kernels/$1 suite
    mkdir -p "$CACHE/kernels"
    for suite in ${2//,/ }; do
        fetch_from "$suite" "$1" "$folder" >>"$CACHE/fetch.log" 2>&1 && break
    done
    find "$folder" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | grep .
}
