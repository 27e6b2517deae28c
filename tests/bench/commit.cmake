# SPDX-License-Identifier: MIT
# Write OUTPUT with the commit of SOURCE and the compiler's flags, touching it only when its text
# changes. Run at each build, so that the commit printed is the one built; without git, or outside
# a repository, the commit is "unknown".
set(commit "unknown")
find_program(git_program git)
if(git_program)
    execute_process(COMMAND ${git_program} -C ${SOURCE} rev-parse --short=12 HEAD
                    OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                    RESULT_VARIABLE rc)
    if(rc EQUAL 0)
        set(commit "${head}")
        execute_process(COMMAND ${git_program} -C ${SOURCE} status --porcelain -uno
                        OUTPUT_VARIABLE changes ERROR_QUIET)
        if(NOT changes STREQUAL "")
            string(APPEND commit " and local changes")
        endif()
    endif()
endif()
set(text "#define SN_BENCH_COMMIT \"${commit}\"\n#define SN_BENCH_FLAGS \"${FLAGS}\"\n")
set(old "")
if(EXISTS ${OUTPUT})
    file(READ ${OUTPUT} old)
endif()
if(NOT text STREQUAL old)
    file(WRITE ${OUTPUT} "${text}")
endif()
