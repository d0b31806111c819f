#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "brasa/kernels/gemm_task.hpp"
#include "brasa/kernels/scratch.hpp"
#include "brasa/kernels/vector.hpp"

#if BRASA_VECTOR_KERNELS

namespace brasa::kernels {

/// What a level's products are made of. C is computed in tiles of up to `rows` × `cols` elements;
/// op(B) is read in panels of `cols` columns, the last one in one of `narrow` if that is enough.
///
/// Products are cut along k, so that a panel, depth · cols, stays in the level-1 cache or near it.
/// Where the depth is cut, C is read and written once more: few cuts were better than small panels.
struct TileShape {
  std::int64_t rows, cols, narrow, depth;

  std::int64_t panel_width(std::int64_t cols_left) const {
    return cols_left <= narrow ? narrow : cols;
  }
  /// How many elements the panels of so many columns have, for each row of op(B).
  std::int64_t packed_width(std::int64_t n) const {
    const std::int64_t whole = n / cols * cols;
    return whole < n ? whole + panel_width(n - whole) : whole;
  }
};

/// The operands of tiles: a points to their first row, where neighbours in a row are `col` apart,
/// rows `row`; b to a panel, where rows are `b_row` apart. `ahead` is the panel that is needed
/// next, or what it is going to be made from: it is fetched into the cache.
template <class T>
struct TileOperands {
  const T* a;
  std::int64_t row, col;
  const T* b;
  std::int64_t b_row;
  const T* ahead;
  std::int64_t ahead_row;
};

/// Where a tile's sums go: c = max(floor, alpha·sum + base), with rows c_row and base_row apart.
/// Without a base, which is null then, nothing is added.
template <class T>
struct TileTarget {
  T* c;
  std::int64_t c_row;
  std::int64_t cols;  // of the panel that are part of C
  const T* base;
  std::int64_t base_row;
  T alpha, floor;
};

}  // namespace brasa::kernels

#define BRASA_KERNEL_SOURCE "brasa/kernels/level/gemm.inc"
#include "brasa/kernels/level/each.inc"

#define BRASA_KERNEL_SOURCE "brasa/kernels/level/gemv.inc"
#include "brasa/kernels/level/each.inc"

namespace brasa::kernels {

/// What C is at least.
template <class T>
T floor_of(const GemmTask<T>& task) {
  return task.relu ? T(0) : -std::numeric_limits<T>::infinity();
}

/// A product, cut into parts so that what is read again stays in the caches: panels of op(B) in
/// level 1, kBlockRows rows of op(A) in level 2.
template <class T>
class BlockedProduct {
 public:
  /// `given` is memory for scratch_size() elements, or null to take some from the pool.
  explicit BlockedProduct(const GemmTask<T>& task, T* given = nullptr)
      : task_(task),
        shape_(BRASA_AT_LEVEL(tile_shape<T>)()),
        depth_(equal_parts(task.k, shape_.depth)),
        packs_a_(packs_a()),
        packs_b_(!task.packed && (task.b.col != 1 || task.m >= 2 * shape_.rows)),
        keeps_panels_(packs_b_ && task.m > block_rows(depth_)),
        panels_(size_of_panels()),
        scratch_(scratch_size(), given) {}

  std::int64_t scratch_size() const { return panels_ + size_of_rows(); }

  void run() {
    for (std::int64_t j = 0; j < task_.n; j += kBlockCols) {
      const std::int64_t cols = std::min(task_.n - j, kBlockCols);
      for (std::int64_t p = 0; p < task_.k; p += depth_) {
        multiply_block({p, std::min(task_.k - p, depth_), j, cols});
      }
    }
  }

 private:
  static constexpr std::int64_t kBlockRows = 96;
  static constexpr std::int64_t kBlockCols = 2048;

  /// Rows p to p + depth and columns j to j + cols of op(B).
  struct Block {
    std::int64_t p, depth, j, cols;
  };
  struct Rows {
    std::int64_t first, count;
    GemmOperand<T> a;
  };

