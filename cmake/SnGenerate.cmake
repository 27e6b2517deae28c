# SPDX-License-Identifier: MIT
#
# sn_generate(TARGET <target> SCHEMAS <file.yaml>... [WIRE] [WITH tests] [FUZZES <name>] [SIM])
#
# Generates C from each schema and compiles it into <target>, whose sources may then include the
# generated headers. Editing a schema, or a file that it imports, generates and compiles again what
# depends on it. cmake/README.md has the rule that makes this work without running CMake again.
#
# WIRE: the schemas have messages that say `wire: true`. Their codecs are compiled too, and linked
# with sn::wire and so with protobuf-c.
# WITH tests: each worker also gets the header PACKAGE_WORKER_test.h, for unit tests of handlers.
# FUZZES <name>: the target becomes a fuzzer of that worker, or of the codec of that message; it needs
# clang, whose libFuzzer has its main(), and is built with the address and undefined sanitizers.
# SIM: the target becomes a simulation of the schema, which has its main().
function(sn_generate)
    cmake_parse_arguments(PARSE_ARGV 0 arg "WIRE;SIM" "TARGET;FUZZES" "SCHEMAS;WITH")
    if(NOT TARGET "${arg_TARGET}")
        message(FATAL_ERROR "sn_generate: TARGET '${arg_TARGET}' is not a target")
    endif()
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_SCHEMAS)
        message(FATAL_ERROR
            "usage: sn_generate(TARGET <target> SCHEMAS <file.yaml>... [WIRE] [WITH tests] "
            "[FUZZES <name>] [SIM])")
    endif()
    get_target_property(home ${arg_TARGET} SOURCE_DIR)
    if(NOT home STREQUAL CMAKE_CURRENT_SOURCE_DIR)
        message(FATAL_ERROR "sn_generate: TARGET '${arg_TARGET}' is made in ${home}; "
            "call sn_generate() there")
    endif()

    set(options)
    foreach(what IN LISTS arg_WITH)
        if(NOT what MATCHES "^(tests)$")
            message(FATAL_ERROR "sn_generate: WITH takes tests, not '${what}'")
        endif()
        list(APPEND options --with-${what})
    endforeach()

    if(arg_FUZZES)
        if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
            message(FATAL_ERROR "sn_generate: FUZZES needs clang, for its libFuzzer")
        endif()
        list(APPEND options --with-fuzzers)
        target_compile_options(${arg_TARGET} PRIVATE
            -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
        target_link_options(${arg_TARGET} PRIVATE -fsanitize=fuzzer,address,undefined)
    endif()
    if(arg_SIM)
        list(APPEND options --with-sim)
    endif()

    set(dir ${CMAKE_CURRENT_BINARY_DIR}/sn-gen/${arg_TARGET})
    foreach(schema IN LISTS arg_SCHEMAS)
        get_filename_component(schema ${schema} ABSOLUTE)
        get_filename_component(stem ${schema} NAME_WLE)
        set(units ${dir}/${stem}.sn.c)
        if(arg_WIRE)
            list(APPEND units ${dir}/${stem}.wire.sn.c)
        endif()
        if(arg_FUZZES)
            list(APPEND units ${dir}/${stem}.${arg_FUZZES}_fuzz.c)
        endif()
        if(arg_SIM)
            list(APPEND units ${dir}/${stem}.sim.c)
        endif()
        # sngen leaves a file alone when its bytes would not change; touching the unit tells Make
        # that it is up to date.
        add_custom_command(
            OUTPUT ${units}
            BYPRODUCTS ${dir}/${stem}.sn.h
            COMMAND sn::sngen generate -o ${dir} -MD ${options} ${schema}
            COMMAND ${CMAKE_COMMAND} -E touch ${units}
            DEPENDS ${schema} sn::sngen
            DEPFILE ${dir}/${stem}.yaml.d
            COMMENT "Generating C from ${stem}.yaml"
            VERBATIM)
        target_sources(${arg_TARGET} PRIVATE ${units})
    endforeach()
    if(arg_WIRE)
        if(NOT TARGET sn::wire)
            message(FATAL_ERROR "sn_generate: WIRE needs sn::wire, which needs the development "
                "files of protobuf-c (libprotobuf-c-dev)")
        endif()
        target_link_libraries(${arg_TARGET} PRIVATE sn::wire)
    endif()

    target_include_directories(${arg_TARGET} PUBLIC $<BUILD_INTERFACE:${dir}>)
    # Without these two, gcc and clang only warn about an undeclared edge or the wrong `self`.
    target_compile_options(${arg_TARGET} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-Werror=implicit-function-declaration>
        $<$<COMPILE_LANGUAGE:C>:-Werror=incompatible-pointer-types>)
endfunction()
