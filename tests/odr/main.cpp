#include <brasa/brasa.hpp>
#include <cstdio>

float draw_elsewhere();

float draw_here() { return brasa::rand<float>({1}).item(); }

// torch.manual_seed(0); torch.rand(1), torch.rand(1)
//   (tensor([0.4963]), tensor([0.7682]))
int main() {
  brasa::manual_seed(0);
  const float first = draw_here();
  const float second = draw_elsewhere();

  brasa::manual_seed(0);
  const bool same_stream = first == draw_elsewhere() && second == draw_here();
  const bool as_pytorch =
      first > 0.4962f && first < 0.4964f && second > 0.7681f && second < 0.7683f;
  if (same_stream && as_pytorch) return 0;
  std::printf("drew %.4f, then %.4f in the other translation unit\n", first, second);
  return 1;
}
