#pragma once

// A member that a module forgot in BRASA_MODULE would silently never train. It shows in the graph:
// forward reaches a leaf that `parameters()` does not list.
//
//   CHECK(leaves::unlisted(model, model(x)).empty());
//   CHECK(leaves::unused(model, model(x)).empty());

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/nn/module.hpp"

namespace leaves {

/// The tensors whose `grad()` a backward from `output` would reach.
inline std::vector<brasa::AnyTensor> reached(const brasa::AnyTensor& output) {
  using brasa::autograd::Edge;
  using brasa::autograd::Node;
  std::vector<brasa::AnyTensor> leaves;
  std::unordered_set<const void*> seen;
  std::vector<Edge> open{Edge(output)};
  while (!open.empty()) {
    const Edge edge = open.back();
    open.pop_back();
    if (edge.leaf && seen.insert(edge.leaf.get()).second) leaves.emplace_back(edge.leaf);
    if (!edge.node || !seen.insert(edge.node.get()).second) continue;
    for (const Edge& input : static_cast<const Node&>(*edge.node).edges()) open.push_back(input);
  }
  return leaves;
}

inline bool contains(const std::vector<brasa::AnyTensor>& tensors, const brasa::AnyTensor& tensor) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const auto& each) { return each.is(tensor); });
}

/// The shapes of the leaves that forward reached and `parameters()` does not list: members that
/// were forgotten. `inputs` are the leaves that forward was given.
template <brasa::FloatScalar S>
std::vector<std::string> unlisted(const brasa::nn::Module<S>& module,
                                  const brasa::AnyTensor& output,
                                  std::vector<brasa::AnyTensor> inputs = {}) {
  for (const auto& parameter : module.parameters()) inputs.push_back(parameter);
  std::vector<std::string> shapes;
  for (const brasa::AnyTensor& leaf : reached(output)) {
    if (!contains(inputs, leaf)) shapes.push_back(brasa::shape_text(leaf.shape()));
  }
  return shapes;
}

/// The names of the parameters that forward did not reach.
template <brasa::FloatScalar S>
std::vector<std::string> unused(const brasa::nn::Module<S>& module,
                                const brasa::AnyTensor& output) {
  const auto found = reached(output);
  std::vector<std::string> names;
  for (const auto& [name, parameter] : module.named_parameters()) {
    if (!contains(found, parameter)) names.push_back(name);
  }
  return names;
}

}  // namespace leaves
