# What brasa's own tests and examples are compiled with. None of it reaches those who use brasa.

# Warnings stop the build with the compilers that .ci/run has shown to be clean; a newer one may know
# warnings that we do not know yet, and only shows them.
set(clean_compilers "GNU 12" "Clang 14")
set(warnings_are_errors OFF)
string(REGEX MATCH "^[0-9]+" compiler_major "${CMAKE_CXX_COMPILER_VERSION}")
if("${CMAKE_CXX_COMPILER_ID} ${compiler_major}" IN_LIST clean_compilers)
  set(warnings_are_errors ON)
endif()
option(BRASA_WERROR "Treat warnings in brasa's tests and examples as errors" ${warnings_are_errors})

add_library(brasa_development INTERFACE)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" AND NOT MSVC)
  target_compile_options(brasa_development INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                     $<$<BOOL:${BRASA_WERROR}>:-Werror>)
endif()

# brasa_check_output(<test> <target> <expected file> [arguments...]): what <target> prints must be
# <expected file>, byte for byte (on Windows: but for the ends of lines).
function(brasa_check_output test target expected)
  add_test(NAME ${test}
           COMMAND ${CMAKE_COMMAND} -D
                   "PROGRAM=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:${target}>" -D
                   "ARGUMENTS=${ARGN}" -D "LINES=$<$<BOOL:${WIN32}>:--ignore-eol>"
                   -D EXPECTED=${expected}
                   -D ACTUAL=${CMAKE_CURRENT_BINARY_DIR}/${target}_output.txt
                   -P ${PROJECT_SOURCE_DIR}/tests/check_output.cmake)
endfunction()

# brasa_find_python(): sets Python3_Interpreter_FOUND and Python3_EXECUTABLE, and PYTHON_HAS_TORCH. To
# name a Python that has PyTorch, set Python3_EXECUTABLE.
macro(brasa_find_python)
  find_package(Python3 QUIET COMPONENTS Interpreter)
  set(PYTHON_HAS_TORCH OFF)
  if(Python3_Interpreter_FOUND)
    execute_process(
      COMMAND ${Python3_EXECUTABLE} -c
              "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
      RESULT_VARIABLE torch_is_missing OUTPUT_QUIET ERROR_QUIET)
    if(torch_is_missing EQUAL 0)
      set(PYTHON_HAS_TORCH ON)
    endif()
  endif()
endmacro()
