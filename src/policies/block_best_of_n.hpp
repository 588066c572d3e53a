#pragma once
#include "policies/kind.hpp"

namespace tiltlab {

/**
 * Best-of-n block by block: a text is cut into blocks of `block` tokens, the last one of what is left, and each block
 * is the best of n drafts of it by its own reward, ties uniform. Blocks are independent: KLs and rewards add up. A
 * block at least as long as the text is best-of-n of the whole. Parameters block, an integer >= 1, and n >= 1, real;
 * strength log log n. Source: Mudgal et al., "Controlled Decoding from Language Models", arXiv 2310.17022, section on
 * blockwise control.
 */
extern const PolicyKind block_best_of_n_kind;

}  // namespace tiltlab