  /// The length of parts of no more than `most`.
  static std::int64_t equal_parts(std::int64_t whole, std::int64_t most) {
    const std::int64_t parts = (whole + most - 1) / most;
    return (whole + parts - 1) / parts;
  }
  /// Rows of a packed op(A), or columns where A is transposed, are an odd number of cache lines
  /// apart.
  static std::int64_t padded(std::int64_t count) {
    constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(T));
    return ((count + kLine - 1) / kLine | 1) * kLine;
  }
  /// Whether a copy of op(A) pays: where its rows meet in the same lines of the cache, or what is
  /// read together, a column of a transposed A, is far apart.
  bool packs_a() const {
    if (task_.n < 4 * shape_.cols || task_.m < shape_.rows) return false;
    constexpr std::int64_t kFar = 1024, kMeet = 2048;  // bytes
    const auto bytes = [](std::int64_t stride) {
      return stride * static_cast<std::int64_t>(sizeof(T));
    };
    return task_.a.col == 1 ? bytes(task_.a.row) % kMeet == 0 : bytes(task_.a.col) >= kFar;
  }
  /// How many rows of op(A) are multiplied with all panels before the next ones are.
  std::int64_t block_rows(std::int64_t depth) const {
    if (packs_a_) return kBlockRows;
    constexpr std::int64_t kBytes = 512 << 10;
    const std::int64_t rows = kBytes / static_cast<std::int64_t>(sizeof(T)) / depth;
    return std::max(rows / shape_.rows * shape_.rows, kBlockRows);
  }
  std::int64_t size_of_panels() const {
    if (task_.packed) return 0;
    const std::int64_t cols = std::min(task_.n, kBlockCols);
    return depth_ * (keeps_panels_ ? shape_.packed_width(cols) : shape_.cols);
  }
  std::int64_t size_of_rows() const {
    if (!packs_a_) return 0;
    const std::int64_t rows = std::min(task_.m, kBlockRows);
    return task_.a.col == 1 ? rows * padded(depth_) : depth_ * padded(rows);
  }

  void multiply_block(const Block& block) const {
    const std::int64_t step = block_rows(block.depth);
    for (std::int64_t i = 0; i < task_.m; i += step) {
      const std::int64_t rows = std::min(task_.m - i, step);
      const GemmOperand<T>& a = task_.a;
      const Rows part{i, rows, {a.data + i * a.row + block.p * a.col, a.row, a.col}};
      multiply_rows(block, packs_a_ ? packed(part, block.depth) : part);
    }
  }

  Rows packed(const Rows& rows, std::int64_t depth) const {
    const bool is_transposed = rows.a.col != 1;
    const std::int64_t length = is_transposed ? rows.count : depth;  // of what lies side by side
    const std::int64_t stride = padded(length);
    T* to = scratch_.data() + panels_;
    BRASA_AT_LEVEL(copy_rows<T>)
    (rows.a.data, is_transposed ? rows.a.col : rows.a.row, is_transposed ? depth : rows.count,
     length, to, stride);
    return {rows.first, rows.count, {to, is_transposed ? 1 : stride, is_transposed ? stride : 1}};
  }

  void multiply_rows(const Block& block, const Rows& rows) const {
    for (std::int64_t j = 0; j < block.cols; j += shape_.cols) {
      const Panel panel = panel_at(block, j);
      const bool is_copy = panel.data != panel.source.data;
      const bool is_first = rows.first == 0;
      if (is_copy && is_first) {
        BRASA_AT_LEVEL(pack_panel<T>)
        (panel.source, block.depth, panel.cols, panel.row, const_cast<T*>(panel.data));
      }
      const bool is_last = j + shape_.cols >= block.cols;
      const Panel next = panel_at(block, is_last ? 0 : j + shape_.cols);
      const GemmOperand<T> ahead =
          is_first && !is_last ? next.source : GemmOperand<T>{next.data, next.row, 1};
      BRASA_AT_LEVEL(multiply_tiles<T>)
      ({rows.a.data, rows.a.row, rows.a.col, panel.data, panel.row, ahead.data, ahead.row},
       rows.count, block.depth, target(block, rows, j));
    }
  }

  /// Columns j … of a block. They are multiplied with when their first rows of C are computed, and
  /// copied just before if they have to be.
  struct Panel {
    const T* data;
    std::int64_t row, cols;
    GemmOperand<T> source;
  };
  Panel panel_at(const Block& block, std::int64_t j) const {
    const std::int64_t left = block.cols - j;
    const std::int64_t width = shape_.panel_width(left);
    const std::int64_t cols = std::min(left, shape_.cols);
    const GemmOperand<T>& b = task_.b;
    if (task_.packed) {
      // The panels of the columns before lie in front, each in its whole depth.
      const T* data = b.data + (block.j + j) * task_.k + block.p * width;
      return {data, width, cols, {data, width, 1}};
    }
    const GemmOperand<T> source{b.data + block.p * b.row + (block.j + j) * b.col, b.row, b.col};
    if (keeps_panels_) return {scratch_.data() + j * block.depth, width, cols, source};
    if (packs_b_ || left < shape_.cols) return {scratch_.data(), width, cols, source};
    return {source.data, source.row, cols, source};
  }

  TileTarget<T> target(const Block& block, const Rows& rows, std::int64_t j) const {
    TileTarget<T> to{task_.c + rows.first * task_.c_row + block.j + j,
                     task_.c_row,
                     std::min(block.cols - j, shape_.cols),
                     nullptr,
                     0,
                     task_.alpha,
                     -std::numeric_limits<T>::infinity()};
    if (block.p > 0 || task_.accumulate) {
      to.base = to.c;
      to.base_row = to.c_row;
    } else if (task_.bias != nullptr) {
      to.base = task_.bias + block.j + j;
    }
    if (block.p + block.depth == task_.k) to.floor = floor_of(task_);
    return to;
  }

