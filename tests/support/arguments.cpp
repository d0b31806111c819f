#include "support/arguments.hpp"

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"

namespace golden {
namespace {

brasa::Real to_real(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return number(value);
}

/// None, or an option that was turned off.
bool says_nothing(const Json& value) { return value.is_null() || value == false; }

}  // namespace

Arguments::Arguments() : Arguments(nullptr, Json::array(), Json::object()) {}

Arguments::Arguments(const File* file, const Json& args, const Json& kwargs)
    : args_(args), kwargs_(kwargs) {
  for (std::size_t i = 0; i < args_.size(); ++i) load(file, std::to_string(i), args_[i]);
  for (const auto& [name, value] : kwargs_.items()) load(file, name, value);
}

void Arguments::load(const File* file, const std::string& name, const Json& value) {
  if (is_tensor(value)) {
    const brasa::AnyTensor tensor = tensors_[name] = file->argument(value);
    if (!requires_grad(value)) return;
    if (tensor.holds<float>()) tensor.as<float>().requires_grad_();
    if (tensor.holds<double>()) tensor.as<double>().requires_grad_();
  } else if (value.is_array() || (value.is_object() && value.contains("tuple"))) {
    const Json& list = parts(value);
    for (std::size_t i = 0; i < list.size(); ++i) {
      load(file, name + "." + std::to_string(i), list[i]);
    }
  }
}

const Json* Arguments::find(std::size_t position, const char* name) const {
  const Json* found = nullptr;
  if (position < args_.size()) {
    read_.insert(std::to_string(position));
    found = &args_[position];
  } else if (const auto named = kwargs_.find(name); named != kwargs_.end()) {
    read_.insert(name);
    found = &*named;
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

const Json& Arguments::require(std::size_t position, const char* name) const {
  const Json* found = find(position, name);
  if (found == nullptr) throw std::runtime_error("golden: no argument " + std::string(name));
  return *found;
}

bool Arguments::has_tensor(std::size_t position, const char* name) const {
  const Json* found = find(position, name);
  return found != nullptr && is_tensor(*found);
}

std::int64_t Arguments::integer(std::size_t position, const char* name) const {
  return require(position, name).get<std::int64_t>();
}
std::int64_t Arguments::integer(std::size_t position, const char* name,
                                std::int64_t otherwise) const {
  return maybe_integer(position, name).value_or(otherwise);
}
std::optional<std::int64_t> Arguments::maybe_integer(std::size_t position, const char* name) const {
  const Json* found = find(position, name);
  return found ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}
double Arguments::number(std::size_t position, const char* name) const {
  return golden::number(require(position, name));
}
double Arguments::number(std::size_t position, const char* name, double otherwise) const {
  const Json* found = find(position, name);
  return found ? golden::number(*found) : otherwise;
}
brasa::Real Arguments::real(std::size_t position, const char* name) const {
  return to_real(require(position, name));
}
brasa::Real Arguments::real(std::size_t position, const char* name, brasa::Real otherwise) const {
  const Json* found = find(position, name);
  return found ? to_real(*found) : otherwise;
}
bool Arguments::flag(std::size_t position, const char* name, bool otherwise) const {
  const Json* found = find(position, name);
  return found ? found->get<bool>() : otherwise;
}
std::string Arguments::text(std::size_t position, const char* name, const char* otherwise) const {
  const Json* found = find(position, name);
  return found ? found->get<std::string>() : otherwise;
}
brasa::Shape Arguments::sizes(std::size_t position, const char* name) const {
  return golden::sizes(require(position, name));
}
brasa::Dtype Arguments::dtype(std::size_t position, const char* name,
                              brasa::Dtype otherwise) const {
  const Json* found = find(position, name);
  return found ? golden::dtype(*found) : otherwise;
}

brasa::AnyTensor Arguments::any_tensor(std::size_t position, const char* name) const {
  if (find(position, name) == nullptr) return {};
  const std::string key = position < args_.size() ? std::to_string(position) : std::string(name);
  const auto found = tensors_.find(key);
  if (found == tensors_.end()) throw Unsupported(std::string(name) + " that is not a tensor");
  return found->second;
}

void Arguments::check_all_read() const {
  for (std::size_t i = 0; i < args_.size(); ++i) {
    if (read_.contains(std::to_string(i)) || says_nothing(args_[i])) continue;
    throw Unsupported("argument " + std::to_string(i));
  }
  for (const auto& [name, value] : kwargs_.items()) {
    if (read_.contains(name) || says_nothing(value)) continue;
    throw Unsupported("argument " + name);
  }
}

}  // namespace golden
