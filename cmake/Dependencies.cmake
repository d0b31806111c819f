# Where the libraries that brasa stands on come from: this machine, by find_package; where it has
# none, a pinned release, fetched. To use a copy of your own, set FETCHCONTENT_SOURCE_DIR_EIGEN,
# …_NLOHMANN_JSON or …_CATCH2 to its folder, or CMAKE_PREFIX_PATH to where it is installed.
include(FetchContent)

if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW) # a fetched file is as new as its download
endif()

FetchContent_Declare(
  eigen
  URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.bz2
  URL_HASH SHA256=b4c198460eba6f28d34894e3a5710998818515104d6e74e5cc331ce31e46e626
  SOURCE_SUBDIR no-build-of-its-own) # headers are all we need of it

FetchContent_Declare(
  nlohmann_json
  URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
  URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d
  SOURCE_SUBDIR no-build-of-its-own)

FetchContent_Declare(
  catch2
  URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.6.0.tar.gz
  URL_HASH SHA256=485932259a75c7c6b72d4b874242c489ea5155d17efa345eb8cc72159f49f356)

# A header-only library from a fetched folder. SYSTEM: its warnings are not ours.
function(brasa_add_fetched_headers target include_dir)
  message(STATUS "brasa: ${target} is not installed here; using a fetched release")
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE ${include_dir})
endfunction()

# Headers serve every system. Where brasa is compiled for another one (cmake/toolchains), those of
# this machine are used, by links to them alone: /usr/include holds much that is not for others.
if(BRASA_HOST_INCLUDE_DIR)
  set(host_headers ${PROJECT_BINARY_DIR}/host_headers)
  file(MAKE_DIRECTORY ${host_headers})
  foreach(name IN ITEMS eigen3 nlohmann catch2)
    file(CREATE_LINK ${BRASA_HOST_INCLUDE_DIR}/${name} ${host_headers}/${name} SYMBOLIC)
  endforeach()
  foreach(target IN ITEMS Eigen3::Eigen nlohmann_json::nlohmann_json Catch2::Catch2)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${host_headers})
  endforeach()
  target_include_directories(Eigen3::Eigen SYSTEM INTERFACE ${host_headers}/eigen3)
endif()

# Eigen 3.4 and 5.x: its version file takes a request for 3.4 as "3 only", so the check is ours.
function(brasa_find_eigen)
  if(TARGET Eigen3::Eigen)
    return()
  endif()
  find_package(Eigen3 QUIET CONFIG)
  if(TARGET Eigen3::Eigen AND Eigen3_VERSION VERSION_GREATER_EQUAL 3.4)
    set_target_properties(Eigen3::Eigen PROPERTIES IMPORTED_GLOBAL TRUE)
    return()
  elseif(TARGET Eigen3::Eigen)
    message(FATAL_ERROR "brasa needs Eigen 3.4 or newer; ${Eigen3_DIR} is ${Eigen3_VERSION}. "
                        "Set CMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON to fetch one.")
  endif()
  FetchContent_MakeAvailable(eigen)
  brasa_add_fetched_headers(Eigen3::Eigen ${eigen_SOURCE_DIR})
endfunction()

function(brasa_find_json)
  if(TARGET nlohmann_json::nlohmann_json)
    return()
  endif()
  find_package(nlohmann_json 3.9 QUIET CONFIG)
  if(TARGET nlohmann_json::nlohmann_json)
    set_target_properties(nlohmann_json::nlohmann_json PROPERTIES IMPORTED_GLOBAL TRUE)
    return()
  endif()
  FetchContent_MakeAvailable(nlohmann_json)
  brasa_add_fetched_headers(nlohmann_json::nlohmann_json ${nlohmann_json_SOURCE_DIR}/include)
endfunction()

# Version 2 or 3: tests/support/catch.hpp knows both.
function(brasa_find_catch2)
  if(NOT TARGET Catch2::Catch2)
    find_package(Catch2 QUIET CONFIG)
  endif()
  if(NOT TARGET Catch2::Catch2)
    message(STATUS "brasa: Catch2 is not installed here; using a fetched release")
    FetchContent_MakeAvailable(catch2)
    get_target_property(include_dirs Catch2 INTERFACE_INCLUDE_DIRECTORIES)
    set_target_properties(Catch2 PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${include_dirs}")
  endif()
endfunction()
