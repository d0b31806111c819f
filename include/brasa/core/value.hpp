#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "brasa/core/value_base.hpp"
#include "brasa/core/value_dict.hpp"
#include "brasa/core/value_text.hpp"

// A tree of Python values, as a checkpoint holds it. The class stands in value_base.hpp, dicts in
// value_dict.hpp, printing in value_text.hpp; here is how one looks into it.

namespace brasa {
namespace detail {

/// A value in the words of an error: `the int 3`, `a list of 2`, `a dict with the keys 'a', 'b'`.
inline std::string described(const Value& value) {
  constexpr std::size_t kShown = 8;
  if (value.is_none()) return "None";
  if (value.is_bool()) return "the bool " + repr(value);
  if (value.is_int()) return "the int " + repr(value);
  if (value.is_double()) return "the float " + repr(value);
  if (value.is_string()) {
    const std::string text = value.as_string();
    constexpr std::size_t kLong = 60;
    return "the str " + python_quoted(text.substr(0, kLong)) + (text.size() > kLong ? "…" : "");
  }
  if (value.is_tensor()) {
    const AnyTensor tensor = value.as_tensor();
    return "a " + std::string(dtype_name(tensor.dtype())) + " Tensor of shape " +
           shape_text(tensor.shape());
  }
  if (value.is_list()) return "a list of " + std::to_string(value.size());
  if (value.is_tuple()) return "a tuple of " + std::to_string(value.size());
  const Dict& dict = value.as_dict();
  if (dict.empty()) return "an empty dict";
  std::string text = "a dict with the keys ";
  std::size_t shown = 0;
  for (const auto& entry : dict) {
    if (shown == kShown) return text + " and " + std::to_string(dict.size() - kShown) + " more";
    if (shown++ > 0) text += ", ";
    text += repr(entry.first.value());
  }
  return text;
}

template <class Self>
const Value& ValueAccess<Self>::value() const {
  if constexpr (std::is_same_v<Self, Value>) {
    return static_cast<const Value&>(*this);
  } else {
    return static_cast<const Self&>(*this).value_;
  }
}
template <class Self>
std::string ValueAccess<Self>::where() const {
  if constexpr (std::is_same_v<Self, Value>) {
    return {};
  } else {
    return static_cast<const Self&>(*this).path_;
  }
}
template <class Self>
ValueKind ValueAccess<Self>::kind() const {
  const Value& v = value();
  const bool moved_from = (v.kind_ == ValueKind::tensor && !v.tensor_.defined()) ||
                          (v.kind_ > ValueKind::tensor && !v.node_);
  return moved_from ? ValueKind::none : v.kind_;
}
template <class Self>
void ValueAccess<Self>::wrong(const char* expected) const {
  raise<ValueError>("", where(), where().empty() ? "" : ": ", "expected ", expected, ", found ",
                    described(value()));
}
template <class Self>
const Value& ValueAccess<Self>::expect(ValueKind expected_kind, const char* expected) const {
  if (kind() != expected_kind) wrong(expected);
  return value();
}

template <class Self>
bool ValueAccess<Self>::as_bool() const {
  return expect(ValueKind::boolean, "a bool").number_ == Real(1);
}
template <class Self>
std::int64_t ValueAccess<Self>::as_int() const {
  return expect(ValueKind::integer, "an int").number_.integer();
}
template <class Self>
double ValueAccess<Self>::as_double() const {
  return as_real().value();
}
template <class Self>
Real ValueAccess<Self>::as_real() const {
  return is_int() ? value().number_ : expect(ValueKind::real, "a float or an int").number_;
}
template <class Self>
std::string ValueAccess<Self>::as_string() const {
  return static_cast<StringNode&>(*expect(ValueKind::string, "a str").node_).text;
}
template <class Self>
AnyTensor ValueAccess<Self>::as_tensor() const {
  return expect(ValueKind::tensor, "a Tensor").tensor_;
}
template <class Self>
std::vector<Value>& ValueAccess<Self>::as_list() const {
  return static_cast<SequenceNode&>(*expect(ValueKind::list, "a list").node_).items;
}
template <class Self>
const std::vector<Value>& ValueAccess<Self>::as_tuple() const {
  return static_cast<SequenceNode&>(*expect(ValueKind::tuple, "a tuple").node_).items;
}
template <class Self>
const std::vector<Value>& ValueAccess<Self>::as_sequence() const {
  if (!is_list() && !is_tuple()) wrong("a list or a tuple");
  return static_cast<SequenceNode&>(*value().node_).items;
}
template <class Self>
Dict& ValueAccess<Self>::as_dict() const {
  return static_cast<DictNode&>(*expect(ValueKind::dict, "a dict").node_).dict;
}

template <class Self>
std::size_t ValueAccess<Self>::size() const {
  if (is_dict()) return as_dict().size();
  if (!is_list() && !is_tuple()) wrong("a list, a tuple or a dict");
  return as_sequence().size();
}
template <class Self>
bool ValueAccess<Self>::contains(std::string_view key) const {
  return is_dict() && as_dict().contains(key);
}
template <class Self>
const ValueAt ValueAccess<Self>::operator[](std::int64_t index) const {
  const std::string here = where() + '[' + std::to_string(index) + ']';
  if (is_dict()) {
    const Value* found = as_dict().find(index);
    if (!found) raise<KeyError>("", here, ": no such key in ", described(value()));
    return {*found, here};
  }
  const auto count = static_cast<std::int64_t>(size());
  const auto& items = as_sequence();
  if (index < -count || index >= count) {
    raise<IndexError>("", here, ": out of range for ", described(value()));
  }
  return {items[static_cast<std::size_t>(index < 0 ? index + count : index)], here};
}
template <class Self>
const ValueAt ValueAccess<Self>::operator[](std::string_view key) const {
  const std::string here = where() + '[' + python_quoted(key) + ']';
  const Value* found = as_dict().find(key);
  if (!found) raise<KeyError>("", here, ": no such key in ", described(value()));
  return {*found, here};
}

/// The versions of the modules in the `_metadata` that a state_dict from PyTorch carries. It is of
/// use only to us, so whatever else stands there is left out.
inline void read_metadata(const Dict& dict, StateDict& state) {
  if (!dict.attributes().contains("_metadata")) return;
  const Value& metadata = dict.attributes()["_metadata"];
  if (!metadata.is_dict()) return;
  for (const auto& [path, entry] : metadata.as_dict()) {
    const Value* version = entry.is_dict() ? entry.as_dict().find("version") : nullptr;
    if (path.is_string() && version && version->is_int()) {
      state.set_version(path.string(), version->as_int());
    }
  }
}

template <class Self>
StateDict ValueAccess<Self>::as_state_dict() const {
  StateDict state;
  const Dict& dict = as_dict();
  for (const auto& [key, entry] : dict) {
    if (!key.is_string()) {
      raise<ValueError>("", where(), where().empty() ? "" : ": ",
                        "expected names as the keys of a state_dict, found the int ",
                        key.integer());
    }
    state.insert(key.string(), (*this)[key.string()].as_tensor());
  }
  read_metadata(dict, state);
  return state;
}

}  // namespace detail

inline Value::Value(const StateDict& state) {
  Dict entries(DictType::ordered_dict);
  for (const auto& [name, tensor] : state) entries.set(name, tensor);
  if (!state.metadata().empty()) {
    Dict metadata(DictType::ordered_dict);
    for (const auto& [path, version] : state.metadata()) {
      metadata.set(path, dict({{"version", version}}));
    }
    entries.set_attributes(dict({{"_metadata", dict(std::move(metadata))}}));
  }
  *this = dict(std::move(entries));
}

}  // namespace brasa
