# Boost and Catch2 are header-only and live under /usr/include, which must never be on em++'s path:
# a folder of symbolic links shows the compiler these two and nothing else.
set(tiltlab_header_dir ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${tiltlab_header_dir})
foreach(name boost catch2)
  find_path(${name}_root NAMES ${name} PATHS /usr/include /usr/local/include /opt/homebrew/include NO_CMAKE_FIND_ROOT_PATH)
  if(NOT ${name}_root)
    message(FATAL_ERROR "The headers of ${name} were not found; tools/setup installs them")
  endif()
  file(CREATE_LINK ${${name}_root}/${name} ${tiltlab_header_dir}/${name} SYMBOLIC)
endforeach()
add_library(tiltlab_headers INTERFACE)
target_include_directories(tiltlab_headers SYSTEM INTERFACE ${tiltlab_header_dir})
# long double is software binary128 in wasm and differs between machines natively. Error policies that throw
# would draw in iostreams (115 kB of wasm); convergence and finiteness are checked after each solve instead.
target_compile_definitions(tiltlab_headers INTERFACE
  BOOST_MATH_PROMOTE_DOUBLE_POLICY=false
  BOOST_MATH_NO_LONG_DOUBLE_MATH_FUNCTIONS
  BOOST_MATH_DOMAIN_ERROR_POLICY=ignore_error
  BOOST_MATH_POLE_ERROR_POLICY=ignore_error
  BOOST_MATH_OVERFLOW_ERROR_POLICY=ignore_error
  BOOST_MATH_UNDERFLOW_ERROR_POLICY=ignore_error
  BOOST_MATH_DENORM_ERROR_POLICY=ignore_error
  BOOST_MATH_ROUNDING_ERROR_POLICY=ignore_error
  BOOST_MATH_INDETERMINATE_RESULT_ERROR_POLICY=ignore_error
  BOOST_MATH_EVALUATION_ERROR_POLICY=ignore_error)
