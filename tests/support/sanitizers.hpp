#pragma once

// BRASA_ADDRESS_SANITIZER is defined where the tests are built with it: it has an operator new of
// its own, keeps what was freed for a while, and makes exceptions slow.
#if defined(__SANITIZE_ADDRESS__)
#define BRASA_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BRASA_ADDRESS_SANITIZER 1
#endif
#endif

// BRASA_THREAD_SANITIZER likewise: it cannot follow a fork of a process with threads.
#if defined(__SANITIZE_THREAD__)
#define BRASA_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BRASA_THREAD_SANITIZER 1
#endif
#endif
