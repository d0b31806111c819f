#include "brasa/checkpoint/saved_form.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/checkpoint/torch_file.hpp"
#include "brasa/checkpoint/torch_save.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"
#include "support/torch_tree.hpp"

namespace fs = std::filesystem;
using namespace brasa;

namespace {

using Bytes = std::vector<std::byte>;

fs::path recorded_path(const std::string& name) {
  return fs::path(BRASA_GOLDEN_DIR) / "torch" / name;
}

}  // namespace

TEST_CASE("A loaded tree is written again as the same file", "[checkpoint][torch]") {
  const golden::File recorded("torch_saves.safetensors");
  int trees = 0;
  for (const golden::Json& c : recorded.cases()) {
    if (c.at("kind") != "tree") continue;
    INFO(c.at("name"));
    if (c.at("name") == "an attribute") continue;  // load keeps _metadata only
    ++trees;
    const Bytes file = serialize(torch_tree::Builder(c.at("storages"))(c.at("tree")));
    CHECK((serialize(load(file)) == file));
  }
  CHECK(trees >= 85);
}

// tests/golden/recorder/torch_files.py wrote each object as name.pt and name.stream.pt
TEST_CASE("A loaded file of torch.save is saved as the same file, views included",
          "[checkpoint][torch]") {
  const std::set<std::string> others = {
      "attributes.pt",  // Python attributes of tensors,
      "plain.pt",       // a set, a torch.Size, a dtype and devices:
                        // load says what becomes of them
      "alignment_1.pt", "alignment_4096.pt", "no_crc.pt", "file_object.pt",  // written otherwise
      "protocol_0.pt", "protocol_1.pt", "protocol_3.pt", "protocol_4.pt", "protocol_5.pt",
      "big_endian.pt", "deflated.pt", "repacked.pt", "python2.pt"};  // not written by torch.save
  const TemporaryFolder folder;
  int files = 0;
  for (const auto& entry : fs::directory_iterator(recorded_path(""))) {
    std::string name = entry.path().filename().string();
    const bool is_stream = name.ends_with(".stream.pt");
    if (is_stream) name.erase(name.size() - std::string_view(".stream.pt").size()) += ".pt";
    if (!name.ends_with(".pt") || others.contains(name)) continue;
    INFO(entry.path());
    save(load(entry.path()), folder / name);
    CHECK((bytes_of(folder / name) == bytes_of(recorded_path(name))));
    // The same from memory, where nothing is used in place.
    save(load(bytes_of(entry.path())), folder / name);
    CHECK((bytes_of(folder / name) == bytes_of(recorded_path(name))));
    ++files;
  }
  CHECK(files >= 39);
}

TEST_CASE("A loaded state_dict keeps the form of its tensors", "[checkpoint][torch]") {
  const TemporaryFolder folder;
  const StateDict state = load(recorded_path("net.pt"));
  save(state, folder / "net.pt");
  CHECK((bytes_of(folder / "net.pt") == bytes_of(recorded_path("net.pt"))));
}

TEST_CASE("A view is saved as a tensor of its own once its elements are others",
          "[checkpoint][torch]") {
  const auto items = [](const Value& list) {
    std::vector<Tensor<float>> tensors;
    for (std::int64_t i = 0; i < 4; ++i) tensors.push_back(list[i].as_tensor().as<float>());
    return tensors;
  };
  const auto check_saved = [&](const Value& views, std::size_t size) {
    const Bytes file = serialize(views);
    const Value again = load(file);
    for (std::int64_t i = 0; i < 13; ++i) {
      INFO(i);
      CHECK(again[i].as_tensor().as<float>().equal(views[i].as_tensor().as<float>()));
    }
    CHECK(file.size() > size);
  };
  // [base, base.t(), base[1:3, ::2], base[0, 0], …]
  Value views = load(recorded_path("views.pt"));
  for (Value& value : views.as_list()) {
    if (!value.as_tensor().holds<float>()) value = zeros({2});
  }
  const std::size_t size = serialize(views).size();
  SECTION("the copy of the view") {
    items(views)[2].fill_(7);
    check_saved(views, size);
  }
  SECTION("the memory, of which the view is a copy here") {
    items(views)[0].fill_(7);
    CHECK(items(views)[3].item() == 7);
    CHECK(items(views)[1](0, 1) == 6);
    check_saved(views, size);
  }
}

// torch.save(torch.load(f).requires_grad_(False), g) writes what torch.save(torch.ones(2), g) does,
// where f holds torch.ones(2, requires_grad=True)
TEST_CASE("What requires_grad_() says of a loaded tensor is saved", "[checkpoint][torch]") {
  const Bytes with_gradient = serialize(Value(ones({2}).requires_grad_()));
  const Bytes without = serialize(Value(ones({2})));
  REQUIRE((with_gradient != without));
  Tensor<float> loaded = load(with_gradient).as_tensor().as<float>();
  CHECK((serialize(Value(loaded)) == with_gradient));
  loaded.requires_grad_(false);
  CHECK((serialize(Value(loaded)) == without));
  loaded.requires_grad_();
  CHECK((serialize(Value(loaded)) == with_gradient));
}
