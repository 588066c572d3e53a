#pragma once
#include <vector>

namespace tiltlab {

/** The law of a reward over drafts, level by level in ascending order. */
struct DraftLaw {
  /** How many drafts there are. */
  double drafts = 0;
  std::vector<double> reward;
  /** They sum to 1 but for rounding. */
  std::vector<double> p;
};

template <class F>
void fields(F&& f, const DraftLaw& l) {
  f("drafts", l.drafts);
  f("reward", l.reward);
  f("p", l.p);
}

}  // namespace tiltlab
