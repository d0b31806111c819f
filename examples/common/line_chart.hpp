#pragma once

// Line charts in an SVG file: enough to look at a learning curve.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// One chart with its axes, a grid and a legend.
///
///     LineChart chart("Loss", "epoch", "cross entropy");
///     chart.add("train", epochs, losses);
///     save_svg("loss.svg", {chart});
class LineChart {
 public:
  enum class Style { line, dashed, dots };
  static constexpr double kWidth = 520, kHeight = 380;

  LineChart(std::string title, std::string x_label, std::string y_label)
      : title_(std::move(title)), x_label_(std::move(x_label)), y_label_(std::move(y_label)) {}

  /// One series; points that are not finite are left out.
  void add(std::string name, const std::vector<double>& x, const std::vector<double>& y,
           Style style = Style::line) {
    Series series{std::move(name), {}, style};
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
      series.points.emplace_back(x[i], y[i]);
      x_axis_.include(x[i]);
      y_axis_.include(y[i]);
    }
    series_.push_back(std::move(series));
  }

  /// The elements of the chart, kWidth by kHeight large.
  std::string svg() const {
    std::string text = label(kLeft, 24, "start", title_, "font-size=\"16\" font-weight=\"bold\"");
    text += axes();
    double legend = kLeft;
    for (std::size_t i = 0; i < series_.size(); ++i) {
      const char* const color = kColors[i % 4];
      text += drawn(series_[i].points, series_[i].style, color);
      text += drawn_in_legend(series_[i], legend, color);
      legend += 50 + 7.5 * static_cast<double>(series_[i].name.size());
    }
    return text;
  }

 private:
  using Points = std::vector<std::pair<double, double>>;
  struct Series {
    std::string name;
    Points points;
    Style style;
  };
  /// The values that an axis covers, and where its ticks are.
  struct Axis {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;

    void include(double value) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    /// At least as large as the values ask for, with a tick at each end.
    Axis rounded() const {
      if (!(low <= high)) return {0, 1};
      if (low == high) return {low - 1, high + 1};
      const double step = tick_step();
      return {std::floor(low / step) * step, std::ceil(high / step) * step};
    }
    /// 1, 2 or 5 times a power of ten, for about six ticks.
    double tick_step() const {
      const double raw = (high - low) / 6;
      const double power = std::pow(10, std::floor(std::log10(raw)));
      const double mantissa = raw / power;
      return power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
    }
    std::vector<double> ticks() const {
      const double step = tick_step();
      std::vector<double> all;
      const auto count = static_cast<int>(std::round((high - low) / step));
      for (int i = 0; i <= count; ++i) {
        const double tick = low + i * step;
        all.push_back(std::abs(tick) < step / 1e6 ? 0 : tick);
      }
      return all;
    }
  };
  static constexpr double kLeft = 66, kRight = 18, kTop = 62, kBottom = 52;
  static constexpr const char* kColors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};

  template <class... Args>
  static std::string format(const char* pattern, Args... args) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, args...);
    return text;
  }
  static std::string label(double x, double y, const char* anchor, const std::string& text,
                           const std::string& more = "") {
    std::string escaped;
    for (const char c : text) {
      if (c == '&') {
        escaped += "&amp;";
      } else if (c == '<') {
        escaped += "&lt;";
      } else {
        escaped += c;
      }
    }
    return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" ", x, y, anchor) + more + ">" +
           escaped + "</text>\n";
  }
  double at_x(double x) const {
    const Axis axis = x_axis_.rounded();
    return kLeft + (x - axis.low) / (axis.high - axis.low) * (kWidth - kLeft - kRight);
  }
  double at_y(double y) const {
    const Axis axis = y_axis_.rounded();
    return kHeight - kBottom - (y - axis.low) / (axis.high - axis.low) * (kHeight - kTop - kBottom);
  }

  std::string axes() const {
    std::string text;
    const char* const grid = "<path d=\"M%.1f %.1f L%.1f %.1f\" stroke=\"#e4e4e4\"/>\n";
    for (const double x : x_axis_.rounded().ticks()) {
      text += format(grid, at_x(x), kTop, at_x(x), kHeight - kBottom);
      text += label(at_x(x), kHeight - kBottom + 18, "middle", format("%g", x));
    }
    for (const double y : y_axis_.rounded().ticks()) {
      text += format(grid, kLeft, at_y(y), kWidth - kRight, at_y(y));
      text += label(kLeft - 8, at_y(y) + 4, "end", format("%g", y));
    }
    text += format("<path d=\"M%.1f %.1f V%.1f H%.1f\" fill=\"none\" stroke=\"#888\"/>\n", kLeft,
                   kTop, kHeight - kBottom, kWidth - kRight);
    text += label((kLeft + kWidth - kRight) / 2, kHeight - 14, "middle", x_label_);
    const double middle = (kTop + kHeight - kBottom) / 2;
    return text + label(0, 0, "middle", y_label_,
                        format("transform=\"translate(18 %.1f) rotate(-90)\"", middle));
  }

  std::string drawn(const Points& points, Style style, const char* color) const {
    std::string text;
    for (const auto& [x, y] : points) text += mark(at_x(x), at_y(y), style, color);
    return style == Style::dots ? text : polyline(text, style, color);
  }
  std::string drawn_in_legend(const Series& series, double x, const char* color) const {
    constexpr double kY = 46;
    std::string text =
        series.style == Style::dots
            ? mark(x + 11, kY, series.style, color)
            : polyline(format("%.1f,%.1f %.1f,%.1f", x, kY, x + 22, kY), series.style, color);
    return text + label(x + 28, kY + 4, "start", series.name);
  }
  /// A point of a line, or a dot.
  static std::string mark(double x, double y, Style style, const char* color) {
    if (style != Style::dots) return format("%.1f,%.1f ", x, y);
    return format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.8\" fill=\"%s\" opacity=\"0.55\"/>\n", x,
                  y, color);
  }
  static std::string polyline(const std::string& points, Style style, const char* color) {
    return format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" ", color) +
           (style == Style::dashed ? "stroke-dasharray=\"6 4\" " : "") + "points=\"" + points +
           "\"/>\n";
  }

  std::string title_;
  std::string x_label_;
  std::string y_label_;
  std::vector<Series> series_;
  Axis x_axis_;
  Axis y_axis_;
};

/// Writes charts side by side into a file. Throws std::runtime_error if that fails.
inline void save_svg(const std::string& path, const std::vector<LineChart>& charts) {
  std::ofstream out(path);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
      << LineChart::kWidth * static_cast<double>(charts.size()) << ' ' << LineChart::kHeight
      << "\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#333\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (std::size_t i = 0; i < charts.size(); ++i) {
    out << "<g transform=\"translate(" << LineChart::kWidth * static_cast<double>(i) << " 0)\">\n"
        << charts[i].svg() << "</g>\n";
  }
  out << "</svg>\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}
