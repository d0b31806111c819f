#include "brasa/checkpoint/torch_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/inspect.hpp"
#include "brasa/core/convert.hpp"
#include "brasa/core/file.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/golden.hpp"
#include "support/safetensors_bytes.hpp"
#include "support/temporary_folder.hpp"
#include "support/zip_bytes.hpp"
#ifdef BRASA_TESTS_ZLIB
#include "brasa/checkpoint/deflate.hpp"
#endif

namespace fs = std::filesystem;
using namespace brasa;
using golden::Json;

namespace {

fs::path golden_path(const std::string& name) { return fs::path(BRASA_GOLDEN_DIR) / name; }
fs::path torch_path(const std::string& name) { return golden_path("torch/" + name); }

/// Holds a tree against what PyTorch read from the same file.
class TreeCheck {
 public:
  explicit TreeCheck(const golden::File& recorded) : recorded_(recorded) {}

  void check(const Value& value, const Json& expected, const std::string& path = "tree") {
    INFO(path << ": " << expected.dump().substr(0, 200));
    if (expected.is_object() && expected.contains("dict")) {
      check_dict(value, expected, path);
    } else if (expected.is_object() && expected.contains("list")) {
      REQUIRE(value.is_list());
      check_items(value.as_list(), expected.at("list"), path);
    } else if (expected.is_object() && expected.contains("tuple")) {
      REQUIRE(value.is_tuple());
      check_items(value.as_tuple(), expected.at("tuple"), path);
    } else if (expected.is_object() && expected.contains("float")) {
      REQUIRE(value.is_double());
      CHECK(repr(value) == expected.at("float").get<std::string>());
    } else if (expected.is_object()) {
      check_tensor(value, expected);
    } else if (expected.is_null()) {
      CHECK(value.is_none());
    } else if (expected.is_boolean()) {
      CHECK(value.as_bool() == expected.get<bool>());
    } else if (expected.is_number_integer()) {
      CHECK(value.as_int() == expected.get<std::int64_t>());
    } else {
      CHECK(value.as_string() == expected.get<std::string>());
    }
  }

  int tensors() const { return tensors_; }

 private:
  void check_items(const std::vector<Value>& items, const Json& expected, const std::string& path) {
    REQUIRE(items.size() == expected.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      check(items[i], expected[i], path + '[' + std::to_string(i) + ']');
    }
  }
  void check_dict(const Value& value, const Json& expected, const std::string& path) {
    const Dict& dict = value.as_dict();
    const std::map<std::string, DictType> types{{"dict", DictType::dict},
                                                {"ordered_dict", DictType::ordered_dict},
                                                {"counter", DictType::counter}};
    CHECK(dict.type() == types.at(expected.at("type").get<std::string>()));
    REQUIRE(dict.size() == expected.at("dict").size());
    std::size_t i = 0;
    for (const auto& [key, entry] : dict) {
      const Json& pair = expected.at("dict")[i++];
      check(key.value(), pair[0], path + " key");
      check(entry, pair[1], path + '[' + repr(key.value()) + ']');
    }
    CHECK(dict.attributes().is_none() == !expected.contains("versions"));
    if (!expected.contains("versions")) return;
    const StateDict state = value;
    std::size_t count = 0;
    for (const auto& [module, version] : state.metadata()) {
      CHECK(module == expected.at("versions")[count][0].get<std::string>());
      CHECK(version == expected.at("versions")[count++][1].get<std::int64_t>());
    }
    CHECK(count == expected.at("versions").size());
  }
  void check_tensor(const Value& value, const Json& expected) {
    REQUIRE(value.is_tensor());
    const AnyTensor tensor = value.as_tensor();
    ++tensors_;
    CHECK(dtype_name(tensor.dtype()) == expected.at("dtype").get<std::string>());
    CHECK(tensor.is_parameter() == expected.at("parameter").get<bool>());
    CHECK_FALSE(tensor.requires_grad());
    if (expected.contains("unsigned")) {
      const auto numbers = expected.at("unsigned").get<std::vector<std::uint64_t>>();
      CHECK(tensor.shape() == golden::sizes(expected.at("shape")));
      const auto* data = static_cast<const std::uint64_t*>(tensor.raw_data());
      CHECK(std::equal(numbers.begin(), numbers.end(), data, data + tensor.numel()));
    } else {
      const AnyTensor wide = recorded_.argument(expected);
      CHECK(golden::equal_bits(convert(tensor, wide.dtype()), wide));
    }
    if (!expected.contains("memory")) return;
    // Those that begin at one place in Python share their storage.
    const auto [first, is_new] = memory_.emplace(expected.at("memory").get<int>(), tensor);
    if (!is_new) CHECK(tensor.shares_storage(first->second));
    for (const auto& [place, other] : memory_) {
      if (place != first->first) CHECK_FALSE(tensor.shares_storage(other));
    }
  }

