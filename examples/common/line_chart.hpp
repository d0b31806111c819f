#pragma once

// A line chart as an SVG file: enough to look at a learning curve.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

class LineChart {
 public:
  LineChart(std::string title, std::string x_label, std::string y_label)
      : title_(std::move(title)), x_label_(std::move(x_label)), y_label_(std::move(y_label)) {}

  /// One line; `dots` draws points instead. The values must be finite.
  void add(std::string name, std::vector<double> x, std::vector<double> y, bool dots = false) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x_low_ = std::min(x_low_, x[i]);
      x_high_ = std::max(x_high_, x[i]);
      y_low_ = std::min(y_low_, y[i]);
      y_high_ = std::max(y_high_, y[i]);
    }
    if (x_high_ <= x_low_) x_high_ = x_low_ + 1;  // a single point, or a flat line
    if (y_high_ <= y_low_) y_high_ = y_low_ + 1;
    series_.push_back({std::move(name), std::move(x), std::move(y), dots});
  }

  /// False if the file cannot be written.
  bool save(const std::string& path) const {
    std::ofstream out(path);
    out << svg();
    return static_cast<bool>(out.flush());
  }

 private:
  struct Series {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
    bool dots;
  };
  static constexpr double kWidth = 720, kHeight = 440;
  static constexpr double kLeft = 70, kRight = 20, kTop = 45, kBottom = 55;

  template <class... Args>
  static std::string format(const char* pattern, Args... args) {
    char text[512];
    std::snprintf(text, sizeof text, pattern, args...);
    return text;
  }
  static std::string label(double x, double y, const char* anchor, const std::string& text,
                           const char* more = "") {
    return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, more) + text +
           "</text>\n";
  }
  double at_x(double x) const {
    return kLeft + (x - x_low_) / (x_high_ - x_low_) * (kWidth - kLeft - kRight);
  }
  double at_y(double y) const {
    return kHeight - kBottom - (y - y_low_) / (y_high_ - y_low_) * (kHeight - kTop - kBottom);
  }
  /// A step of 1, 2 or 5 times a power of ten that gives about six ticks.
  static double tick_step(double range) {
    const double raw = range / 6;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double mantissa = raw / power;
    return power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
  }

  std::string axes() const {
    std::string text;
    const char* grid = "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n";
    const double x_step = tick_step(x_high_ - x_low_);
    for (double x = std::ceil(x_low_ / x_step) * x_step; x <= x_high_ + x_step / 1e6; x += x_step) {
      text += format(grid, at_x(x), kTop, at_x(x), kHeight - kBottom);
      text += label(at_x(x), kHeight - kBottom + 18, "middle", format("%g", x));
    }
    const double y_step = tick_step(y_high_ - y_low_);
    for (double y = std::ceil(y_low_ / y_step) * y_step; y <= y_high_ + y_step / 1e6; y += y_step) {
      text += format(grid, kLeft, at_y(y), kWidth - kRight, at_y(y));
      const double shown = std::abs(y) < y_step / 1e6 ? 0 : y;
      text += label(kLeft - 8, at_y(y) + 4, "end", format("%g", shown));
    }
    text += label(kWidth / 2, kHeight - 14, "middle", x_label_);
    text += label(0, 0, "middle", y_label_,
                  format("transform=\"translate(18 %.1f) rotate(-90)\"", kHeight / 2).c_str());
    return text + label(kWidth / 2, 26, "middle", title_, "font-size=\"17\"");
  }

  std::string line(const Series& series, const char* color) const {
    std::string text;
    if (series.dots) {
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        text += format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\" opacity=\"0.6\"/>\n",
                       at_x(series.x[i]), at_y(series.y[i]), color);
      }
      return text;
    }
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      text += format("%.1f,%.1f ", at_x(series.x[i]), at_y(series.y[i]));
    }
    return "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(color) +
           "\" points=\"" + text + "\"/>\n";
  }

  std::string svg() const {
    static const char* const kColors[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd"};
    std::string text = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" "
        "font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        kWidth, kHeight);
    text += axes();
    double legend = kTop + 16;
    for (std::size_t i = 0; i < series_.size(); ++i, legend += 20) {
      const char* color = kColors[i % 4];
      text += line(series_[i], color);
      text += format("<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"4\" fill=\"%s\"/>\n",
                     kWidth - kRight - 150, legend - 6, color);
      text += label(kWidth - kRight - 130, legend, "start", series_[i].name);
    }
    return text + "</svg>\n";
  }

  std::string title_;
  std::string x_label_;
  std::string y_label_;
  std::vector<Series> series_;
  double x_low_ = 1e300, x_high_ = -1e300, y_low_ = 1e300, y_high_ = -1e300;
};
