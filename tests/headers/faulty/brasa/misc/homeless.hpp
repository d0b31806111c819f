#pragma once

#include "brasa/core/good.hpp"
