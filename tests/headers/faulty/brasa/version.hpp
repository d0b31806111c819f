#pragma once

#define BRASA_VERSION_MAJOR 0
