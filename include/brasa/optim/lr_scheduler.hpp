#pragma once

/// Everything that changes learning rates: torch.optim.lr_scheduler.

#include "brasa/optim/lr_scheduler/chained_scheduler.hpp"
#include "brasa/optim/lr_scheduler/constant_lr.hpp"
#include "brasa/optim/lr_scheduler/cosine_annealing_lr.hpp"
#include "brasa/optim/lr_scheduler/cosine_annealing_warm_restarts.hpp"
#include "brasa/optim/lr_scheduler/cyclic_lr.hpp"
#include "brasa/optim/lr_scheduler/exponential_lr.hpp"
#include "brasa/optim/lr_scheduler/lambda_lr.hpp"
#include "brasa/optim/lr_scheduler/linear_lr.hpp"
#include "brasa/optim/lr_scheduler/multi_step_lr.hpp"
#include "brasa/optim/lr_scheduler/multiplicative_lr.hpp"
#include "brasa/optim/lr_scheduler/one_cycle_lr.hpp"
#include "brasa/optim/lr_scheduler/polynomial_lr.hpp"
#include "brasa/optim/lr_scheduler/reduce_lr_on_plateau.hpp"
#include "brasa/optim/lr_scheduler/sequential_lr.hpp"
#include "brasa/optim/lr_scheduler/step_lr.hpp"
