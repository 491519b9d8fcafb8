# SPDX-License-Identifier: Apache-2.0
# Registers all tests. A test is added by adding a file:
#   tests/unit/**/X_test.cpp  one Catch2 program a folder, one ctest a file: unit.<folder>.X
#   tests/bpf/**/X_test.cpp   the same, bpf.X, with the skeleton and libbpf
#   tests/KIND/X.test         an executable script: KIND.X; exit 77 = "cannot run here"
# tests/support/*.cpp is linked into every Catch2 program; includes there are "support/x.h".
find_package(Catch2 3.7 REQUIRED)

# One at a time: tracepoints see the whole machine (architecture.md, trap 17).
set(takes_the_kernel bpf netns)
set(test_environment
    "TCPTRACE=${CMAKE_BINARY_DIR}/tcptrace"
    "SOURCE_DIR=${CMAKE_SOURCE_DIR}"
    "SHARED=${CMAKE_SOURCE_DIR}/../shared"
    "ASAN_OPTIONS=abort_on_error=0:halt_on_error=1:detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1")

function(tcptrace_test name kind skip_code)
    set_tests_properties(${name} PROPERTIES
        LABELS ${kind} SKIP_RETURN_CODE ${skip_code} TIMEOUT 900 ENVIRONMENT "${test_environment}")
    if(kind IN_LIST takes_the_kernel)
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK kernel_tracepoints)
    elseif(kind STREQUAL kernels) # whole machines: nothing that keeps time beside them
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON TIMEOUT 1200)
    endif()
endfunction()

add_library(tcptrace_test_support INTERFACE)
target_link_libraries(tcptrace_test_support INTERFACE
    Catch2::Catch2WithMain nlohmann_json::nlohmann_json tcptrace_skel bpf pcap)
target_include_directories(tcptrace_test_support INTERFACE ${CMAKE_SOURCE_DIR}/tests)
target_compile_definitions(tcptrace_test_support INTERFACE
    TCPTRACE_BINARY="${CMAKE_BINARY_DIR}/tcptrace" TCPTRACE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

file(GLOB support_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.cpp)
if(support_sources)
    add_library(tcptrace_test_support_objects OBJECT ${support_sources})
    target_link_libraries(tcptrace_test_support_objects PRIVATE tcptrace_test_support)
    tcptrace_link_layers(tcptrace_test_support_objects)
endif()

# One program of all the tests of one folder; C files beside them are linked in.
function(tcptrace_catch_folder folder kind)
    file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cpp)
    file(GLOB helpers CONFIGURE_DEPENDS ${folder}/*.c)
    if(NOT tests)
        return()
    endif()
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${CMAKE_SOURCE_DIR}/tests OUTPUT_VARIABLE dotted)
    string(REPLACE "/" "." dotted ${dotted})
    set(program ${dotted}.tests)
    add_executable(${program} ${tests} ${helpers})
    tcptrace_link_layers(${program})
    target_link_libraries(${program} PRIVATE tcptrace_test_support)
    if(TARGET tcptrace_test_support_objects)
        target_link_libraries(${program} PRIVATE tcptrace_test_support_objects)
    endif()
    foreach(test IN LISTS tests)
        cmake_path(GET test STEM tag)
        string(REGEX REPLACE "_test$" "" short ${tag})
        add_test(NAME ${dotted}.${short} COMMAND ${program} --filenames-as-tags "[#${tag}]")
        tcptrace_test(${dotted}.${short} ${kind} 4) # 4: Catch2's "all skipped"
    endforeach()
endfunction()

foreach(kind unit bpf)
    set(top ${CMAKE_SOURCE_DIR}/tests/${kind})
    file(GLOB_RECURSE folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${top}/*)
    foreach(folder IN ITEMS ${top} LISTS folders)
        if(IS_DIRECTORY ${folder})
            tcptrace_catch_folder(${folder} ${kind})
        endif()
    endforeach()
endforeach()

foreach(kind check cli netns oracle kernels)
    file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${kind}/*.test)
    foreach(script IN LISTS scripts)
        cmake_path(GET script STEM name)
        add_test(NAME ${kind}.${name} COMMAND ${script})
        tcptrace_test(${kind}.${name} ${kind} 77)
    endforeach()
endforeach()

if(TARGET bpf_clang14)
    add_test(NAME bpf.clang14_builds COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target bpf_clang14)
    set_tests_properties(bpf.clang14_builds PROPERTIES LABELS bpf TIMEOUT 300)
endif()
