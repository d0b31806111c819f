#include "conformance/table.hpp"

namespace conformance {

template <brasa::FloatScalar S>
const Table<S>& table() {
  static const Table<S> made = [] {
    Table<S> all;
    add_activations(all);
    add_dropout(all);
    add_layers(all);
    add_losses(all);
    return all;
  }();
  return made;
}
template const Table<float>& table<float>();
template const Table<double>& table<double>();

}  // namespace conformance
