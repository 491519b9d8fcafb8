# SPDX-License-Identifier: Apache-2.0
# tcptrace_flags: what every C++ file of ours is compiled with. Optimisation is the presets'.
add_library(tcptrace_flags INTERFACE)

target_compile_options(tcptrace_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef
    -Wcast-qual -Wduplicated-cond -Wlogical-op -Wno-dangling-reference
    $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi -Wnon-virtual-dtor -Woverloaded-virtual>
    -fstack-protector-strong)
target_compile_definitions(tcptrace_flags INTERFACE
    _GLIBCXX_ASSERTIONS $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_link_options(tcptrace_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)

if(TCPTRACE_WERROR)
    target_compile_options(tcptrace_flags INTERFACE -Werror)
endif()

# fmt and spdlog: as shared libraries where sanitizers would make each file that includes them
# take ten seconds to compile; else as headers, for one binary that needs neither. (Debian's
# spdlog_header_only target cannot do that: it links libfmt.so.)
if(TCPTRACE_SANITIZE)
    target_link_libraries(tcptrace_flags INTERFACE fmt::fmt spdlog::spdlog)
    set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_compile_options(tcptrace_flags INTERFACE ${sanitize})
    target_link_options(tcptrace_flags INTERFACE ${sanitize})
else()
    target_compile_definitions(tcptrace_flags INTERFACE FMT_HEADER_ONLY SPDLOG_FMT_EXTERNAL)
    target_compile_options(tcptrace_flags INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(tcptrace_flags INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
endif()
