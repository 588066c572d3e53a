#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "language/generate.hpp"
#include "policies/registry.hpp"
#include "report/curves.hpp"
#include "report/paths.hpp"
#include "report/policies.hpp"
#include "report/report.hpp"
#include "report/simulated.hpp"
#include "report/statements/chain_matrices.hpp"
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/divergences.hpp"
#include "report/statements/equal_kl.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/hull_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/prompt_rows.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"
#include "samples/equivalence.hpp"
#include "samples/differences.hpp"
#include "samples/estimates.hpp"
#include "samples/rejection.hpp"
#include "simulation/drafts.hpp"

/**
 * Prints the results' TypeScript, by the same `fields` that write them: no part of the engine, but a program that the
 * build runs. What people read is written by hand, with words; the compiler holds it to this.
 */

using namespace tiltlab;

namespace {

/** Values of a structure that together write each of its fields at least once; what not all of them write is optional.
 */
template <class T>
std::vector<T> samples() {
  return {T{}};
}
template <>
std::vector<Limits> samples() {
  Limits of_chain;
  of_chain.log_constant = 0;
  Limits transformed;
  transformed.transformed = TransformedLimits{};
  return {Limits{}, of_chain, transformed};
}
template <>
std::vector<Report> samples() {
  Report full;
  full.limits = Limits{};
  full.error_bound = 1;
  full.notes = {""};
  return {Report{}, full};
}
template <>
std::vector<FurtherReport> samples() {
  std::vector<FurtherReport> out;
  for (const PolicyKind* kind : policy_kinds()) {
    FurtherReport r;
    for (std::size_t i = 0; i < kind->count(); ++i) r.parameters.emplace_back(kind->parameters[i].name, 0);
    out.push_back(r);
  }
  return out;
}
template <>
std::vector<Estimate> samples() {
  Estimate not_counted;
  not_counted.not_counted = "why";
  return {Estimate{}, not_counted};
}
template <>
std::vector<Simulated> samples() {
  Simulated of_more;
  of_more.policies = {PolicyEstimates{}};
  return {Simulated{}, of_more};
}

/** A structure as far as it has been seen. */
struct Structure {
  struct Field {
    std::string name;
    /** What stands around the type: `%` is the type itself, or the structure. */
    std::string form;
    std::vector<Structure> inner;
    int seen = 0;
  };
  std::vector<Field> fields;
  int seen = 0;

  Field& at(const std::string& name, const std::string& form, bool nested) {
    for (Field& f : fields) {
      if (f.name != name) continue;
      if (f.form != form) throw std::logic_error(name + " is " + f.form + " and " + form);
      ++f.seen;
      return f;
    }
    fields.push_back({name, form, {}, 1});
    if (nested) fields.back().inner.emplace_back();
    return fields.back();
  }
};

class Describer {
 public:
  explicit Describer(Structure& to) : to_(to) { ++to_.seen; }

  void operator()(const char* name, double) { leaf(name, "number"); }
  void operator()(const char* name, bool) { leaf(name, "boolean"); }
  void operator()(const char* name, const std::string&) { leaf(name, "string"); }
  void operator()(const char* name, const std::vector<double>&) { leaf(name, "number[]"); }
  void operator()(const char* name, const std::vector<std::uint32_t>&) { leaf(name, "Uint32Array"); }
  void operator()(const char* name, const std::vector<std::string>&) { leaf(name, "string[]"); }
  void operator()(const char* name, const std::array<double, 2>&) { leaf(name, "[number, number]"); }
  /** Any number may be null. */
  void operator()(const char* name, const std::optional<double>&) { leaf(name, "number"); }
  void operator()(const char* name, const std::optional<std::vector<double>>&) { leaf(name, "number[] | null"); }
  void operator()(const char* name, const std::optional<std::array<double, 2>>&) {
    leaf(name, "[number, number] | null");
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>&) {
    nested<T>(name, "% | null");
  }
  template <class T>
  void operator()(const char* name, const std::vector<T>&) {
    nested<T>(name, "%[]");
  }
  template <class T>
  void operator()(const char* name, const T&) {
    nested<T>(name, "%");
  }
  template <class G>
  void group(const char* name, G&& g) {
    Describer inner(to_.at(name, "%", true).inner.front());
    g(inner);
  }

 private:
  void leaf(const char* name, const char* type) { to_.at(name, type, false); }
  /** Whatever value is there: all that its type may write. */
  template <class T>
  void nested(const char* name, const char* form) {
    Structure& inner = to_.at(name, form, true).inner.front();
    for (const T& value : samples<T>()) fields(Describer(inner), value);
  }

  Structure& to_;
};

std::string text_of(const Structure& s, const std::string& indent) {
  std::string out = "{\n";
  for (const Structure::Field& f : s.fields) {
    std::string type = f.form;
    if (!f.inner.empty()) type.replace(type.find('%'), 1, text_of(f.inner.front(), indent + "  "));
    out += indent + "  " + f.name + (f.seen < s.seen ? "?: " : ": ") + type + ";\n";
  }
  return out + indent + "}";
}

}  // namespace

int main() {
  Structure all;
  Describer results(all);
  results("report", Report{});
  results("derived", Derived{});
  results("policy", FurtherReport{});
  results("frontier", Frontier{});
  results("laws", LawCurves{});
  results("gap", GapCurve{});
  results("tilt", TiltCurves{});
  results("simplex", Simplex{});
  // Several are written as one structure of lists.
  results.group("near", [](auto& near) { fields(near, std::vector<NearPolicy>{}); });
  results("rates", RateCurves{});
  results("cumulants", CumulantCurves{});
  results("renyi", RenyiCurve{});
  results("directions", DirectionCurves{});
  results("fixed", FixedNCurves{});
  results("divergences", DivergenceCurves{});
  results("hull", HullCurves{});
  results("equal", EqualKl{});
  results("prompts", PromptRows{});
  results("chain", ChainMatrices{});
  results("paths", JudgedPaths{});
  results("simulated", Simulated{});
  results("drafts", Drafts{});
  results("judged", SampleReport{});
  results("curve_differences", CurveDifferences{});
  results("prompt_curves", PromptCurves{});
  results("prompt_gains", PromptGains{});
  results("prompt_drafts", PromptDrafts{});
  results("language_model", DecoderShape{});
  results("generated", GeneratedDrafts{});
  results("enumerated", DraftLaw{});
  results("equivalence", Equivalence{});
  results("acceptance", Acceptance{});
  results("law_of_drafts", DraftLaw{});
  std::printf("/** Made by describe.cpp, from the fields that C++ writes. */\nexport interface Results %s\n",
              text_of(all, "").c_str());
  std::fflush(stdout);
}
