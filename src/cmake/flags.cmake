add_library(tiltlab_flags INTERFACE)
# Double-double arithmetic and equal bits on every machine need each operation rounded once: no contraction
# to fused multiply-add, no reassociation.
target_compile_options(tiltlab_flags INTERFACE -ffp-contract=off -Wall -Wextra -Wshadow -Wconversion)
if(EMSCRIPTEN)
  # Without a level of optimisation, which is Release's -O3: here it would come after a target's own and undo it.
  target_compile_options(tiltlab_flags INTERFACE -msimd128 -mbulk-memory -fwasm-exceptions)
  target_link_options(tiltlab_flags INTERFACE -fwasm-exceptions -sALLOW_MEMORY_GROWTH=1
    -sTOTAL_STACK=1048576)
endif()
