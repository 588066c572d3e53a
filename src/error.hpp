#pragma once
#include <stdexcept>
#include <string>

namespace tiltlab {

/** Input that the engine refuses. `path` names the scenario's field, `what()` is one line: field, value, rule. */
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& path, const std::string& value_and_rule);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/** A computation that did not reach its promised accuracy; the message names its input. */
class NumericalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/** Shortest decimal form that reads back to the same double, for messages. */
[[nodiscard]] std::string to_text(double x);

}  // namespace tiltlab
