# SPDX-License-Identifier: Apache-2.0
# The libraries, all from packages (scripts/setup), as the targets `bpf` and `pcap` and as the
# packages' own targets. Static where Debian's archive allows it; libpcap.a does not, it pulls in
# D-Bus and systemd.
include(CheckSourceCompiles)
find_package(PkgConfig REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tsl-robin-map REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)

pkg_check_modules(LIBBPF REQUIRED libbpf>=1.4.6)
pkg_check_modules(LIBPCAP REQUIRED IMPORTED_TARGET libpcap>=1.10)
pkg_check_modules(LIBMNL REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(LIBNFCT REQUIRED IMPORTED_TARGET libnetfilter_conntrack>=1.0.9)

# Sets VARIABLE to lib<NAME>.a.
function(find_archive variable name)
    find_library(${variable} NAMES lib${name}.a REQUIRED)
endfunction()

find_archive(LIBBPF_ARCHIVE bpf)
find_archive(LIBELF_ARCHIVE elf)
find_archive(LIBZ_ARCHIVE z)
find_archive(LIBZSTD_ARCHIVE zstd) # libelf from 0.189 on
find_archive(LIBLZMA_ARCHIVE lzma)
set(bpf_archives ${LIBBPF_ARCHIVE} ${LIBELF_ARCHIVE} ${LIBZ_ARCHIVE} ${LIBZSTD_ARCHIVE})

# Debian 13's libelf.a misses symbols of its own; there libelf stays shared.
set(CMAKE_REQUIRED_LIBRARIES ${bpf_archives})
check_source_compiles(C "struct bpf_object *bpf_object__open(const char *);
    int main(void) { return !bpf_object__open(\"\"); }" LIBELF_ARCHIVE_IS_WHOLE)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT LIBELF_ARCHIVE_IS_WHOLE)
    set(bpf_archives ${LIBBPF_ARCHIVE} elf ${LIBZ_ARCHIVE})
endif()

add_library(bpf INTERFACE)
target_link_libraries(bpf INTERFACE ${bpf_archives})

# What captures are compressed with.
add_library(compression INTERFACE)
target_link_libraries(compression INTERFACE ${LIBZ_ARCHIVE} ${LIBZSTD_ARCHIVE} ${LIBLZMA_ARCHIVE})

add_library(pcap ALIAS PkgConfig::LIBPCAP)
add_library(mnl ALIAS PkgConfig::LIBMNL)
add_library(netfilter_conntrack ALIAS PkgConfig::LIBNFCT)