  const golden::File& recorded_;
  std::map<int, AnyTensor> memory_;
  int tensors_ = 0;
};

}  // namespace

// tests/golden/recorder/torch_files.py wrote them; tests/golden/record_old_torch.py those of 1.13.1
TEST_CASE("Files of PyTorch hold what torch.load gives for them", "[checkpoint][torch_file]") {
  const golden::File recorded("torch_files.safetensors");
  REQUIRE(recorded.cases().size() >= 60);
  int tensors = 0;
  for (const Json& c : recorded.cases()) {
    const auto name = c.at("file").get<std::string>();
    if (detail::inflate_function() == nullptr && name == "torch/deflated.pt") continue;
    INFO(name);
    for (const bool mapped : {true, false}) {
      TreeCheck checks(recorded);
      checks.check(
          mapped ? load(golden_path(name)) : load(detail::read_file(golden_path(name).string())),
          c.at("tree"));
      tensors += checks.tensors();
    }
  }
  CHECK(tensors > 900);
}

TEST_CASE("What brasa does not hold is refused by its name, with a remedy",
          "[checkpoint][torch_file]") {
  const std::string class_remedy =
      "an object of a Python class or a function, perhaps a whole model: save model.state_dict(), "
      "and plain dicts, lists, numbers and strings";
  const auto python = [](const std::string& name, const std::string& remedy) {
    return "it needs \"" + name + "\" of Python, which brasa does not run: " + remedy;
  };
  const std::string module =
      python("torch.nn.modules.container.Sequential", "a whole module: save module.state_dict()");
  const std::string numpy =
      "a NumPy object: save float(x) for a number, torch.from_numpy(x) for an array";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"whole_module.pt", module},
      {"whole_module.stream.pt",
       python("torch.nn.modules.linear.Linear", "a whole module: save module.state_dict()")},
      {"code.pt", python("posix.system", class_remedy)},
      {"numpy_scalar.pt", python("numpy._core.multiarray.scalar", numpy)},
      {"numpy_array.pt", python("numpy._core.multiarray._reconstruct", numpy)},
      {"sparse.pt",
       python("torch._utils._rebuild_sparse_tensor", "a sparse tensor: save x.to_dense()")},
      {"quantised.pt",
       python("torch._utils._rebuild_qtensor", "a quantised tensor: save x.dequantize()")},
      {"meta.pt", python("torch._utils._rebuild_meta_tensor_no_storage",
                         "a tensor on the device meta, which has no values")},
      {"nested.pt",
       python("torch._utils._rebuild_nested_tensor", "a nested tensor: save x.unbind()")},
      {"complex_number.pt", python("__builtin__.complex", "a complex number: save its two parts")},
      {"bytes.pt", python("_codecs.encode",
                          "a bytes object: save a str, or torch.frombuffer(x, dtype=torch.uint8)")},
      {"large_int.pt",
       "the pickle holds an int beyond 64 bits, which brasa does not: save it as a str"},
      {"storage.pt", "the pickle holds a storage outside of a tensor: save the tensor"},
      {"defaultdict.pt", python("collections.defaultdict", "a defaultdict: save dict(x)")},
      {"namespace.pt", python("argparse.Namespace", "a Namespace: save vars(args)")},
      {"path.pt", python("pathlib.PurePosixPath", "a path: save str(x)")},
      {"function.pt", python("__builtin__.getattr", class_remedy)},
      {"tuple_key.pt", "a dict has the key a tuple of 2; brasa holds int and str as keys"},
      {"cycle.pt", "the pickle is not sound: a list or a dict holds itself"},
      {"optimizer_object.pt",
       python("torch.optim.sgd.SGD", "a whole optimizer or scheduler: save its state_dict()")},
      {"torchscript.pt",
       "it is a TorchScript archive (torch.jit.save): in Python, "
       "torch.save(torch.jit.load(path).state_dict(), \"model.pt\")"},
      {"exported.pt2",
       "it is an archive of torch.export: in Python, "
       "torch.save(torch.export.load(path).state_dict, \"model.pt\")"},
      {"tar.pt",
       "neither a file of torch.save nor of safetensors: it is a tar file, which PyTorch wrote "
       "before its version 0.1.10: load it there and save its state_dict again"},
      {"protocol_0.pt",
       "the pickle holds a tensor in protocol 0, which PyTorch itself cannot read back: save it "
       "with protocol 2"},
  };
  for (const auto& [name, message] : rows) {
    const fs::path path = torch_path("refused/" + name);
    INFO(name);
    CHECK(error_of<FileError>([&] { load(path); }) == "load: " + path.string() + ": " + message);
    CHECK_THROWS_AS(inspect(path), FileError);
  }
  const std::string dtypes =
      ": expected a dtype among float64, float32, float16, bfloat16, int64, int32, int16, int8, "
      "uint64, uint32, uint16, uint8 and bool, got ";
  const fs::path with_complex = torch_path("refused/complex.pt");
  CHECK(error_of<DtypeError>([&] { load(with_complex); }) ==
        "load: " + with_complex.string() + ": tensor ['x']" + dtypes + "complex64");
  const fs::path with_float8 = torch_path("refused/float8.pt");
  CHECK(error_of<DtypeError>([&] { load(with_float8); }) ==
        "load: " + with_float8.string() + ": tensor ['model']['x']" + dtypes + "float8_e4m3fn");
}

