#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/error.hpp"
#include "brasa/core/shape.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"

namespace brasa {

/// How `summary` goes about it.
struct SummaryOptions {
  /// Modules deeper than this are not shown; the last ones shown stand for what is in them.
  int depth = 3;
};

/// A line of a summary: a call of a module, or a container that only holds modules.
struct LayerSummary {
  std::string type_name;
  int depth = 0;                      ///< 0: the model itself
  int index = 0;                      ///< counts the lines of one depth from 1
  bool leaf = false;                  ///< holds no other module
  bool repeated = false;              ///< has a line further up already
  bool called = false;                ///< false: a container that is never called itself
  Shape output_shape;                 ///< of the first tensor that it gave
  std::int64_t output_bytes = 0;      ///< of that tensor
  std::int64_t params = 0;            ///< elements of its parameters and those of its children
  std::int64_t trainable_params = 0;  ///< those that require a gradient
  std::int64_t mult_adds = 0;         ///< of a leaf
  /// Parameters in it that no line below it shows: its own, and those of modules that were not
  /// called.
  std::int64_t own_params = 0;
  std::int64_t own_trainable_params = 0;
};

/// What `summary` gives: the lines of the table and its totals. Printing it, or `repr`, gives the
/// table.
struct Summary {
  std::vector<LayerSummary> layers;
  std::int64_t params = 0;
  std::int64_t trainable_params = 0;
  std::int64_t mult_adds = 0;
  std::int64_t input_bytes = 0;
  std::int64_t output_bytes = 0;  ///< of layers with parameters, twice: a gradient needs as much
  std::int64_t param_bytes = 0;   ///< of the modules that hold no others
  int depth = 3;                  ///< modules deeper than this are not printed
};

namespace detail {

/// A module as it is before any call: what all its lines have in common.
struct SummaryModule {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  LayerSummary line;
  std::size_t parent = kNone;
  std::vector<std::pair<std::string, std::int64_t>> sizes;  // of its parameters, by name
};

/// As torchinfo counts: each element of weights and biases, for each entry of the batch; for
/// convolutions also for each place of the output.
inline std::int64_t count_mult_adds(const SummaryModule& module, const Shape& output) {
  const std::size_t rank = output.size();
  const bool convolution = module.line.type_name.find("Conv") != std::string::npos;
  std::int64_t batch = rank > 0 ? output[0] : 1;
  const std::int64_t steps = rank > 1 ? batch * output[1] : batch;
  if (convolution && rank > 2) batch *= numel_of(output.slice(2, rank));
  std::int64_t total = 0;
  for (const auto& [name, size] : module.sizes) {
    const bool counted =
        name.find("weight") != std::string::npos || name.find("bias") != std::string::npos;
    const bool recurrent = name != "weight" && name != "bias";  // e.g. weight_ih_l0
    if (counted) total += size * (recurrent ? steps : batch);
  }
  return total;
}

/// Collects the calls of modules, in their order, and makes a Summary of them.
class SummaryBuilder {
 public:
  std::size_t add_module(SummaryModule module) {
    modules_.push_back(std::move(module));
    return modules_.size() - 1;
  }

  void begin_call(std::size_t module) {
    under_way_.emplace_back(module, calls_.size());
    calls_.push_back({module, modules_[module].line});
    calls_.back().line.called = true;
  }

  void end_call(const Shape& output, std::size_t scalar_size) {
    const auto [module, call] = under_way_.back();
    under_way_.pop_back();
    LayerSummary& line = calls_[call].line;
    line.output_shape = output;
    line.output_bytes = numel_of(output) * static_cast<std::int64_t>(scalar_size);
    if (line.leaf) line.mult_adds = count_mult_adds(modules_[module], output);
  }

