# Takes brasa as others do, in a folder of its own (WORK) that knows nothing of this one, by one of the
# ways there are (WAY), builds main.cpp against it and compares what it prints.
cmake_minimum_required(VERSION 3.22)

set(project ${WORK}/project)
file(REMOVE_RECURSE ${WORK})
file(COPY ${CMAKE_CURRENT_LIST_DIR}/main.cpp DESTINATION ${project})
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${WAY}/CMakeLists.txt)
  file(COPY ${CMAKE_CURRENT_LIST_DIR}/${WAY}/CMakeLists.txt DESTINATION ${project})
endif()

macro(run)
  execute_process(COMMAND ${ARGV} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY
                  WORKING_DIRECTORY ${project})
endmacro()

set(options)
if(WAY STREQUAL "find_package" OR WAY STREQUAL "pkg_config")
  # Moved after it was installed: nothing in it may know where it was.
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed)
  file(RENAME ${WORK}/installed ${WORK}/prefix)
  list(APPEND options -DCMAKE_PREFIX_PATH=${WORK}/prefix -DBRASA_VERSION=${VERSION})
elseif(WAY STREQUAL "single_header")
  run(${PYTHON} ${SOURCE}/tools/amalgamate ${project}/brasa.hpp)
else()
  foreach(part IN ITEMS CMakeLists.txt cmake include)
    file(COPY ${SOURCE}/${part} DESTINATION ${WORK}/brasa)
  endforeach()
  list(APPEND options -DBRASA_SOURCES=${WORK}/brasa)
endif()

if(WAY STREQUAL "pkg_config")
  set(ENV{PKG_CONFIG_PATH} ${WORK}/prefix/share/pkgconfig)
  execute_process(COMMAND pkg-config --cflags brasa-checkpoint OUTPUT_VARIABLE flags
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  file(MAKE_DIRECTORY ${project}/build)
  run(${COMPILER} -std=c++20 -DWITH_CHECKPOINT ${flags} main.cpp -o build/consumer)
else()
  run(${CMAKE_COMMAND} -S . -B build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER}
      -DCMAKE_BUILD_TYPE=Debug ${options})
  run(${CMAKE_COMMAND} --build build)
endif()

foreach(program IN ITEMS consumer core)
  if(EXISTS ${project}/build/${program})
    run(${CMAKE_COMMAND} -D PROGRAM=build/${program} -D ARGUMENTS=
        -D EXPECTED=${CMAKE_CURRENT_LIST_DIR}/expected_output.txt -D ACTUAL=build/output.txt -P
        ${CMAKE_CURRENT_LIST_DIR}/../check_output.cmake)
    list(APPEND ran ${program})
  endif()
endforeach()
if(NOT "consumer" IN_LIST ran)
  message(FATAL_ERROR "the consumer was not built")
endif()