  const GemmTask<T>& task_;
  const TileShape shape_;
  const std::int64_t depth_;
  const bool packs_a_, packs_b_;
  const bool keeps_panels_;    // packed ones, for the rows of op(A) that come later
  const std::int64_t panels_;  // elements in front of the copied rows of op(A)
  const Scratch<T> scratch_;
};

/// One or two rows of op(A) times a packed op(B). False if the product is none of these.
template <class T>
bool multiply_panels(const GemmTask<T>& task) {
  if (task.m > 2 || task.a.col != 1) return false;
  for (std::int64_t i = 0; i < task.m; ++i) {
    T* c = task.c + i * task.c_row;
    const TileTarget<T> to{c, 0, 0, task.accumulate ? c : task.bias, 0, task.alpha, floor_of(task)};
    const bool done = BRASA_AT_LEVEL(multiply_panels<T>)(task.b.data, task.n, task.k,
                                                         task.a.data + i * task.a.row, to);
    if (!done) return false;
  }
  return true;
}

/// One or two rows of op(A) times an op(B) whose columns are without gaps, or an op(A) of such rows
/// times one column: multiplied where they are. False if the product is none of these.
template <class T>
bool multiply_vectors(const GemmTask<T>& task) {
  if (task.packed) return multiply_panels(task);
  if (task.a.col != 1 || task.b.row != 1) return false;
  const bool by_rows = task.m <= 2 && task.b.col == task.k;
  const bool by_columns =
      task.n == 1 && task.a.row == task.k && task.c_row == 1 && task.bias == nullptr;
  if (!by_rows && !by_columns) return false;
  const GemmOperand<T>& matrix = by_columns ? task.a : task.b;
  const GemmOperand<T>& vectors = by_columns ? task.b : task.a;
  for (std::int64_t i = 0; i < (by_columns ? 1 : task.m); ++i) {
    T* c = task.c + i * task.c_row;
    const TileTarget<T> to{c, 0, 0, task.accumulate ? c : task.bias, 0, task.alpha, floor_of(task)};
    const bool done = BRASA_AT_LEVEL(multiply_vector<T>)(matrix.data, by_columns ? task.m : task.n,
                                                         task.k, vectors.data + i * task.a.row, to);
    if (!done) return false;
  }
  return true;
}

/// Computes C by the kernels of the chosen level. The sizes are positive.
template <class T>
void multiply(const GemmTask<T>& task) {
  if (!multiply_vectors(task)) BlockedProduct<T>(task).run();
}

// ---- an op(B) that is multiplied with often ----

/// How many elements `pack_matrix` writes for a (k, n) matrix, at any level.
template <class T>
std::int64_t packed_size(std::int64_t n, std::int64_t k) {
  constexpr std::int64_t kWidest = 128 / static_cast<std::int64_t>(sizeof(T));
  return (n + kWidest - 1) / kWidest * kWidest * k;
}

/// Writes op(B), a (k, n) matrix, as the panels that products of the chosen level read.
template <class T>
void pack_matrix(const GemmOperand<T>& b, std::int64_t n, std::int64_t k, T* to) {
  const TileShape shape = BRASA_AT_LEVEL(tile_shape<T>)();
  for (std::int64_t j = 0; j < n; j += shape.cols) {
    const std::int64_t left = n - j;
    BRASA_AT_LEVEL(pack_panel<T>)
    ({b.data + j * b.col, b.row, b.col}, k, std::min(left, shape.cols), shape.panel_width(left),
     to + j * k);
  }
}

// ---- for products that are cut into parts ----

/// Multiples of every level's tiles: where a product may be cut.
inline constexpr std::int64_t kGemmRows = 12, kGemmCols = 64;
static_assert(kGemmRows % baseline::kTileRows == 0 && kGemmCols % baseline::kTileCols<float> == 0);
#if BRASA_AVX_KERNELS
static_assert(kGemmRows % avx2::kTileRows == 0 && kGemmCols % avx2::kTileCols<float> == 0);
static_assert(kGemmRows % avx512::kTileRows == 0 && kGemmCols % avx512::kTileCols<float> == 0);
#endif

/// How many elements of scratch memory `multiply` needs, and the same with memory that is given,
/// aligned to 64 bytes.
template <class T>
std::int64_t gemm_scratch(const GemmTask<T>& task) {
  T none;  // not used, but nothing is taken from the pool
  return BlockedProduct<T>(task, &none).scratch_size();
}
template <class T>
void multiply(const GemmTask<T>& task, T* scratch) {
  if (!multiply_vectors(task)) BlockedProduct<T>(task, scratch).run();
}

}  // namespace brasa::kernels

#endif
