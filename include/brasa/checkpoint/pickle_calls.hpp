#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/pickle_objects.hpp"
#include "brasa/checkpoint/pickled.hpp"

namespace brasa::detail {

/// What the calls in a pickle make: dicts, tensors, and a few things that become plain values (a
/// torch.Size a tuple, a set a list, a torch.device a str).
class PickleCalls {
 public:
  PickleCalls(PickleObjects& objects, Pickled& pickled) : objects_(objects), pickled_(pickled) {}

  PickleItem call(const PickleItem& function, std::vector<PickleItem> arguments) {
    if (function.kind != PickleItem::Kind::global) fail("something is called that is no function");
    const std::span<PickleItem> args(arguments);
    switch (function.global) {
      case PickleGlobal::ordered_dict:
        return ordered_dict(args);
      case PickleGlobal::counter:
        return counter(args);
      case PickleGlobal::set:
        return same(args, args.size() == 1 && args[0].value.is_list(), "set");
      case PickleGlobal::size:
        return same(args, args.size() == 1 && args[0].value.is_tuple(), "torch.Size");
      case PickleGlobal::device:
        return device(args);
      case PickleGlobal::tensor:
      case PickleGlobal::tensor_v2:
      case PickleGlobal::tensor_v3:
        return tensor(function.global, args);
      case PickleGlobal::parameter:
      case PickleGlobal::attributed_parameter:
      case PickleGlobal::parameter_class:
        return parameter(args);
      case PickleGlobal::attributed_tensor:
        return attributed_tensor(args);
      default:
        fail("a class is called that makes nothing here");
    }
  }

  /// The storage behind a persistent id: ('storage', its class, its key, a device, a size). Where
  /// its tensors were, CPU or GPU, is of no concern here.
  PickleItem storage(std::vector<PickleItem> id) {
    const bool named = !id.empty() && id[0].value.is_string();
    if (named && id[0].value.as_string_view() == "module") {
      objects_.errors().fail("it holds a whole module: save module.state_dict()");
    }
    const bool sound =
        (id.size() == 5 || id.size() == 6) && named && id[0].value.as_string_view() == "storage" &&
        (id[1].is(PickleGlobal::storage) || id[1].is(PickleGlobal::untyped_storage)) &&
        id[2].value.is_string() && id[4].value.is_int();
    if (!sound) fail("a storage is not told as torch.save does");
    if (id.size() == 6 && !id[5].value.is_none()) {
      objects_.errors().fail(
          "it was written before PyTorch 0.4, with storages that are views of others: load it in "
          "Python and save it again");
    }
    PickledStorage storage{id[2].value.as_string(), id[1].dtype, 0};
    const bool digits = !storage.key.empty() && storage.key.size() <= 40 &&
                        storage.key.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) fail("expected digits as the key of a storage, got ", shown(storage.key));
    const std::int64_t count = id[4].value.as_int();
    constexpr std::int64_t kMost = std::int64_t{1} << 56;
    if (count < 0 || count > kMost) fail("a storage cannot have ", count, " elements");
    storage.bytes = static_cast<std::uint64_t>(count) * (storage.dtype ? storage.dtype->size : 1);
    PickleItem item;
    item.kind = PickleItem::Kind::storage;
    item.index = add(std::move(storage));
    return item;
  }

