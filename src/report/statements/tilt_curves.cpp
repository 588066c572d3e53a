#include "report/statements/tilt_curves.hpp"

namespace tiltlab {

TiltCurves divided(TiltCurves c, double tokens) {
  for (double* x : {&c.rate, &c.primal, &c.dual_minimum}) *x /= tokens;
  for (std::vector<double>* list : {&c.kl, &c.dual, &c.at_rate, &c.reward, &c.tangent}) {
    for (double& x : *list) x /= tokens;
  }
  return c;
}

}  // namespace tiltlab
