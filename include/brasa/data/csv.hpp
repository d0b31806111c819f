#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "brasa/core/file.hpp"
#include "brasa/core/number_text.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa::data {

/// The optional arguments of load_csv and parse_csv.
struct CsvOptions {
  char delimiter = ',';
  /// The first line names the columns.
  bool header = true;
  /// An empty field is NaN, instead of an error.
  bool empty_is_nan = false;
};

/// A table of numbers.
template <FloatScalar S>
struct CsvTable {
  std::vector<std::string> columns;  // empty without a header
  Tensor<S> values;                  // (rows, columns)
};

}  // namespace brasa::data

namespace brasa::detail {

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads a CSV text line by line, field by field.
class CsvReader {
 public:
  CsvReader(std::string_view text, const data::CsvOptions& options, const std::string& name)
      : rest_(text), options_(options), name_(name) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);  // a byte order mark
  }

  /// The next line's fields; false at the end. Empty lines are passed over. A field in quotes may
  /// hold the delimiter, line breaks, and a quote written twice.
  bool next_line(std::vector<std::string>& fields) {
    fields.clear();
    while (!rest_.empty() && (rest_.front() == '\n' || rest_.front() == '\r')) take();
    if (rest_.empty()) return false;
    start_line_ = line_;
    do {
      fields.push_back(next_field());
    } while (take_delimiter());
    return true;
  }
  /// The number of the line that next_line gave, from 1.
  std::size_t line() const noexcept { return start_line_; }

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<FileError>("", name_, ", line ", start_line_, ": ", parts...);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }
  bool take_delimiter() {
    if (rest_.empty() || rest_.front() != options_.delimiter) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_line_end() const {
    return rest_.empty() || rest_.front() == '\n' || rest_.front() == '\r';
  }
  std::string next_field() {
    if (!rest_.empty() && rest_.front() == '"') return quoted_field();
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != options_.delimiter && rest_[end] != '\n' &&
           rest_[end] != '\r') {
      ++end;
    }
    std::string field(trim(rest_.substr(0, end)));
    rest_.remove_prefix(end);
    return field;
  }
  std::string quoted_field() {
    take();
    std::string field;
    while (true) {
      if (rest_.empty()) fail("a quoted field does not end");
      const char c = take();
      if (c != '"') {
        field += c;
      } else if (!rest_.empty() && rest_.front() == '"') {
        field += take();
      } else {
        break;
      }
    }
    if (!at_line_end() && rest_.front() != options_.delimiter) {
      fail("expected a delimiter after a quoted field, got '", rest_.front(), "'");
    }
    return field;
  }

  std::string_view rest_;
  const data::CsvOptions& options_;
  const std::string& name_;
  std::size_t line_ = 1;
  std::size_t start_line_ = 1;
};

/// A number as C++ writes it, whatever the locale; nothing else may stand in the field, and an S
/// must be able to hold it.
template <FloatScalar S>
std::optional<S> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (Numbers::parse(text, value) != std::errc()) return std::nullopt;  // also 1e999
  if (std::isfinite(value) &&
      std::abs(value) > static_cast<double>(std::numeric_limits<S>::max())) {
    return std::nullopt;
  }
  return static_cast<S>(value);
}

/// A field as it stands in an error: its beginning, if it is long.
inline std::string shown_field(const std::string& field) {
  constexpr std::size_t kMost = 40;
  return field.size() <= kMost ? field : field.substr(0, kMost) + "…";
}

}  // namespace brasa::detail

namespace brasa::data {

/// The numbers in a CSV text: a line is a row, all rows of the same length.
/// `name` stands in the errors. Errors: FileError, with the line and the column, for what is no
/// such table; ValueError for a delimiter that is a quote or ends a line.
template <FloatScalar S = float>
CsvTable<S> parse_csv(std::string_view text, CsvOptions options = {},
                      const std::string& name = "CSV data") {
  if (std::string_view("\"\r\n").find(options.delimiter) != std::string_view::npos) {
    detail::raise<ValueError>("parse_csv", "a quote or a line break cannot be the delimiter");
  }
  detail::CsvReader reader(text, options, name);
  CsvTable<S> table;
  std::vector<std::string> fields;
  std::size_t width = 0;
  if (options.header && reader.next_line(fields)) {
    table.columns = fields;
    width = fields.size();
  }
  std::vector<S> values;
  while (reader.next_line(fields)) {
    if (width == 0) width = fields.size();
    if (fields.size() != width) reader.fail("expected ", width, " fields, got ", fields.size());
    for (std::size_t i = 0; i < width; ++i) {
      if (fields[i].empty() && options.empty_is_nan) {
        values.push_back(std::numeric_limits<S>::quiet_NaN());
        continue;
      }
      const std::optional<S> number = detail::parse_number<S>(fields[i]);
      if (!number) {
        reader.fail("expected a number in column ", i + 1, ", got \"",
                    detail::shown_field(fields[i]), "\"");
      }
      values.push_back(*number);
    }
  }
  const auto rows = static_cast<std::int64_t>(width == 0 ? 0 : values.size() / width);
  table.values = Tensor<S>::empty({rows, static_cast<std::int64_t>(width)});
  std::copy(values.begin(), values.end(), table.values.data());
  return table;
}

/// The numbers in a CSV file. Errors: FileError.
template <FloatScalar S = float>
CsvTable<S> load_csv(const std::string& path, CsvOptions options = {}) {
  const auto bytes = detail::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return parse_csv<S>(text, options, path);
}

}  // namespace brasa::data
