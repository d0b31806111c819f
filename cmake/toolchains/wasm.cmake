# WebAssembly by emscripten, run by Node. Debian: emscripten nodejs; else EMSDK's, by its variable.
if(DEFINED ENV{EMSDK})
  set(emscripten $ENV{EMSDK}/upstream/emscripten)
else()
  set(emscripten /usr/share/emscripten)
endif()
include(${emscripten}/cmake/Modules/Platform/Emscripten.cmake)
set(BRASA_HOST_INCLUDE_DIR /usr/include)

set(CMAKE_CXX_FLAGS_INIT -fexceptions)
# Files are the machine's own, and the memory may grow.
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-fexceptions -sNODERAWFS=1 -sALLOW_MEMORY_GROWTH=1 -sEXIT_RUNTIME=1")

# Older releases take Node 18 and later, which know fetch, for a browser.
if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.30)
  list(APPEND CMAKE_CROSSCOMPILING_EMULATOR --no-experimental-fetch)
endif()