TEST_CASE("Files of other kinds are told by their names", "[checkpoint][torch_file]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"version https://git-lfs.github.com/spec/v1\n",
       "neither a file of torch.save nor of safetensors: it only points to a file in Git LFS"},
      {"<!DOCTYPE html>", "neither a file of torch.save nor of safetensors: it may be a web page"},
      {std::string("\x1f\x8b\x08\0\0", 5),
       "neither a file of torch.save nor of safetensors: it is packed by gzip: unpack it first"},
      {"\x93NUMPY\x01",
       "neither a file of torch.save nor of safetensors: it is a NumPy array, of numpy.save"},
      {"GGUF\x03",
       "neither a file of torch.save nor of safetensors: it is a GGUF file, of llama.cpp"},
      {"\x89HDF\r\n",
       "neither a file of torch.save nor of safetensors: it is an HDF5 file, perhaps of Keras"},
      {"", "neither a file of torch.save nor of safetensors"},
      {"what is this", "neither a file of torch.save nor of safetensors"},
      {std::string("PK\5\6") + std::string(18, '\0'),
       "neither a file of torch.save nor of safetensors: it is an empty zip archive"},
      {"\x80\x02K\x01.",
       "it is a pickle, but none of torch.save: in Python, torch.save(object, path)"},
  };
  for (const auto& [text, message] : rows) {
    const auto bytes = to_bytes(text);
    CHECK(error_of<FileError>([&] { load(bytes); }) == "load: in memory: " + message);
  }
  CHECK_THROWS_AS(load(torch_path("no such file")), FileError);
  CHECK_THROWS_AS(load(torch_path("refused")), FileError);
}

TEST_CASE("A model takes a file of torch.save in one call", "[checkpoint][torch_file]") {
  // torch.manual_seed(0); nn.Linear(3, 2).state_dict()
  nn::Linear<> linear(3, 2);
  linear.load_state_dict(load(torch_path("linear.pt")));
  const StateDict state = load(torch_path("linear.pt"));
  CHECK(linear.weight.equal(state.at("weight").as<float>()));
  manual_seed(0);
  CHECK(nn::Linear<>(3, 2).weight.equal(linear.weight));

  nn::Sequential model{nn::Linear<>(2, 1)};
  for (const char* prefix : {"module.", "_orig_mod."}) {
    const Value saved = load(torch_path(prefix[0] == 'm' ? "parallel.pt" : "compiled.pt"));
    CHECK(error_of<StateDictError>([&] { model.load_state_dict(saved); }) ==
          std::string("Error(s) in loading state_dict for Sequential:\n"
                      "\tMissing key(s) in state_dict: \"0.weight\", \"0.bias\".\n"
                      "\tUnexpected key(s) in state_dict: \"") +
              prefix + "0.weight\", \"" + prefix + "0.bias\".\n\tThe keys begin with \"" + prefix +
              "\": load strip_prefix(state, \"" + prefix + "\").");
    model.load_state_dict(strip_prefix(saved, prefix));
    CHECK(model.get_parameter("0.bias").equal(
        saved[std::string(prefix) + "0.bias"].as_tensor().as<float>()));
  }
}

TEST_CASE("A checkpoint of several parts is walked by its keys", "[checkpoint][torch_file]") {
  const Value checkpoint = load(torch_path("checkpoint.pt"));
  CHECK(checkpoint["epoch"].as_int() == 3);
  CHECK(checkpoint["optimizer"]["param_groups"][0]["betas"][1].as_double() == 0.999);
  const StateDict state = checkpoint["model"];
  CHECK(state.keys().front() == "0.weight");
  CHECK(state.metadata().at("1") == 2);
  nn::Linear<> linear(3, 2);
  CHECK_THROWS_AS(linear.load_state_dict(checkpoint["model"]), StateDictError);
  CHECK(error_of<ValueError>([&] { linear.load_state_dict(checkpoint); }) ==
        "expected a state_dict, which holds tensors by name; ['model'] is a dict with the keys "
        "'0.weight', '0.bias', '1.weight', '1.bias', '1.running_mean', '1.running_var', "
        "'1.num_batches_tracked', '3.weight' and 1 more: is that the state_dict? Then take this "
        "entry");
}

