#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/checkpoint/torch_dtypes.hpp"

// Pickles name the classes and functions ("globals") that their objects are made of. These are the
// ones that a state_dict, an optimizer's state or a plain tree needs; there is no other.

namespace brasa::detail {

enum class PickleGlobal : std::uint8_t {
  none,
  ordered_dict,
  counter,
  set,
  size,
  device,
  dtype,
  storage,          // of a dtype
  untyped_storage,  // of bytes
  tensor,           // _rebuild_tensor: before PyTorch 0.4
  tensor_v2,
  tensor_v3,
  parameter,          // _rebuild_parameter
  attributed_tensor,  // a tensor with Python attributes
  attributed_parameter,
  tensor_class,
  parameter_class,
};

/// A global and, where it belongs to one, its dtype.
struct FoundGlobal {
  PickleGlobal kind = PickleGlobal::none;
  const TorchDtype* dtype = nullptr;
};

inline FoundGlobal find_pickle_global(std::string_view name) {
  constexpr std::pair<std::string_view, PickleGlobal> kGlobals[] = {
      {"collections.OrderedDict", PickleGlobal::ordered_dict},
      {"collections.Counter", PickleGlobal::counter},
      {"__builtin__.set", PickleGlobal::set},  // Python 2's name, which protocol 2 writes
      {"builtins.set", PickleGlobal::set},
      {"torch.Size", PickleGlobal::size},
      {"torch.device", PickleGlobal::device},
      {"torch._utils._rebuild_tensor", PickleGlobal::tensor},
      {"torch._utils._rebuild_tensor_v2", PickleGlobal::tensor_v2},
      {"torch._utils._rebuild_tensor_v3", PickleGlobal::tensor_v3},
      {"torch._utils._rebuild_parameter", PickleGlobal::parameter},
      {"torch._utils._rebuild_parameter_with_state", PickleGlobal::attributed_parameter},
      {"torch._tensor._rebuild_from_type_v2", PickleGlobal::attributed_tensor},
      {"torch.Tensor", PickleGlobal::tensor_class},
      {"torch.nn.parameter.Parameter", PickleGlobal::parameter_class},
      {"torch.storage.UntypedStorage", PickleGlobal::untyped_storage},
  };
  for (const auto& [known, kind] : kGlobals) {
    if (known == name) return {kind};
  }
  constexpr std::string_view kTorch = "torch.";
  if (!name.starts_with(kTorch)) return {};
  name.remove_prefix(kTorch.size());
  if (const TorchDtype* dtype = find_torch_dtype(name)) return {PickleGlobal::dtype, dtype};
  constexpr std::string_view kCuda = "cuda.";
  if (name.starts_with(kCuda)) name.remove_prefix(kCuda.size());
  if (const TorchDtype* dtype = find_torch_storage(name)) return {PickleGlobal::storage, dtype};
  return {};
}

/// What to do about a global that is not known here.
inline std::string_view remedy_for(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kRemedies[] = {
      {"numpy.", "a NumPy object: save float(x) for a number, torch.from_numpy(x) for an array"},
      {"torch._utils._rebuild_sparse", "a sparse tensor: save x.to_dense()"},
      {"torch.serialization._get_layout", "a sparse tensor: save x.to_dense()"},
      {"torch.sparse.", "a sparse tensor: save x.to_dense()"},
      {"torch._utils._rebuild_qtensor", "a quantised tensor: save x.dequantize()"},
      {"torch.Q", "a quantised tensor: save x.dequantize()"},
      {"torch._utils._rebuild_meta", "a tensor on the device meta, which has no values"},
      {"torch._utils._rebuild_wrapper", "a subclass of Tensor: save it as a plain tensor"},
      {"torch._utils._rebuild_nested", "a nested tensor: save x.unbind()"},
      {"torch._utils._rebuild_device", "a tensor of a device of its own: save x.cpu()"},
      {"torch.jit.", "a TorchScript module: save module.state_dict()"},
      {"torch.nn.", "a whole module: save module.state_dict()"},
      {"torch.optim.", "a whole optimizer or scheduler: save its state_dict()"},
      {"torch.storage.", "a storage outside of a tensor: save the tensor"},
      {"torch.", "not part of a state_dict: leave it out, or save what it consists of"},
      {"builtins.complex", "a complex number: save its two parts"},
      {"__builtin__.complex", "a complex number: save its two parts"},
      {"_codecs.encode", "a bytes object: save a str, or torch.frombuffer(x, dtype=torch.uint8)"},
      {"builtins.bytes", "a bytes object: save a str, or torch.frombuffer(x, dtype=torch.uint8)"},
      {"__builtin__.bytes", "a bytes object: save a str"},
      {"builtins.bytearray", "a bytearray: save torch.frombuffer(x, dtype=torch.uint8)"},
      {"__builtin__.bytearray", "a bytearray: save torch.frombuffer(x, dtype=torch.uint8)"},
      {"collections.defaultdict", "a defaultdict: save dict(x)"},
      {"argparse.Namespace", "a Namespace: save vars(args)"},
      {"pathlib.", "a path: save str(x)"},
  };
  for (const auto& [prefix, remedy] : kRemedies) {
    if (name.starts_with(prefix)) return remedy;
  }
  return "an object of a Python class or a function, perhaps a whole model: save "
         "model.state_dict(), and plain dicts, lists, numbers and strings";
}

}  // namespace brasa::detail
