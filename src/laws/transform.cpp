#include "laws/transform.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "error.hpp"
#include "numerics/decimal.hpp"
#include "numerics/log_domain.hpp"

namespace tiltlab {

namespace {

/** Names of a kind and of its numbers, as scenarios have them. */
struct Names {
  TransformKind kind;
  const char* name;
  std::vector<const char*> parameters;
};

const std::array<Names, 6>& all_names() {
  static const std::array<Names, 6> names{{{TransformKind::step, "step", {"at", "height"}},
                                           {TransformKind::indicator, "indicator", {"at"}},
                                           {TransformKind::clip, "clip", {"lower", "upper"}},
                                           {TransformKind::power, "power", {"exponent"}},
                                           {TransformKind::sigmoid, "sigmoid", {"at", "scale"}},
                                           {TransformKind::table, "table", {}}}};
  return names;
}

const Names& names_of(const std::string& kind) {
  const auto& names = all_names();
  const auto found = std::find_if(names.begin(), names.end(), [&](const Names& n) { return kind == n.name; });
  if (found == names.end())
    throw InputError("transform.kind", "\"" + kind + "\" is not one of step, indicator, clip, power, sigmoid, table");
  return *found;
}

void check_number(const std::string& field, double x, bool positive, bool open) {
  if (open && std::isinf(x)) return;
  if (!(std::fabs(x) <= largest_transform))
    throw InputError("transform." + field, to_text(x) + " is not in [-1e60, 1e60]");
  if (positive && !(x > 0)) throw InputError("transform." + field, to_text(x) + " is not above 0");
}

void check_table(const std::vector<double>& x, const std::vector<double>& y) {
  const auto item = [](const char* list, std::size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; };
  if (x.empty()) throw InputError("transform.x", "is empty, needs at least 1");
  if (y.size() != x.size())
    throw InputError("transform.y", "a list of " + std::to_string(y.size()) + " is not as long as x (" +
                                        std::to_string(x.size()) + ")");
  for (std::size_t i = 0; i < x.size(); ++i) {
    check_number(item("x", i), x[i], false, false);
    check_number(item("y", i), y[i], false, false);
    if (i > 0 && !(x[i] > x[i - 1]))
      throw InputError("transform." + item("x", i),
                       to_text(x[i]) + " is not above the one before it, " + to_text(x[i - 1]));
  }
}

}  // namespace

Transform make_transform(const std::string& kind, const std::vector<double>& parameters, const std::vector<double>& x,
                         const std::vector<double>& y) {
  const Names& names = names_of(kind);
  Transform f;
  f.kind = names.kind;
  const bool clips = f.kind == TransformKind::clip;
  if (parameters.size() != names.parameters.size())
    throw InputError("transform", kind + " has " + std::to_string(names.parameters.size()) + " numbers, not " +
                                      std::to_string(parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string name = names.parameters[i];
    check_number(name, parameters[i], name == "exponent" || name == "scale", clips);
    const DoubleDouble value = std::isinf(parameters[i]) ? DoubleDouble(parameters[i]) : decimal_value(parameters[i]);
    (i == 0 ? f.first : f.second) = value;
  }
  if (clips && !(parameters[0] <= parameters[1]))
    throw InputError("transform.upper", to_text(parameters[1]) + " is below lower, " + to_text(parameters[0]));
  if (f.kind != TransformKind::table) return f;
  check_table(x, y);
  for (const double each : x) f.x.push_back(decimal_value(each));
  for (const double each : y) f.y.push_back(decimal_value(each));
  return f;
}

namespace {

/** A total against n times a threshold: -1 below, 0 at it, 1 above. */
int against(const DoubleDouble& total, const DoubleDouble& threshold, const DoubleDouble& n, double scale) {
  constexpr double same = 1e-28;
  if (std::isinf(threshold.hi)) return threshold.hi > 0 ? -1 : 1;
  const DoubleDouble at = n * threshold;
  const double by = (total - at).value();
  if (std::fabs(by) <= same * std::max(scale, std::fabs(at.value()))) return 0;
  return by < 0 ? -1 : 1;
}

/** |x|^exponent for x > 0. @throws InputError where it is past `largest_transform` */
DoubleDouble power_of(const DoubleDouble& x, const DoubleDouble& exponent) {
  if (exponent.value() * std::log(x.value()) > std::log(largest_transform))
    throw InputError("transform.exponent", to_text(exponent.value()) + " brings rewards past 1e60");
  // Squares and cubes by products, a fifth of the time of a logarithm and an exponential.
  constexpr int most_products = 8;
  const double whole = std::nearbyint(exponent.value());
  if (whole < 1 || whole > most_products || (exponent - DoubleDouble(whole)).value() != 0)
    return exp(exponent * log(x));
  DoubleDouble power = x;
  for (int i = 1; i < static_cast<int>(whole); ++i) power = power * x;
  return power;
}

/** 1 / (1 + e^-z), by the exponential that is below 1. */
DoubleDouble sigmoid_of(const DoubleDouble& z) {
  if (z.value() >= 0) return DoubleDouble(1) / (DoubleDouble(1) + exp(-z));
  const DoubleDouble small = exp(z);
  return small / (DoubleDouble(1) + small);
}

DoubleDouble tabled(const Transform& f, const DoubleDouble& total, const DoubleDouble& n, double scale) {
  const auto at = std::partition_point(f.x.begin(), f.x.end(),
                                       [&](const DoubleDouble& x) { return against(total, x, n, scale) > 0; });
  const auto k = static_cast<std::size_t>(at - f.x.begin());
  if (k == f.x.size()) return n * f.y.back();
  if (k == 0 || against(total, f.x[k], n, scale) == 0) return n * f.y[k];
  const DoubleDouble share = (total - n * f.x[k - 1]) / (f.x[k] - f.x[k - 1]);
  return n * f.y[k - 1] + (f.y[k] - f.y[k - 1]) * share;
}

}  // namespace

DoubleDouble transformed_total(const Transform& f, const DoubleDouble& total, std::int64_t length, double scale) {
  const DoubleDouble n = from_integer(length);
  const auto reaches = [&] { return against(total, f.first, n, scale) >= 0; };
  switch (f.kind) {
    case TransformKind::step:
      return reaches() ? total + n * f.second : total;
    case TransformKind::indicator:
      return reaches() ? n : DoubleDouble(0);
    case TransformKind::clip:
      if (against(total, f.first, n, scale) <= 0) return n * f.first;
      return against(total, f.second, n, scale) >= 0 ? n * f.second : total;
    case TransformKind::power: {
      const int sign = against(total, 0, n, scale);
      if (sign == 0) return 0;
      const DoubleDouble size = n * power_of((sign < 0 ? -total : total) / n, f.first);
      return sign < 0 ? -size : size;
    }
    case TransformKind::sigmoid:
      return n * sigmoid_of((total / n - f.first) / f.second);
    case TransformKind::table:
      return tabled(f, total, n, scale);
  }
  return total;
}

bool is_injective(const Transform& f) { return f.kind == TransformKind::power || f.kind == TransformKind::sigmoid; }

namespace {

/** Pieces between neighbouring breaks, each with the line that holds there. */
class Cut {
 public:
  Cut(double low, double high) : low_(low), high_(high) {}
  /** The line, or the curve, of all that lies between two breaks; what is outside of the range is left out. At the
   * upper end a piece may have no width: it is what a jump there gives. */
  void line(double from, double to, double intercept, double slope) { add({from, to, intercept, slope, false}); }
  void curve(double from, double to) { add({from, to, 0, 0, true}); }
  std::vector<TransformPiece> all() { return std::move(pieces_); }

 private:
  void add(TransformPiece piece) {
    if (!(piece.from <= high_ && piece.to > low_)) return;
    piece.from = std::max(piece.from, low_);
    piece.to = std::min(piece.to, high_);
    pieces_.push_back(piece);
  }

  double low_;
  double high_;
  std::vector<TransformPiece> pieces_ = {};
};

void cut_table(const Transform& f, Cut& cut) {
  const std::size_t last = f.x.size() - 1;
  cut.line(-infinity, f.x.front().value(), f.y.front().value(), 0);
  for (std::size_t k = 0; k < last; ++k) {
    const double from = f.x[k].value();
    const double slope = ((f.y[k + 1] - f.y[k]) / (f.x[k + 1] - f.x[k])).value();
    cut.line(from, f.x[k + 1].value(), f.y[k].value() - slope * from, slope);
  }
  cut.line(f.x[last].value(), infinity, f.y[last].value(), 0);
}

}  // namespace

std::vector<TransformPiece> pieces_of(const Transform& f, double low, double high) {
  Cut cut(low, high);
  const double a = f.first.value();
  const double b = f.second.value();
  switch (f.kind) {
    case TransformKind::step:
      cut.line(-infinity, a, 0, 1);
      cut.line(a, infinity, b, 1);
      break;
    case TransformKind::indicator:
      cut.line(-infinity, a, 0, 0);
      cut.line(a, infinity, 1, 0);
      break;
    case TransformKind::clip:
      if (std::isfinite(a)) cut.line(-infinity, a, a, 0);
      cut.line(a, b, 0, 1);
      if (std::isfinite(b)) cut.line(b, infinity, b, 0);
      break;
    case TransformKind::power:
      cut.curve(-infinity, 0);
      cut.curve(0, infinity);
      break;
    case TransformKind::sigmoid:
      cut.curve(-infinity, infinity);
      break;
    case TransformKind::table:
      cut_table(f, cut);
      break;
  }
  return cut.all();
}

double value_on(const Transform& f, const TransformPiece& piece, double x) {
  if (!piece.curved) return piece.intercept + piece.slope * x;
  if (f.kind == TransformKind::power) return std::copysign(std::pow(std::fabs(x), f.first.value()), x);
  return 1 / (1 + std::exp(-(x - f.first.value()) / f.second.value()));
}

double slope_on(const Transform& f, const TransformPiece& piece, double x) {
  if (!piece.curved) return piece.slope;
  if (f.kind == TransformKind::power) {
    const double e = f.first.value();
    return e * std::pow(std::fabs(x), e - 1);
  }
  const double s = f.second.value();
  const double e = std::exp(-std::fabs(x - f.first.value()) / s);
  return e / (s * (1 + e) * (1 + e));
}

double inverse_on(const Transform& f, double y) {
  if (f.kind == TransformKind::power) return std::copysign(std::pow(std::fabs(y), 1 / f.first.value()), y);
  return f.first.value() + f.second.value() * (std::log(y) - std::log1p(-y));
}

}  // namespace tiltlab