TEST_CASE("A safetensors file is loaded by its content", "[checkpoint][torch_file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "model.pt";
  save_safetensors({{"weight", full({2, 2}, 3.0f)}}, path);
  const Value value = load(path);
  CHECK(value["weight"].as_tensor().as<float>().equal(full({2, 2}, 3.0f)));
  CHECK(error_of<FileError>([&] { load(file_bytes("{", "")); }) ==
        "safetensors: in memory: the header is not valid JSON at its byte 2");
}

TEST_CASE("Tensors of a mapped file are used in place and may be written to",
          "[checkpoint][torch_file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "net.pt";
  fs::copy_file(torch_path("net.pt"), path);
  const auto before = detail::read_file(path.string());
  Tensor<float> weight;
  {
    const Value net = load(path);
    weight = net["encoder.weight"].as_tensor().as<float>();
    weight.data()[0] = 7;
    CHECK(net["decoder.weight"].as_tensor().as<float>()(0, 0) == 7);  // they are tied
  }
  CHECK(weight(0, 0) == 7);
  fs::remove(path);
  CHECK(weight(0, 0) == 7);
  write_bytes(path, before);
  CHECK(load(path)["encoder.weight"].as_tensor().as<float>()(0, 0) != 7);
  CHECK(detail::read_file(path.string()) == before);
}

TEST_CASE("Views of one storage share memory where their elements follow one another",
          "[checkpoint][torch_file]") {
  const Value views = load(torch_path("views.pt"));
  const auto tensor = [&](std::int64_t i) { return views[i].as_tensor(); };
  auto base = tensor(0).as<float>();
  CHECK(tensor(8).shares_storage(base));
  CHECK(tensor(6).raw_data() == base.data() + 12);
  CHECK(tensor(6).shares_storage(tensor(7)));
  CHECK(tensor(1).shares_storage(tensor(9)));  // one copy of a transposed view
  CHECK_FALSE(tensor(1).shares_storage(base));
  CHECK(tensor(4).shape() == Shape{2, 4, 6});
}

TEST_CASE("The progress of reading is told up to the end", "[checkpoint][torch_file]") {
  for (const char* name : {"net.pt", "net.stream.pt", "1.13.1/checkpoint.pt"}) {
    std::vector<std::uint64_t> told;
    std::uint64_t all = 0;
    load(torch_path(name), {.progress = [&](std::uint64_t done, std::uint64_t total) {
           told.push_back(done);
           all = total;
         }});
    CHECK(told.size() > 3);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == all);
  }
}

TEST_CASE("A deflated archive is refused where nothing can unpack it", "[checkpoint][torch_file]") {
  const auto kept = std::exchange(detail::inflate_function(), nullptr);
  const fs::path path = torch_path("deflated.pt");
  CHECK(error_of<FileError>([&] { load(path); }) ==
        "load: " + path.string() +
            ": the zip archive is deflated, which torch.save never does: include "
            "<brasa/checkpoint/deflate.hpp> and link zlib, or pack it anew with zip -0");
  // It would not help where the archive is of another kind, which its records tell unopened.
  CHECK_THAT(error_of<FileError>([&] { load(torch_path("refused/torchscript.pt")); }),
             Catch::Matchers::ContainsSubstring("it is a TorchScript archive"));
  detail::inflate_function() = kept;
}

TEST_CASE("inspect lists what a file holds, also of dtypes that brasa does not hold",
          "[checkpoint][torch_file]") {
  const auto entries = inspect(torch_path("refused/float8.pt"));
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].name == "['model']['x']");
  CHECK(entries[0].type == "float8_e4m3fn");
  CHECK(entries[0].bytes == 2);
  const auto linear = inspect(torch_path("linear.stream.pt"));
  REQUIRE(linear.size() == 2);
  CHECK(linear[0].name == "weight");
  CHECK(linear[0].shape == Shape{2, 3});
  CHECK(linear[0].bytes == 24);
  const auto sgd = inspect(torch_path("sgd.pt"));
  const auto lr = std::find_if(sgd.begin(), sgd.end(), [](const FileEntry& entry) {
    return entry.name == "['param_groups'][0]['lr']";
  });
  REQUIRE(lr != sgd.end());
  CHECK(lr->type == "float");
  CHECK(lr->value == "0.1");
  CHECK(inspect(golden_path("safetensors/float8.safetensors"))[0].type == "F8_E4M3");
}
