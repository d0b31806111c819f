#pragma once

#include "good.hpp"
