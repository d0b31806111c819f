#pragma once

// How well a classifier does, summed up over batches.

#include <brasa/brasa.hpp>
#include <cstdint>
#include <cstdio>
#include <string>

class Score {
 public:
  /// One batch: its mean loss, what the model said `(N, classes)`, and the right classes `(N,)`.
  void add(const brasa::Tensor<float>& loss, const brasa::Tensor<float>& logits,
           const brasa::Tensor<std::int64_t>& labels) {
    samples_ += labels.size(0);
    loss_ += static_cast<double>(loss.item()) * static_cast<double>(labels.size(0));
    right_ += (logits.argmax(1) == labels).sum().item();
  }

  double loss() const { return loss_ / static_cast<double>(samples_); }
  /// The share of samples that were classified right, 0 to 1.
  double accuracy() const { return static_cast<double>(right_) / static_cast<double>(samples_); }

  std::string text() const {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "loss %.4f  accuracy %5.1f %%", loss(), 100 * accuracy());
    return buffer;
  }

 private:
  std::int64_t samples_ = 0;
  std::int64_t right_ = 0;
  double loss_ = 0;
};
