#pragma once

#include <cstdint>

/// How often this program has asked the system for memory, on any thread: malloc and its kin,
/// operator new included. Counted in programs that compile support/allocations.cpp; nothing is
/// counted under the sanitizers, which have functions of their own, and by other C libraries than
/// glibc.
std::int64_t allocations();

/// True if allocations are counted here.
bool counts_allocations();
