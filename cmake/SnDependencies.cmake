# SPDX-License-Identifier: MIT
#
# The third-party libraries, each as an imported target PkgConfig::<NAME>; only the folder that
# includes one links it. SN_MODULE_<NAME> keeps its pkg-config name for the installed package.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# sn_find(<NAME> <pkg-config module> <Debian package>)
function(sn_find name module package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "sn needs ${module}, which pkg-config does not find. "
            "On Debian: apt install ${package} (or run: sh cmake/deps.sh)")
    endif()
    set(SN_MODULE_${name} ${module} PARENT_SCOPE)
endfunction()

sn_find(CK ck libck-dev)
sn_find(HWLOC hwloc libhwloc-dev)
sn_find(URING liburing liburing-dev)
sn_find(PROTOBUFC libprotobuf-c libprotobuf-c-dev)
sn_find(XXHASH libxxhash libxxhash-dev)
sn_find(YAML yaml-0.1 libyaml-dev)
if(SN_BUILD_TESTS)
    sn_find(CHECK check check)
endif()
