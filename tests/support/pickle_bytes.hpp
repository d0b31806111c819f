#pragma once

// Parts of pickles, made by hand.

#include <cstdint>
#include <string>

#include "support/zip_bytes.hpp"

/// BINUNICODE.
inline std::string text(const std::string& value) {
  std::string pickle = "X";
  append_number(pickle, value.size(), 4);
  return pickle + value;
}

/// BININT.
inline std::string number(std::int32_t value) {
  std::string pickle = "J";
  append_number(pickle, static_cast<std::uint32_t>(value), 4);
  return pickle;
}

/// A storage; `rest` is what else stands in the tuple that tells it.
inline std::string storage_id(const std::string& type = "ctorch\nFloatStorage\n", int count = 6,
                              const std::string& key = "0", const std::string& rest = "") {
  return "(" + text("storage") + type + text(key) + text("cpu") + number(count) + rest + "tQ";
}

/// A tensor of 2 x 3 floats; its parts may be replaced.
struct TensorPickle {
  std::string function = "ctorch._utils\n_rebuild_tensor_v2\n";
  std::string storage = storage_id();
  std::string offset = {'K', '\0'};
  std::string size = "K\2K\3\x86";
  std::string stride = "K\3K\1\x86";
  std::string rest =
      "\x89"
      "ccollections\nOrderedDict\n)R";
  std::string tail = "t";

  std::string whole() const {
    return "\x80\2" + function + "(" + storage + offset + size + stride + rest + tail + "R.";
  }
};
