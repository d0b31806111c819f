#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "brasa/checkpoint/pickle_stream.hpp"
#include "brasa/checkpoint/saved_form.hpp"
#include "brasa/checkpoint/torch_dtypes.hpp"
#include "brasa/core/value.hpp"

namespace brasa::detail {

/// Makes the pickle that torch.save makes of a tree, and gathers the storages of its tensors.
///
/// What is the same object in the tree is written once and then referred to, as in Python: lists,
/// dicts, tuples and tensors by their identity, texts by rule (see PickleStream). Not recursive: a
/// tree may be deeper than the stack. The tree must not change, and must stay, while this lives.
class Pickler {
 public:
  /// Raises ValueError for texts that are not UTF-8 and tuples that contain themselves, DtypeError
  /// for one memory under two dtypes.
  explicit Pickler(const Value& tree) {
    begin(tree);
    while (!open_.empty()) step(open_.back());
    pickle_ = stream_.take();
  }

  const std::string& pickle() const noexcept { return pickle_; }
  /// In the order of their keys, which are 0, 1, 2, …
  const std::vector<const Storage*>& storages() const noexcept { return storages_; }

 private:
  /// Which objects the keys of a dict are.
  enum class Keys { shared, own_if_dotted, own };
  enum class Kind { list, tuple, dict, ordered_dict, counter, attributes };

  /// A container that is being written.
  struct Frame {
    Kind kind;
    const void* identity;
    std::size_t size;
    const Value* items = nullptr;  // of a sequence
    const Dict* dict = nullptr;
    Dict::const_iterator entry = {};
    Keys keys = Keys::shared;
    std::size_t done = 0;
    bool marked = false;  // the batch began with a mark
  };

  static constexpr std::size_t kBatch = 1000;

  // ---- values ----

  void begin(const Value& value, Keys keys = Keys::shared) {
    if (value.is_none()) {
      stream_.none();
    } else if (value.is_bool()) {
      stream_.boolean(value.as_bool());
    } else if (value.is_int()) {
      stream_.integer(value.as_int());
    } else if (value.is_double()) {
      stream_.real(value.as_double());
    } else if (value.is_string()) {
      stream_.text(value.as_string_view());
    } else if (refer(value.identity())) {
      return;
    } else if (value.is_tensor()) {
      tensor(value.as_tensor());
    } else if (value.is_dict()) {
      begin_dict(value, keys);
    } else {
      begin_sequence(value);
    }
  }

  void begin_sequence(const Value& value) {
    const auto& items = value.as_sequence();
    Frame frame{value.is_list() ? Kind::list : Kind::tuple, value.identity(), items.size()};
    frame.items = items.data();
    if (frame.kind == Kind::list) {
      stream_.op(Opcode::empty_list);
      put(frame.identity);
    } else if (frame.size == 0) {
      return stream_.op(Opcode::empty_tuple);
    } else if (frame.size > 3) {
      stream_.op(Opcode::mark);
    }
    open_.push_back(frame);
  }

  void begin_dict(const Value& value, Keys keys) {
    const Dict& dict = value.as_dict();
    Frame frame{Kind::dict, value.identity(), dict.size()};
    frame.dict = &dict;
    frame.entry = dict.begin();
    frame.keys = keys;
    switch (dict.type()) {
      case DictType::dict:
        stream_.op(Opcode::empty_dict);
        put(frame.identity);
        break;
      case DictType::ordered_dict:
        frame.kind = Kind::ordered_dict;
        if (is_state_dict(dict)) frame.keys = Keys::own_if_dotted;
        new_ordered_dict();
        put(frame.identity);
        break;
      case DictType::counter:  // made from a plain dict, which is nobody else's
        frame.kind = Kind::counter;
        stream_.global("collections", "Counter");
        stream_.op(Opcode::empty_dict);
        stream_.put();
        break;
    }
    open_.push_back(frame);
  }

  static bool is_state_dict(const Dict& dict) { return dict.attributes().contains("_metadata"); }

