# Checks the arrows between brasa's folders: cmake -D INCLUDE_DIR=include -P include_order.cmake
#
# A header may include what stands before it in this list, and its own folder. So each layer can be
# read, tested and replaced without those above it.
cmake_minimum_required(VERSION 3.22)

set(layers
    "^brasa/(version|fwd)\\.hpp$"
    "^brasa/core/"
    "^brasa/kernels/"
    "^brasa/threads\\.hpp$"
    "^brasa/autograd/"
    "^brasa/ops/"
    "^brasa/nn/functional/"
    "^brasa/nn/[a-z_]+\\.hpp$" # parameter, module, init
    "^brasa/nn/utils/"
    "^brasa/nn/modules/"
    "^brasa/optim/"
    "^brasa/data/"
    "^brasa/checkpoint(/|\\.hpp$)"
    "^brasa/brasa\\.hpp$")

# The layer's place in the list, or -1.
function(rank_of header result)
  set(rank 0)
  foreach(layer IN LISTS layers)
    if(header MATCHES "${layer}")
      set(${result} ${rank} PARENT_SCOPE)
      return()
    endif()
    math(EXPR rank "${rank} + 1")
  endforeach()
  set(${result} -1 PARENT_SCOPE)
endfunction()

# The reason why `header` must not include `included` ("<vector>", "\"brasa/core/shape.hpp\""), or "".
function(fault_of header included result)
  set(fault "")
  string(REGEX REPLACE "[<>\"]" "" target "${included}")
  if(target MATCHES "^brasa/")
    rank_of(${header} own)
    rank_of(${target} other)
    if(other EQUAL -1)
      set(fault "it stands in no layer")
    elseif(other GREATER own)
      set(fault "arrows point upward only")
    elseif(header STREQUAL "brasa/brasa.hpp" AND target MATCHES "^brasa/checkpoint")
      set(fault "brasa.hpp needs Eigen alone")
    elseif(target STREQUAL "brasa/threads.hpp")
      set(fault "only those who want threads compile them")
    endif()
  elseif(included MATCHES "^\"")
    set(fault "name it from the top: \"brasa/...\"")
  elseif(target STREQUAL "iostream")
    set(fault "<ostream> or <iosfwd> will do")
  elseif(target MATCHES "^(Eigen|unsupported)/" AND NOT target STREQUAL "Eigen/Core"
         AND NOT (target MATCHES "/ThreadPool$" AND header STREQUAL "brasa/threads.hpp"))
    set(fault "only <Eigen/Core> compiles fast")
  elseif(target MATCHES "^nlohmann/" AND NOT header MATCHES "^brasa/checkpoint/")
    set(fault "JSON belongs to checkpoint/")
  elseif(target MATCHES "intrin\\.h$|^arm_(neon|sve)\\.h$" AND NOT header MATCHES "^brasa/kernels/")
    set(fault "instruction sets belong to kernels/")
  endif()
  set(${result} "${fault}" PARENT_SCOPE)
endfunction()

# Whether a file holds comments, #pragma once and includes, and nothing else.
function(holds_includes_only path result)
  file(READ ${path} text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "#pragma once|#include [^\n]*" "" text "${text}")
  string(STRIP "${text}" text)
  if(text STREQUAL "")
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

file(REAL_PATH ${INCLUDE_DIR} INCLUDE_DIR)
file(GLOB_RECURSE headers RELATIVE ${INCLUDE_DIR} ${INCLUDE_DIR}/*.hpp)
list(SORT headers)
if(NOT headers)
  message(FATAL_ERROR "no headers in ${INCLUDE_DIR}")
endif()

set(faults "")
foreach(header IN LISTS headers)
  rank_of(${header} rank)
  if(rank EQUAL -1)
    list(APPEND faults "${header}: it stands in no layer")
    continue()
  endif()
  file(STRINGS ${INCLUDE_DIR}/${header} lines REGEX "^[ \t]*#[ \t]*include[ \t]")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "[<\"][^>\"]+[>\"]" included "${line}")
    fault_of(${header} "${included}" fault)
    if(fault)
      list(APPEND faults "${header} includes ${included}: ${fault}")
    endif()
  endforeach()
  if(header MATCHES "^brasa/(brasa|checkpoint)\\.hpp$")
    holds_includes_only(${INCLUDE_DIR}/${header} only)
    if(NOT only)
      list(APPEND faults "${header}: it holds includes only")
    endif()
  endif()
endforeach()

list(JOIN faults "\n  " report) # indented, lest CMake breaks the lines
if(DEFINED EXPECTED) # the test of this test: a faulty tree must give exactly these faults
  file(READ ${EXPECTED} expected)
  string(STRIP "${expected}" expected)
  string(REPLACE "\n" "\n  " expected "${expected}")
  if(NOT report STREQUAL expected)
    message(FATAL_ERROR "expected:\n  ${expected}\ngot:\n  ${report}")
  endif()
elseif(faults)
  message(FATAL_ERROR "faults:\n  ${report}")
endif()
