#pragma once

#include <Eigen/Core>
#include <ostream>

#include "brasa/version.hpp"