  /// One more item of the innermost container, or its end. `frame` is gone afterwards: what is
  /// begun here may move it.
  void step(Frame& frame) {
    if (frame.kind != Kind::tuple) batch(frame);
    if (frame.done == frame.size) return end(frame);
    if (frame.dict == nullptr) {
      return begin(frame.items[frame.done++]);
    }
    const auto& [key, value] = *frame.entry++;
    ++frame.done;
    write_key(key, frame.keys);
    // The module paths in the metadata of a state_dict are made at each call of state_dict().
    const bool paths = frame.kind == Kind::attributes && key == "_metadata";
    begin(value, paths ? Keys::own : Keys::shared);
  }

  void write_key(const DictKey& key, Keys keys) {
    if (!key.is_string()) return stream_.integer(key.integer());
    const bool dotted = key.string().find('.') != std::string_view::npos;
    if (keys == Keys::own || (keys == Keys::own_if_dotted && dotted)) {
      stream_.own_text(key.string());
    } else {
      stream_.text(key.string());
    }
  }

  /// Ends the batch of items that is complete, and begins the next one. CPython walks through a
  /// dict and an OrderedDict in two ways, which differ at the ends: a plain dict has a mark
  /// wherever there is more than one item in all, and an empty batch after the last full one.
  void batch(Frame& frame) {
    const bool is_list = frame.kind == Kind::list;
    const bool is_ordered = frame.kind == Kind::ordered_dict;
    const bool at_end = frame.done == frame.size;
    if (frame.done > 0 && (at_end || frame.done % kBatch == 0)) {
      stream_.op(is_list ? (frame.marked ? Opcode::appends : Opcode::append)
                         : (frame.marked ? Opcode::setitems : Opcode::setitem));
    }
    if (frame.done % kBatch != 0) return;
    const std::size_t left = frame.size - frame.done;
    frame.marked = (is_ordered ? left : frame.size) > 1 && left > 0;
    if (frame.marked) stream_.op(Opcode::mark);
    if (at_end && frame.size > 0 && !is_list && !is_ordered) {
      stream_.op(Opcode::mark);
      stream_.op(Opcode::setitems);
    }
  }

  void end(const Frame& ended) {
    const Frame frame = ended;
    open_.pop_back();
    switch (frame.kind) {
      case Kind::tuple:
        close_tuple(frame.size);
        put_at_end(frame.identity);
        break;
      case Kind::counter:
        close_tuple(1);
        stream_.put();
        stream_.op(Opcode::reduce);
        put_at_end(frame.identity);
        break;
      case Kind::ordered_dict:
        if (!frame.dict->attributes().is_none()) begin_attributes(frame.dict->attributes());
        break;
      case Kind::attributes:
        stream_.op(Opcode::build);
        break;
      case Kind::list:
      case Kind::dict:
        break;
    }
  }

  /// The `__dict__` of an OrderedDict: Python pickles a copy of it.
  void begin_attributes(const Value& attributes) {
    const Dict& dict = attributes.as_dict();
    Frame frame{Kind::attributes, nullptr, dict.size()};
    frame.dict = &dict;
    frame.entry = dict.begin();
    stream_.op(Opcode::empty_dict);
    stream_.put();
    open_.push_back(frame);
  }

  void close_tuple(std::size_t size) {
    constexpr Opcode kShort[] = {Opcode::empty_tuple, Opcode::tuple1, Opcode::tuple2,
                                 Opcode::tuple3};
    stream_.op(size > 3 ? Opcode::tuple : kShort[size]);
  }

  // ---- tensors ----

  void tensor(const AnyTensor& tensor) {
    const SavedForm* form = valid_form(tensor.impl());
    const bool was_told = tensor.impl().autograd != nullptr;  // by requires_grad_(), since loaded
    const bool requires_grad = was_told ? tensor.requires_grad() : form && form->requires_grad;
    if (!tensor.is_parameter()) {
      rebuild(tensor.impl(), form, requires_grad);
    } else {
      stream_.global("torch._utils", "_rebuild_parameter");
      rebuild(tensor.impl(), form, false);
      stream_.put();
      stream_.boolean(requires_grad);
      new_ordered_dict();
      stream_.put();
      close_tuple(3);
      stream_.put();
      stream_.op(Opcode::reduce);
    }
    put(tensor.impl_ref().get());
  }