 private:
  using Args = std::span<PickleItem>;

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    objects_.fail(what...);
  }

  /// Every storage once. Empty ones may come under several types.
  std::uint32_t add(PickledStorage storage) {
    const auto [first, last] = keys_.equal_range(storage.key);
    for (auto known = first; known != last; ++known) {
      const PickledStorage& old = pickled_.storages[known->second];
      if (old.dtype == storage.dtype && old.bytes == storage.bytes) return known->second;
      if (old.bytes > 0 || storage.bytes > 0) {
        fail("the storage ", shown(storage.key), " comes with two types or two sizes");
      }
    }
    objects_.spend(sizeof(PickledStorage) + 100);
    const auto index = static_cast<std::uint32_t>(pickled_.storages.size());
    keys_.emplace(storage.key, index);
    pickled_.storages.push_back(std::move(storage));
    return index;
  }

  PickleItem same(Args args, bool fits, std::string_view name) const {
    if (!fits) fail(name, " is called with other arguments than it takes");
    return args[0];
  }

  /// Copies an entry that stands in `source`.
  void set(const PickleItem& dict, const Value& key, const Value& value, const PickleItem& source) {
    PickleItem key_item = PickleObjects::leaf(key);
    PickleItem value_item = PickleObjects::leaf(value);
    value_item.index = source.index;  // as deep as it can be
    objects_.spend_copy(key_item);
    objects_.spend_copy(value_item);
    objects_.set(dict, key_item, value_item);
  }

  /// Empty, or as Python 2 wrote it, with a list of pairs.
  PickleItem ordered_dict(Args args) {
    PickleItem dict = objects_.dict(DictType::ordered_dict);
    if (args.empty()) return dict;
    if (args.size() != 1 || !args[0].value.is_list()) fail("an OrderedDict is made of no list");
    for (const Value& pair : args[0].value.as_list()) {
      if (!(pair.is_list() || pair.is_tuple()) || pair.size() != 2) {
        fail("an OrderedDict is made of what are no pairs");
      }
      set(dict, pair.as_sequence()[0], pair.as_sequence()[1], args[0]);
    }
    return dict;
  }

  PickleItem counter(Args args) {
    PickleItem dict = objects_.dict(DictType::counter);
    if (args.size() != 1 || !args[0].value.is_dict()) fail("a Counter is made of no dict");
    for (const auto& [name, count] : args[0].value.as_dict()) {
      set(dict, name.value(), count, args[0]);
    }
    return dict;
  }

  PickleItem device(Args args) {
    const bool fits = (args.size() == 1 || args.size() == 2) && args[0].value.is_string() &&
                      (args.size() == 1 || args[1].value.is_int());
    if (!fits) fail("torch.device is called with other arguments than it takes");
    std::string name = args[0].value.as_string();
    if (args.size() == 2) (name += ':') += std::to_string(args[1].value.as_int());
    return objects_.text(name);
  }

  Shape integers(const PickleItem& item, std::string_view what) const {
    constexpr std::size_t kMostDims = 64;
    if (!item.value.is_tuple() && !item.value.is_list()) fail("a tensor has no list of ", what);
    const auto& values = item.value.as_sequence();
    if (values.size() > kMostDims) fail("a tensor has more than ", kMostDims, " dimensions");
    Shape result;
    for (const Value& value : values) {
      if (!value.is_int() || value.as_int() < 0) {
        fail("a tensor has ", what, " ", repr(item.value), "; expected ints from 0 on");
      }
      result.push_back(value.as_int());
    }
    return result;
  }

  /// storage, offset, size, stride, requires_grad, hooks, (v3: dtype,) flags; the last may be
  /// missing.
  PickleItem tensor(PickleGlobal function, Args args) {
    const bool v3 = function == PickleGlobal::tensor_v3;
    const std::size_t least = v3 ? 7 : 4;
    if (args.size() < least || args.size() > (v3 ? 8u : 7u)) {
      fail("a tensor is made with ", args.size(), " arguments");
    }
    if (args[0].kind != PickleItem::Kind::storage) fail("a tensor is made without a storage");
    PickledTensor tensor;
    tensor.storage = args[0].index;
    tensor.dtype = pickled_.storages[tensor.storage].dtype;
    if (v3) tensor.dtype = args[6].is(PickleGlobal::dtype) ? args[6].dtype : nullptr;
    if (tensor.dtype == nullptr) fail("a tensor is made without a dtype");
    if (!args[1].value.is_int() || args[1].value.as_int() < 0) fail("a tensor begins nowhere");
    tensor.offset = args[1].value.as_int();
    const Shape shape = integers(args[2], "size");
    tensor.strides = integers(args[3], "stride");
    if (shape.size() != tensor.strides.size()) {
      fail("a tensor has ", shape.size(), " sizes and ", tensor.strides.size(), " strides");
    }
    if (args.size() > 4) tensor.requires_grad = flag(args[4]);
    if (args.size() > (v3 ? 7u : 6u)) tensor.negated = read_flags(args.back());
    check_extent(tensor, shape);
    return finish(std::move(tensor), shape, false);
  }

  bool flag(const PickleItem& item) const {
    if (!item.value.is_bool()) fail("expected a bool as a tensor's requires_grad");
    return item.value.as_bool();
  }

  /// {'neg': True}: whether the values are negated. `conj` only complex tensors can have.
  bool read_flags(const PickleItem& item) const {
    if (item.value.is_none()) return false;
    if (!item.value.is_dict()) fail("a tensor has flags that are no dict");
    bool negated = false;
    for (const auto& [key, value] : item.value.as_dict()) {
      if (key != "neg" && key != "conj") fail("a tensor has the flag ", repr(key.value()));
      if (!value.is_bool()) fail("a tensor has a flag that is no bool");
      if (key == "neg") negated = value.as_bool();
    }
    return negated;
  }

  /// Every element must lie in the storage. An empty tensor may begin anywhere.
  void check_extent(const PickledTensor& tensor, const Shape& shape) const {
    if (has_zero_size(shape)) return;
    const auto count =
        static_cast<std::int64_t>(pickled_.storages[tensor.storage].bytes / tensor.dtype->size);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 16;
    std::int64_t numel = 1;
    std::int64_t last = tensor.offset;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (numel > kMost / shape[i]) fail("a tensor of shape ", shown(shape), " is too large");
      numel *= shape[i];
      const std::int64_t steps = shape[i] - 1;
      const bool fits = last < count && (steps == 0 || tensor.strides[i] <= (count - last) / steps);
      last = fits ? last + steps * tensor.strides[i] : count;
    }
    if (last < count) return;
    fail("a tensor of shape ", shown(shape), ", strides ", shown(tensor.strides), " and offset ",
         tensor.offset, " does not lie in its storage of ", count, " elements");
  }

  PickleItem finish(PickledTensor tensor, const Shape& shape, bool is_parameter) {
    objects_.spend(sizeof(PickledTensor) + sizeof(TensorImpl) + sizeof(SavedForm) + 64);
    const Dtype dtype = tensor.dtype->dtype.value_or(Dtype::uint8);
    tensor.impl = Ref<TensorImpl>::adopt(pool_new<TensorImpl>(Ref<Storage>(), shape, dtype));
    tensor.impl->is_parameter = is_parameter;
    pickled_.tensors.push_back(tensor);
    by_impl_.emplace(tensor.impl.get(), pickled_.tensors.size() - 1);
    return PickleObjects::leaf(Value(AnyTensor(tensor.impl)));
  }

  /// tensor, requires_grad, hooks (, attributes).
  PickleItem parameter(Args args) {
    if (args.empty() || args.size() > 4 || !args[0].value.is_tensor()) {
      fail("a parameter is made without a tensor");
    }
    PickledTensor tensor = pickled_.tensors[by_impl_.at(args[0].value.identity())];
    if (args.size() > 1) tensor.requires_grad = flag(args[1]);
    return finish(std::move(tensor), args[0].value.as_tensor().shape(), true);
  }

  /// A function, the class of the result, the arguments, attributes, which are dropped.
  PickleItem attributed_tensor(Args args) {
    const bool fits =
        args.size() == 4 && args[0].kind == PickleItem::Kind::global &&
        (args[1].is(PickleGlobal::tensor_class) || args[1].is(PickleGlobal::parameter_class)) &&
        args[2].kind == PickleItem::Kind::arguments;
    const PickleGlobal function = fits ? args[0].global : PickleGlobal::none;
    if (function != PickleGlobal::tensor_v2 && function != PickleGlobal::tensor_v3) {
      fail("a tensor with attributes is not made as torch.save does");
    }
    std::vector<PickleItem> its_own = objects_.arguments(args[2]);
    return tensor(function, its_own);
  }

  PickleObjects& objects_;
  Pickled& pickled_;
  std::multimap<std::string, std::uint32_t> keys_;
  std::map<const void*, std::size_t> by_impl_;
};

}  // namespace brasa::detail
