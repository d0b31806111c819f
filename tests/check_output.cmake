# Runs PROGRAM with ARGUMENTS and fails unless it succeeds and its stdout is EXPECTED, byte for byte.
# What it printed stays in ACTUAL.
cmake_minimum_required(VERSION 3.22)

execute_process(
  COMMAND ${PROGRAM} ${ARGUMENTS}
  OUTPUT_FILE ${ACTUAL}
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}")
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${LINES} ${ACTUAL} ${EXPECTED}
                RESULT_VARIABLE differs ERROR_QUIET)
if(differs)
  find_program(diff diff)
  if(diff)
    execute_process(COMMAND ${diff} -u ${EXPECTED} ${ACTUAL})
  endif()
  message(FATAL_ERROR "${ACTUAL} is not ${EXPECTED}")
endif()
