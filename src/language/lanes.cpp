#include "language/lanes.hpp"

namespace tiltlab::lanes {

const ExponentialNumbers exponential_numbers{.least = all(-87),
                                             .most = all(88),
                                             .per_log2 = all(1.44269504088896341F),
                                             // 3 * 2^22
                                             .rounder = all(12582912.0F),
                                             .log2_high = all(0.693359375F),
                                             .log2_low = all(-2.12194440e-4F),
                                             .c7 = all(1.9875691500e-4F),
                                             .c6 = all(1.3981999507e-3F),
                                             .c5 = all(8.3334519073e-3F),
                                             .c4 = all(4.1665795894e-2F),
                                             .c3 = all(1.6666665459e-1F),
                                             .c2 = all(5.0000001201e-1F),
                                             .one = all(1)};

}  // namespace tiltlab::lanes