  /// In the form that the tensor had in its file, if there is one.
  void rebuild(const TensorImpl& tensor, const SavedForm* form, bool requires_grad) {
    const bool untyped = torch_storage(tensor.dtype).empty();
    stream_.global("torch._utils", untyped ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
    stream_.op(Opcode::mark);
    storage(form ? *form->storage : *tensor.storage, tensor.dtype);
    stream_.integer(form ? form->offset : 0);
    sizes(tensor.shape);
    sizes(form ? form->strides : contiguous_strides(tensor.shape));
    stream_.boolean(requires_grad);
    new_ordered_dict();  // hooks
    stream_.put();
    if (untyped) stream_.global("torch", dtype_name(tensor.dtype));
    if (form && form->negated) negative_bit();
    stream_.op(Opcode::tuple);
    stream_.put();
    stream_.op(Opcode::reduce);
  }

  /// {'neg': True}
  void negative_bit() {
    stream_.op(Opcode::empty_dict);
    stream_.put();
    stream_.text("neg");
    stream_.boolean(true);
    stream_.op(Opcode::setitem);
  }

  /// The class of the storages of a dtype; empty for the younger dtypes, which have untyped ones.
  static std::string_view torch_storage(Dtype dtype) {
    return find_torch_dtype(dtype_name(dtype))->storage;
  }

  void storage(const Storage& storage, Dtype dtype) {
    const std::string_view type = torch_storage(dtype);
    const bool untyped = type.empty();
    check_dtype(storage, untyped ? Dtype::uint8 : dtype);
    stream_.op(Opcode::mark);
    stream_.text("storage");
    stream_.global(untyped ? "torch.storage" : "torch", untyped ? "UntypedStorage" : type);
    if (const auto known = keys_.find(&storage); known != keys_.end()) {
      stream_.get(known->second);
    } else {
      keys_.emplace(&storage, stream_.new_text(std::to_string(storages_.size())));
      storages_.push_back(&storage);
    }
    stream_.text("cpu");
    stream_.integer(static_cast<std::int64_t>(storage.bytes() / (untyped ? 1 : dtype_size(dtype))));
    stream_.op(Opcode::tuple);
    stream_.put();
    stream_.op(Opcode::binpersid);
  }

  void check_dtype(const Storage& storage, Dtype dtype) {
    if (storage.bytes() == 0) return;
    const Dtype first = dtypes_.try_emplace(storage.data(), dtype).first->second;
    if (first == dtype) return;
    raise<DtypeError>("save", "expected tensors that share memory to be of one dtype, got ",
                      dtype_name(first), " and ", dtype_name(dtype));
  }

  void sizes(const Shape& sizes) {
    if (sizes.size() > 3) stream_.op(Opcode::mark);
    for (const std::int64_t size : sizes) stream_.integer(size);
    close_tuple(sizes.size());
    if (!sizes.empty()) stream_.put();
  }

  // ---- objects ----

  /// Not put: the caller knows whether it can be referred to.
  void new_ordered_dict() {
    stream_.global("collections", "OrderedDict");
    stream_.op(Opcode::empty_tuple);
    stream_.op(Opcode::reduce);
  }

  bool refer(const void* identity) {
    const auto known = numbers_.find(identity);
    if (known == numbers_.end()) return false;
    stream_.get(known->second);
    return true;
  }
  void put(const void* identity) { numbers_.emplace(identity, stream_.put()); }
  /// For what is complete only after its items, and so must not be among them.
  void put_at_end(const void* identity) {
    if (numbers_.contains(identity)) {
      raise<ValueError>("save", "expected a tree, got a tuple that contains itself");
    }
    put(identity);
  }

  PickleStream stream_;
  std::string pickle_;
  std::vector<Frame> open_;
  std::unordered_map<const void*, PickleStream::Number> numbers_;
  std::unordered_map<const Storage*, PickleStream::Number> keys_;
  std::unordered_map<const void*, Dtype> dtypes_;  // by the address of the data
  std::vector<const Storage*> storages_;
};

}  // namespace brasa::detail
