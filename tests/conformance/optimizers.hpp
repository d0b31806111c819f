#pragma once

// Recorded cases of torch.optim, held against brasa. Of optimizers: the parameters after each step,
// the state and its layout, the text, going on from a state, the errors. Of schedulers: the rates
// after each step, to the bit, the state at the beginning, half-way and at the end, going on from
// one.

#include <string>
#include <vector>

#include "conformance/checks.hpp"

namespace conformance {

inline constexpr const char* kOptimizers[] = {"Adadelta", "Adagrad", "Adam",  "AdamW",   "Adamax",
                                              "LBFGS",    "NAdam",   "RAdam", "RMSprop", "SGD"};
inline constexpr const char* kSchedulers[] = {"ChainedScheduler",
                                              "ConstantLR",
                                              "CosineAnnealingLR",
                                              "CosineAnnealingWarmRestarts",
                                              "CyclicLR",
                                              "ExponentialLR",
                                              "LambdaLR",
                                              "LinearLR",
                                              "MultiStepLR",
                                              "MultiplicativeLR",
                                              "OneCycleLR",
                                              "PolynomialLR",
                                              "ReduceLROnPlateau",
                                              "SequentialLR",
                                              "StepLR"};

inline bool is_scheduler(const std::string& subject) {
  return subject.starts_with("optim.lr_scheduler.");
}
inline bool is_optimizer(const std::string& subject) {
  return subject.starts_with("optim.") && !is_scheduler(subject);
}

/// Runs a case. Throws golden::Unsupported for what brasa does not have.
void run_optimizer(const Case& c);
void run_scheduler(const Case& c);

}  // namespace conformance
