# SPDX-License-Identifier: MIT
#
# One CMake target a folder. The LINKS of a component are the architecture diagram: what is not
# listed there does not link, and CMake refuses a cycle between targets of different kinds.
#
#   sn_component(ring SOURCES ring.c link.c LINKS base memory LIBS PkgConfig::CK)
#   sngen_component(yaml SOURCES yaml.c LINKS base LIBS PkgConfig::YAML)
#   sn_unit_test(ring_push SOURCES push_test.c LINKS sn_ring LABELS unit)

set(SN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow)

# What every C target of this project has in common; all of it PRIVATE, so that nothing leaks into
# a project that adds this one by add_subdirectory().
function(sn_target_defaults target)
    set_target_properties(${target} PROPERTIES
        C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
        C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
    if(PROJECT_IS_TOP_LEVEL)
        target_compile_options(${target} PRIVATE ${SN_WARNINGS})
    endif()
endfunction()

# The folder `name` below `area` (runtime or sngen) as the static library <prefix>_<name>.
function(_sn_add_component prefix area name)
    cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "SOURCES;LINKS;LIBS")
    set(target ${prefix}_${name})
    list(TRANSFORM arg_LINKS PREPEND ${prefix}_)

    add_library(${target} STATIC ${arg_SOURCES})
    sn_target_defaults(${target})
    target_include_directories(${target} PUBLIC ${sn_SOURCE_DIR}/${area})
    target_link_libraries(${target} PUBLIC ${arg_LINKS} PRIVATE ${arg_LIBS})
endfunction()

# A folder of the runtime: the target sn_<name>, part of libsn. LINKS names other folders.
function(sn_component name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;LIBS")
    _sn_add_component(sn runtime ${name} ${ARGN})
    target_include_directories(sn_${name} PUBLIC ${sn_SOURCE_DIR}/runtime/include)
    set_property(GLOBAL APPEND PROPERTY SN_COMPONENTS sn_${name})
    set_property(GLOBAL APPEND PROPERTY SN_COMPONENT_LIBS ${arg_LIBS})
endfunction()

# A folder of the generator: the target sngen_<name>. LINKS names other folders of sngen.
function(sngen_component name)
    _sn_add_component(sngen sngen ${name} ${ARGN})
endfunction()

# One test program on the Check framework, run by ctest under `name`. LINKS names targets in full.
function(sn_unit_test name)
    if(NOT SN_BUILD_TESTS)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;LABELS")
    if(NOT arg_LABELS)
        set(arg_LABELS unit)
    endif()

    add_executable(test_${name} ${arg_SOURCES})
    sn_target_defaults(test_${name})
    target_include_directories(test_${name} PRIVATE ${sn_SOURCE_DIR}/tests/unit)
    target_link_libraries(test_${name} PRIVATE ${arg_LINKS} PkgConfig::CHECK)
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES 
        LABELS "${arg_LABELS}" TIMEOUT 120 ENVIRONMENT CK_DEFAULT_TIMEOUT=60)
endfunction()