  Summary finish(std::size_t scalar_size, const Shape& input, int depth) const {
    Summary summary;
    summary.depth = depth;
    const auto bytes = static_cast<std::int64_t>(scalar_size);
    summary.input_bytes = numel_of(input) * bytes;
    summary.layers = lines();
    number(summary.layers);
    leave_to_parents(summary.layers);
    for (const LayerSummary& line : summary.layers) {
      summary.mult_adds += line.mult_adds;
      if (line.leaf && line.params > 0) summary.output_bytes += 2 * line.output_bytes;
      if (line.repeated) continue;
      summary.params += std::max<std::int64_t>(line.own_params, 0);
      summary.trainable_params += std::max<std::int64_t>(line.own_trainable_params, 0);
      if (line.leaf) summary.param_bytes += line.params * bytes;
    }
    return summary;
  }

 private:
  struct Call {
    std::size_t module;
    LayerSummary line;
  };

  /// The calls, and before them the containers they are in that are never called themselves.
  std::vector<LayerSummary> lines() const {
    std::vector<LayerSummary> all;
    std::vector<bool> seen(modules_.size());
    std::vector<std::size_t> open;  // the module whose line is above, at each depth
    const auto add = [&](std::size_t module, LayerSummary line) {
      line.repeated = seen[module];
      seen[module] = true;
      open.resize(static_cast<std::size_t>(line.depth), SummaryModule::kNone);
      open.push_back(module);
      all.push_back(std::move(line));
    };
    for (const Call& call : calls_) {
      std::vector<std::size_t> above;  // innermost first
      for (std::size_t parent = modules_[call.module].parent; parent != SummaryModule::kNone;
           parent = modules_[parent].parent) {
        above.push_back(parent);
      }
      for (std::size_t depth = 1; depth < above.size(); ++depth) {
        const std::size_t container = above[above.size() - 1 - depth];
        if (depth >= open.size() || open[depth] != container) {
          add(container, modules_[container].line);
        }
      }
      add(call.module, call.line);
    }
    return all;
  }

  static void number(std::vector<LayerSummary>& lines) {
    std::map<int, int> counts;
    for (LayerSummary& line : lines) line.index = ++counts[line.depth];
  }

  /// Sets own_params: what the lines below a line do not show. From the last line to the first, so
  /// that those below are known.
  static void leave_to_parents(std::vector<LayerSummary>& lines) {
    for (std::size_t i = lines.size(); i-- > 0;) {
      LayerSummary& line = lines[i];
      line.own_params = line.params;
      line.own_trainable_params = line.trainable_params;
      for (std::size_t k = i + 1; k < lines.size() && lines[k].depth > line.depth; ++k) {
        if (lines[k].repeated) continue;
        line.own_params -= lines[k].own_params;
        line.own_trainable_params -= lines[k].own_trainable_params;
      }
    }
  }

