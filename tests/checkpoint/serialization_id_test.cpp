#include "brasa/checkpoint/serialization_id.hpp"

#include <cstddef>
#include <string>

#include "support/catch.hpp"

#if defined(__GLIBCXX__) && defined(__LP64__)
#include <functional>
#include <string>
#include <unordered_set>
#endif

using brasa::detail::SerializationId;
using brasa::detail::torch_text_hash;
using brasa::detail::TorchSetOrder;

namespace {

std::string first_half(std::size_t storages) {
  SerializationId id;
  for (const char* name : {"data.pkl", ".format_version", ".storage_alignment", "byteorder"}) {
    id.add_name(name);
  }
  for (std::size_t i = 0; i < storages; ++i) id.add_name("data/" + std::to_string(i));
  id.add_name("version");
  return id.text().substr(0, 20);
}

}  // namespace

// def first_half(n):
//     file = io.BytesIO()
//     torch.save([torch.zeros(1) for _ in range(n)], file)
//     return zipfile.ZipFile(file).read('archive/.data/serialization_id')[:20]
TEST_CASE("The first half of the id depends on the number of storages", "[checkpoint][torch]") {
  CHECK(first_half(0) == "02908468677762923104");
  CHECK(first_half(1) == "15728199511854643026");
  CHECK(first_half(2) == "05611085236196705294");
  CHECK(first_half(3) == "08494888479650487350");
  CHECK(first_half(10) == "12377610408694458067");
  CHECK(first_half(100) == "09159737005121336556");
  CHECK(first_half(1000) == "02450224207034579348");
  CHECK(first_half(10000) == "04482703750736936608");
}

TEST_CASE("Texts are hashed as in PyTorch's standard library", "[checkpoint][torch]") {
  CHECK(torch_text_hash("data.pkl") == 0x44943d565847b09e);
}

#if defined(__GLIBCXX__) && defined(__LP64__)
TEST_CASE("Hash and order are those of libstdc++, where that is the library",
          "[checkpoint][torch]") {
  std::unordered_set<std::string> set;
  TorchSetOrder order;
  std::string text;
  for (int i = 0; i < 20000; ++i) {
    text = std::string(static_cast<std::size_t>(i) % 20, '\xE9') + std::to_string(i);
    REQUIRE(torch_text_hash(text) == std::hash<std::string>()(text));
    set.insert(text);
    order.insert(torch_text_hash(text));
    if (i > 100 && i % 1000 != 0) continue;
    auto expected = set.begin();
    bool same = true;
    order.for_each(
        [&](std::uint64_t hash) { same = same && hash == std::hash<std::string>()(*expected++); });
    REQUIRE(same);
    REQUIRE(expected == set.end());
  }
}
#endif
