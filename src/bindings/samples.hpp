#pragma once
#include <optional>
#include <utility>

#include "bindings/object.hpp"
#include "samples/differences.hpp"
#include "samples/estimates.hpp"

/** A file of scored drafts: read once, then asked. */
namespace tiltlab::bindings {

class Samples {
 public:
  static void bind() {
    emscripten::function("read_samples", &read);
    emscripten::function("judge_samples", &judge);
    emscripten::function("curve_differences", &differences);
    emscripten::function("prompt_curves", &curves);
    emscripten::function("prompt_gains", &gains);
    emscripten::function("prompt_drafts", &drafts_of);
  }

 private:
  /** The one table that an instance holds. */
  static std::optional<ScoredDrafts>& kept() {
    static std::optional<ScoredDrafts> slot;
    return slot;
  }
  static const ScoredDrafts& drafts() {
    if (!kept()) throw InputError("samples", "none were read");
    return *kept();
  }
  /** @param columns as in DraftColumns, typed arrays; those that the file lacks are empty */
  static val read(const val& columns) {
    return guarded([&] {
      kept().reset();
      DraftColumns read;
      fields(Reader{columns}, read);
      kept() = make_scored_drafts(std::move(read));
      return val(static_cast<double>(kept()->prompts()));
    });
  }
  static val judge(const val& settings) {
    return guarded([&] {
      SampleSettings read;
      fields(Reader{settings}, read);
      return object(judge_samples(drafts(), read));
    });
  }
  static val differences(const val& asked) {
    return guarded([&] {
      DifferenceAsked read;
      fields(Reader{asked}, read);
      return object(curve_differences(drafts(), read));
    });
  }
  static std::size_t place(double prompt) {
    if (!(prompt >= 0 && prompt < static_cast<double>(drafts().prompts())))
      throw InputError("samples.prompt", to_text(prompt) + " is not one of the prompts");
    return static_cast<std::size_t>(prompt);
  }
  static val curves(double prompt) {
    return guarded([&] { return object(tiltlab::prompt_curves(drafts(), place(prompt))); });
  }
  static val drafts_of(double prompt) {
    return guarded([&] { return object(tiltlab::prompt_drafts(drafts(), place(prompt))); });
  }
  static val gains(double n) {
    return guarded([&] {
      if (!(n >= 1)) throw InputError("samples.n", to_text(n) + " is not at least 1");
      return object(tiltlab::prompt_gains(drafts(), n));
    });
  }
};

}  // namespace tiltlab::bindings
