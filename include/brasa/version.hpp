#pragma once

// CMakeLists.txt reads these three lines: the version is written nowhere else.
#define BRASA_VERSION_MAJOR 0
#define BRASA_VERSION_MINOR 1
#define BRASA_VERSION_PATCH 0
