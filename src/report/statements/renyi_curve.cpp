#include "report/statements/renyi_curve.hpp"

namespace tiltlab {

RenyiCurve divided(RenyiCurve c, double tokens) {
  for (double* x : {&c.log_normaliser, &c.at_one, &c.at_optimum, &c.kl_forward, &c.kl_reverse, &c.jeffreys})
    *x /= tokens;
  for (double& x : c.cross_entropy) x /= tokens;
  return c;
}

}  // namespace tiltlab
