# Every header of the tree must stand in cmake/Headers.cmake, so that none goes without its checks.
cmake_minimum_required(VERSION 3.22)

include(${SOURCE_DIR}/cmake/Headers.cmake)
file(GLOB_RECURSE headers RELATIVE ${SOURCE_DIR}/include ${SOURCE_DIR}/include/*.hpp)
set(listed ${BRASA_HEADERS} ${BRASA_CHECKPOINT_HEADERS} ${BRASA_ZLIB_HEADERS})

list(REMOVE_ITEM headers ${listed})
list(JOIN headers "\n  " missing)
if(headers)
  message(FATAL_ERROR "add to cmake/Headers.cmake:\n  ${missing}")
endif()

set(core_only ${BRASA_HEADERS})
list(FILTER core_only INCLUDE REGEX "^brasa/checkpoint")
if(core_only)
  message(FATAL_ERROR "of BRASA_CHECKPOINT_HEADERS, not BRASA_HEADERS: ${core_only}")
endif()