  std::vector<SummaryModule> modules_;
  std::vector<Call> calls_;
  std::vector<std::pair<std::size_t, std::size_t>> under_way_;  // module and place in calls_
};

/// Registers hooks on all modules of `copy` that tell `builder` of their calls. Parameters are
/// counted in the original, where they may be shared.
template <FloatScalar S>
void watch_calls(SummaryBuilder& builder, const nn::Module<S>& original, nn::Module<S>& copy,
                 std::size_t parent = SummaryModule::kNone, int depth = 0) {
  SummaryModule module;
  module.parent = parent;
  module.line.type_name = std::string(original.type_name());
  module.line.depth = depth;
  const auto children = original.children();
  const auto copied_children = copy.children();
  module.line.leaf = children.empty();
  for (const auto& [name, parameter] : original.named_parameters()) {
    module.line.params += parameter.numel();
    if (parameter.requires_grad()) module.line.trainable_params += parameter.numel();
    module.sizes.emplace_back(name, parameter.numel());
  }
  const std::size_t index = builder.add_module(std::move(module));
  using Tensors = std::vector<Tensor<S>>;
  copy.register_forward_pre_hook(
      [&builder, index](const nn::Module<S>&, const Tensors&) { builder.begin_call(index); });
  copy.register_forward_hook(
      [&builder](const nn::Module<S>&, const Tensors&, const Tensors& outputs) {
        builder.end_call(outputs.empty() ? Shape{} : outputs[0].shape(), sizeof(S));
      });
  for (std::size_t i = 0; i < children.size(); ++i) {
    watch_calls(builder, *children[i], *copied_children[i], index, depth + 1);
  }
}

}  // namespace detail

/// A table of a model's layers: type, shape of the output, parameters, multiply-adds, with totals
/// and memory, as torchinfo 1.8 prints it.
///
///     std::cout << brasa::summary(model, {1, 100}) << '\n';
///
/// The shapes are seen in one call of a copy of the model, in eval mode and without gradients, with
/// zeros of shape `input_shape` as its input. The model itself is left as it is.
/// Errors: ValueError for an `input_shape` that is empty or has a size below 1; what forward
/// raises. Source: torchinfo.summary with col_names=("output_size", "num_params", "mult_adds"). As
/// there, multiply-adds are counted by the first size of an output, not by all dimensions before
/// the features; and a parameter of a module that has children is no part of the memory. Where it
/// differs: "(M)" stands where torchinfo under Python 3.11 and newer prints
/// "(Units.MEGABYTES)"; the size of the input is that of its elements alone.
template <class M>
requires nn::unary_module<M, typename M::ModuleScalar> Summary
summary(const M& model, const Shape& input_shape, SummaryOptions options = {}) {
  using S = typename M::ModuleScalar;
  if (input_shape.empty() ||
      std::any_of(input_shape.begin(), input_shape.end(), [](auto size) { return size < 1; })) {
    detail::raise<ValueError>("summary", "expected the sizes of an input, all above 0, got ",
                              shape_text(input_shape));
  }
  M copy(model);
  copy.eval();
  detail::SummaryBuilder builder;
  detail::watch_calls<S>(builder, model, copy);
  const NoGradGuard no_grad;
  copy(zeros<S>(input_shape));
  return builder.finish(sizeof(S), input_shape, options.depth);
}

namespace detail {

/// With a comma after each three digits: `1,234,567`. Digits behind a point stay together.
inline std::string grouped(std::string number) {
  const std::size_t point = std::min(number.find('.'), number.size());
  for (std::size_t at = point; at > 3; at -= 3) number.insert(at - 3, ",");
  return number;
}
inline std::string grouped(std::int64_t number) { return grouped(std::to_string(number)); }

inline std::string two_decimals(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

/// The table of a Summary.
class SummaryTable {
 public:
  explicit SummaryTable(const Summary& summary) : summary_(summary) {
    std::size_t longest = 0;
    for (const LayerSummary& line : summary.layers) {
      const auto indent = static_cast<std::size_t>(line.depth) * 5 + 1;
      longest = std::max(longest, title(line).size() + indent);
    }
    if (longest >= name_width_) name_width_ = (longest + 4) / 5 * 5;
  }

  std::string text() const {
    const std::string divider(name_width_ + 3 * kColumn, '=');
    std::string text = divider + '\n';
    text += row("Layer (type:depth-idx)", 22, "Output Shape", "Param #", "Mult-Adds");
    text += divider + '\n';
    for (std::size_t i = 0; i < summary_.layers.size(); ++i) {
      if (summary_.layers[i].depth <= summary_.depth) text += row_of(i);
    }
    text += divider + '\n';
    text += "Total params: " + grouped(summary_.params);
    text += "\nTrainable params: " + grouped(summary_.trainable_params);
    text += "\nNon-trainable params: " + grouped(summary_.params - summary_.trainable_params);
    text += "\nTotal mult-adds " + large(summary_.mult_adds) + '\n';
    text += divider + '\n';
    text += "Input size (MB): " + megabytes(summary_.input_bytes);
    text += "\nForward/backward pass size (MB): " + megabytes(summary_.output_bytes);
    text += "\nParams size (MB): " + megabytes(summary_.param_bytes);
    text += "\nEstimated Total Size (MB): " +
            megabytes(summary_.input_bytes + summary_.output_bytes + summary_.param_bytes);
    return text += '\n' + divider;
  }

 private:
  static constexpr std::size_t kColumn = 25;

  static std::string title(const LayerSummary& line) {
    if (line.depth == 0) return line.type_name;
    return line.type_name + ": " + std::to_string(line.depth) + '-' + std::to_string(line.index);
  }
  static std::string megabytes(std::int64_t bytes) {
    return two_decimals(static_cast<double>(bytes) / 1e6);
  }
  static std::string large(std::int64_t number) {
    const auto value = static_cast<double>(number);
    const auto [unit, factor] = number >= 1'000'000'000'000 ? std::pair('T', 1e12)
                                : number >= 1'000'000'000   ? std::pair('G', 1e9)
                                                            : std::pair('M', 1e6);
    const bool whole = number % static_cast<std::int64_t>(factor) == 0;
    std::string text = two_decimals(value / factor);
    if (whole) text.resize(text.size() - 3);
    return std::string("(") + unit + "): " + grouped(text);
  }

  /// `name_width`: how many characters the name has, which in UTF-8 are fewer than its bytes.
  std::string row(const std::string& name, std::size_t name_width, std::string_view output,
                  std::string_view params, std::string_view mult_adds) const {
    std::string text = name + std::string(name_width_ - name_width + 1, ' ');
    for (const std::string_view cell : {output, params, mult_adds}) {
      text += cell;
      text.append(cell.size() < kColumn ? kColumn - cell.size() : 0, ' ');
      text += ' ';
    }
    return text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  }

  std::string row_of(std::size_t place) const {
    const LayerSummary& line = summary_.layers[place];
    std::string name;
    std::size_t width = 0;
    for (int depth = 1; depth < line.depth; ++depth, width += 5) name += "│    ";
    if (line.depth > 0) name += line.depth == 1 ? "├─" : "└─";
    if (line.depth > 0) width += 2;
    const std::string shown = title(line);
    return row(name + shown, width + shown.size(), shape_cell(line), params_cell(line),
               mult_adds_cell(place));
  }

  static std::string shape_cell(const LayerSummary& line) {
    if (line.output_shape.empty()) return "--";
    std::string text;
    for (const std::int64_t size : line.output_shape) {
      text += (text.empty() ? "[" : ", ") + std::to_string(size);
    }
    return text + ']';
  }
  /// True if the line stands for all that is in its module.
  bool whole(const LayerSummary& line) const { return line.leaf || line.depth == summary_.depth; }
  std::string params_cell(const LayerSummary& line) const {
    if (line.params == 0) return "--";
    if (line.repeated) return "(recursive)";
    if (!whole(line)) return line.own_params > 0 ? grouped(line.own_params) : "--";
    const std::string text = grouped(line.params);
    return line.trainable_params > 0 ? text : '(' + text + ')';
  }
  std::string mult_adds_cell(std::size_t place) const {
    const LayerSummary& line = summary_.layers[place];
    if (!whole(line) || !line.called) return "--";
    std::int64_t sum = line.mult_adds;
    for (std::size_t i = place + 1;
         i < summary_.layers.size() && summary_.layers[i].depth > line.depth; ++i) {
      sum += summary_.layers[i].mult_adds;
    }
    return sum > 0 ? grouped(sum) : "--";
  }

  const Summary& summary_;
  std::size_t name_width_ = 40;
};

}  // namespace detail

/// The table, without a line break at its end.
inline std::string repr(const Summary& summary) { return detail::SummaryTable(summary).text(); }

inline std::ostream& operator<<(std::ostream& out, const Summary& summary) {
  return out << repr(summary);
}

}  // namespace brasa
