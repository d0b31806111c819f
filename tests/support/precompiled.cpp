// Compiled first, with the precompiled header that the test programs use again: see
// ../CMakeLists.txt.
