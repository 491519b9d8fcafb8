# SPDX-License-Identifier: Apache-2.0
# One target a folder of userspace/, which sees the contract, itself, and the folders it may
# include, and no others: each folder is reached through a directory which holds a link to it alone.

# tcptrace_layer(NAME [MAY_INCLUDE layer...] [LINK library...])
# Object libraries, because detectors register themselves and an archive would leave them out.
function(tcptrace_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "MAY_INCLUDE;LINK")
    set_property(GLOBAL APPEND PROPERTY TCPTRACE_LAYERS ${name})

    set(door ${CMAKE_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${door})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/userspace/${name} ${door}/${name} SYMBOLIC)

    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/userspace/${name}/*.cpp)
    if(NOT sources)
        set(sources ${CMAKE_BINARY_DIR}/layers/empty.cpp) # a folder of headers only, so far
        file(TOUCH ${sources})
    endif()
    add_library(tcptrace_${name} OBJECT ${sources})
    target_include_directories(tcptrace_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${door})

    list(TRANSFORM arg_MAY_INCLUDE PREPEND tcptrace_)
    target_link_libraries(tcptrace_${name} PRIVATE tcptrace_flags ${arg_MAY_INCLUDE} ${arg_LINK})
endfunction()

# Links every layer into an executable.
function(tcptrace_link_layers target)
    get_property(layers GLOBAL PROPERTY TCPTRACE_LAYERS)
    list(TRANSFORM layers PREPEND tcptrace_)
    target_link_libraries(${target} PRIVATE tcptrace_flags ${layers})
endfunction()
