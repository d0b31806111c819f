# Compiles SOURCE, which must work; then with BRASA_SHOULD_FAIL, which must fail with what the file's
# "// expect:" line says. COMPILER and INCLUDE_DIRS say how.
cmake_minimum_required(VERSION 3.22)

if(NOT DEFINED EXPECTED)
  file(STRINGS ${SOURCE} lines REGEX "^// expect: ")
  list(LENGTH lines count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${SOURCE} needs one line '// expect: <regular expression>', has ${count}")
  endif()
  string(REGEX REPLACE "^// expect: " "" EXPECTED "${lines}")
endif()

list(REMOVE_ITEM INCLUDE_DIRS "")
list(REMOVE_DUPLICATES INCLUDE_DIRS)
list(TRANSFORM INCLUDE_DIRS PREPEND "-I")
set(compile ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDE_DIRS})

execute_process(COMMAND ${compile} ${SOURCE} RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "does not compile without its mistake:\n${output}")
endif()

execute_process(COMMAND ${compile} -DBRASA_SHOULD_FAIL ${SOURCE}
                RESULT_VARIABLE result ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "compiles with its mistake")
elseif(NOT output MATCHES "${EXPECTED}")
  message(FATAL_ERROR "its message does not match '${EXPECTED}':\n${output}")
endif()
