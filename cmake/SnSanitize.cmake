# SPDX-License-Identifier: MIT

add_compile_options(
    -fsanitize=${SN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
add_link_options(-fsanitize=${SN_SANITIZE})

# The run-time libraries of gcc 12 and clang 14 cannot map their shadow memory when the kernel
# randomises more than 28 bits of an address. CMake starts tests and sngen through this prefix.
set(random_bits 0)
if(EXISTS /proc/sys/vm/mmap_rnd_bits)
    file(STRINGS /proc/sys/vm/mmap_rnd_bits random_bits)
endif()
if(random_bits GREATER 28)
    set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
endif()
