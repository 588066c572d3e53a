#pragma once

namespace tiltlab {

/** How much effort: a picture needs no more than about eight digits. */
enum class Accuracy { full, picture };

}  // namespace tiltlab
