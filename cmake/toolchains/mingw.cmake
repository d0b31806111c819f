# 64-bit Windows by g++, run by wine. Debian: g++-mingw-w64-x86-64-posix wine64 wine
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_CROSSCOMPILING_EMULATOR wine)
set(BRASA_HOST_INCLUDE_DIR /usr/include)

set(CMAKE_CXX_FLAGS_INIT -Wa,-mbig-obj) # unoptimised templates are many sections
set(CMAKE_EXE_LINKER_FLAGS_INIT -static) # no DLLs of the compiler to be found at run time

set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
