# SPDX-License-Identifier: MIT
#
# cmake --install: headers, both libraries, sngen with its schemas and pages, the CMake package,
# sn.pc and sn-wire.pc.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sn)
set(data_dir ${CMAKE_INSTALL_DATADIR}/sn)

install(DIRECTORY runtime/include/sn TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(DIRECTORY schemas/ DESTINATION ${data_dir}
    FILES_MATCHING PATTERN "*.yaml" PATTERN "*.schema.json")

install(FILES sngen/tool/sngen.1 runtime/postmortem/sn-postmortem.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES schemas/sn.yaml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES sngen/tool/sngen.bash RENAME sngen
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# The static library stands in an export of its own: whoever links it also needs the libraries that
# libsn.so keeps to itself.
install(TARGETS sn sngen EXPORT snTargets)
install(TARGETS sn-postmortem)
install(TARGETS sn_static EXPORT snStaticTargets)
# So does libsn-wire.a: only who has messages for the wire needs protobuf-c.
install(TARGETS sn_wire EXPORT snWireTargets)
install(EXPORT snWireTargets NAMESPACE sn:: DESTINATION ${package_dir})
install(EXPORT snTargets NAMESPACE sn:: DESTINATION ${package_dir})
install(EXPORT snStaticTargets NAMESPACE sn:: DESTINATION ${package_dir})

# What libsn.a leaves to the final link, by pkg-config's names for it.
get_property(libs GLOBAL PROPERTY SN_COMPONENT_LIBS)
list(REMOVE_DUPLICATES libs)
list(FILTER libs INCLUDE REGEX "^PkgConfig::")
list(TRANSFORM libs REPLACE "PkgConfig::" "")
set(SN_PRIVATE_CHECKS "")
set(SN_PRIVATE_LIBS "")
foreach(lib IN LISTS libs)
    list(APPEND SN_PRIVATE_LIBS ${${lib}_LDFLAGS})
    string(APPEND SN_PRIVATE_CHECKS "sn_check_private(${lib} ${SN_MODULE_${lib}})\n")
endforeach()
list(FILTER SN_PRIVATE_LIBS EXCLUDE REGEX "^-L/usr/lib") # found without being told
list(JOIN SN_PRIVATE_LIBS " " SN_PRIVATE_LIBS)

configure_package_config_file(cmake/snConfig.cmake.in snConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(snConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/snConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/snConfigVersion.cmake
    cmake/SnGenerate.cmake
    DESTINATION ${package_dir})

# Relative to the file itself, so that the installed tree can be moved.
file(RELATIVE_PATH pc_prefix
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
foreach(module sn sn-wire)
    configure_file(cmake/${module}.pc.in ${module}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${module}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
