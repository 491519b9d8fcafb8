# SPDX-License-Identifier: Apache-2.0
# bpf/*.bpf.c -> one object each -> one linked object -> tcptrace.skel.h, which comes with the
# target tcptrace_skel. With clang-14 at hand, the target bpf_clang14 builds the same a second time.
find_program(CLANG_BPF NAMES clang-19 REQUIRED)
find_program(CLANG14_BPF NAMES clang-14)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)

file(GLOB TCPTRACE_BPF_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/*.bpf.c)

# Compiles all BPF sources into DIR and links them to DIR/tcptrace.bpf.o.
function(tcptrace_bpf_object clang dir)
    file(MAKE_DIRECTORY ${dir})
    foreach(source IN LISTS TCPTRACE_BPF_SOURCES)
        cmake_path(GET source FILENAME name)
        string(REPLACE ".bpf.c" ".o" object ${dir}/${name})
        add_custom_command(
            OUTPUT ${object}
            COMMAND ${clang} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror
                    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
                    -I ${CMAKE_SOURCE_DIR}/include -I ${CMAKE_SOURCE_DIR}/bpf
                    -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} # <asm/types.h>
                    -MD -MF ${object}.d -c ${source} -o ${object}
            DEPENDS ${source}
            DEPFILE ${object}.d
            COMMENT "BPF ${name}"
            VERBATIM)
        list(APPEND objects ${object})
    endforeach()
    add_custom_command(
        OUTPUT ${dir}/tcptrace.bpf.o
        COMMAND ${BPFTOOL} gen object ${dir}/tcptrace.bpf.o ${objects}
        DEPENDS ${objects}
        COMMENT "BPF link tcptrace.bpf.o"
        VERBATIM)
endfunction()

add_library(tcptrace_skel INTERFACE)
if(TCPTRACE_BPF_SOURCES)
    set(dir ${CMAKE_BINARY_DIR}/bpf)
    tcptrace_bpf_object(${CLANG_BPF} ${dir})
    add_custom_command(
        OUTPUT ${dir}/tcptrace.skel.h
        COMMAND ${BPFTOOL} gen skeleton ${dir}/tcptrace.bpf.o name tcptrace_bpf > ${dir}/tcptrace.skel.h
        DEPENDS ${dir}/tcptrace.bpf.o
        COMMENT "BPF skeleton"
        VERBATIM)
    add_custom_target(tcptrace_skel_header DEPENDS ${dir}/tcptrace.skel.h)
    add_dependencies(tcptrace_skel tcptrace_skel_header)
    target_include_directories(tcptrace_skel SYSTEM INTERFACE ${dir})

    if(CLANG14_BPF)
        tcptrace_bpf_object(${CLANG14_BPF} ${CMAKE_BINARY_DIR}/bpf_clang14)
        add_custom_target(bpf_clang14 DEPENDS ${CMAKE_BINARY_DIR}/bpf_clang14/tcptrace.bpf.o)
    endif()
endif()
