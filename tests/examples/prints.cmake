# SPDX-License-Identifier: MIT
# Runs PROGRAM, which has to succeed and to print the line EXPECTED and nothing else.
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT output STREQUAL "${EXPECTED}\n")
    message(FATAL_ERROR "${PROGRAM}: result ${result}, printed '${output}'")
endif()
