# SPDX-License-Identifier: Apache-2.0
# tests/bench/X.cpp -> <build>/tests/bench/X, for scripts/bench: the target `bench`. Built with
# everything only where the tests are, so that they keep compiling.
add_custom_target(bench $<$<BOOL:${TCPTRACE_TESTS}>:ALL>)

file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/bench/*.cpp)
foreach(source IN LISTS bench_sources)
    cmake_path(GET source STEM name)
    add_executable(bench.${name} EXCLUDE_FROM_ALL ${source})
    set_target_properties(bench.${name} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bench)
    tcptrace_link_layers(bench.${name})
    target_link_libraries(bench.${name} PRIVATE tcptrace_skel bpf)
    add_dependencies(bench bench.${name})
endforeach()
