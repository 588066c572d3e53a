#pragma once
#include "report/statements/cumulant_curves.hpp"
#include "report/statements/direction_curves.hpp"
#include "report/statements/fixed_n_curves.hpp"
#include "report/statements/near_policies.hpp"
#include "report/statements/rate_curves.hpp"
#include "report/statements/renyi_curve.hpp"
#include "report/statements/simplex.hpp"
#include "report/statements/tilt_curves.hpp"

namespace tiltlab {

using FixedCurves = FixedNCurves;
inline FixedCurves fixed_curves(const Model& model, const Budget& budget, int points) {
  return fixed_n_curves(model, budget, points);
}

}  // namespace tiltlab
