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

namespace detail {

/// Calls visit(edge) for each leaf and each node that a backward from `output` would reach.
template <class Visit>
void for_each_edge(const brasa::AnyTensor& output, Visit visit) {
  using brasa::autograd::Edge;
  using brasa::autograd::Node;
  std::unordered_set<const void*> seen;
  std::vector<Edge> open{Edge(output)};
  while (!open.empty()) {
    const Edge edge = open.back();
    open.pop_back();
    const void* target = edge.leaf ? static_cast<const void*>(edge.leaf.get())
                                   : static_cast<const void*>(edge.node.get());
    if (target == nullptr || !seen.insert(target).second) continue;
    visit(edge);
    if (!edge.node) continue;
    for (const Edge& input : static_cast<const Node&>(*edge.node).edges()) open.push_back(input);
  }
}

}  // namespace detail

/// The tensors whose `grad()` a backward from `output` would reach.
inline std::vector<brasa::AnyTensor> reached(const brasa::AnyTensor& output) {
  std::vector<brasa::AnyTensor> leaves;
  detail::for_each_edge(output, [&](const auto& edge) {
    if (edge.leaf) leaves.emplace_back(edge.leaf);
  });
  return leaves;
}

/// Calls visit(node) for each recorded operation that a backward from `output` would pass.
template <class Visit>
void for_each_node(const brasa::AnyTensor& output, Visit visit) {
  detail::for_each_edge(output, [&](const auto& edge) {
    if (edge.node) visit(*edge.node);
  });
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
