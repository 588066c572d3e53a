#pragma once
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "error.hpp"

/** Between C++ values and JavaScript's: owned copies both ways, never a view that dies when memory grows. */
namespace tiltlab::bindings {

using emscripten::val;

/** Of the engine; every module says the same. */
inline std::string version() { return TILTLAB_VERSION; }

/** One function each instead of an instance of Embind's templates for every name's length. */
[[gnu::noinline]] inline void put(val& object, const char* name, const val& value) { object.set(name, value); }
[[gnu::noinline]] inline void put(val& object, const char* name, double value) { object.set(name, value); }
[[gnu::noinline]] inline void put(val& object, const char* name, const std::string& value) { object.set(name, value); }
[[gnu::noinline]] inline void push(val& list, const val& value) { list.call<void>("push", value); }

template <class T>
[[gnu::noinline]] val array(const std::vector<T>& x) {
  return val(emscripten::typed_memory_view(x.size(), x.data())).template call<val>("slice");
}

/** @param array a Float64Array, or a Uint32Array of what is counted (the facade has checked) */
template <class T = double>
[[gnu::noinline]] inline std::vector<T> numbers(const val& array) {
  std::vector<T> out(array["length"].as<std::size_t>());
  val(emscripten::typed_memory_view(out.size(), out.data())).call<void>("set", array);
  return out;
}

template <class T>
val object(const T& value);

/** Writes a structure by its `fields`. */
struct Writer {
  val out = val::object();

  void operator()(const char* name, double x) { put(out, name, x); }
  void operator()(const char* name, bool x) { put(out, name, val(x)); }
  void operator()(const char* name, const std::string& x) { put(out, name, x); }
  void operator()(const char* name, const std::vector<double>& x) { put(out, name, array(x)); }
  void operator()(const char* name, const std::vector<std::uint32_t>& x) { put(out, name, array(x)); }
  template <std::size_t size>
  void operator()(const char* name, const std::array<double, size>& x) {
    val list = val::array();
    for (const double each : x) push(list, val(each));
    put(out, name, list);
  }
  void operator()(const char* name, const std::vector<std::string>& x) {
    val list = val::array();
    for (const std::string& each : x) push(list, val(each));
    put(out, name, list);
  }
  /** null where it is empty. */
  template <class T>
  void operator()(const char* name, const std::optional<T>& x) {
    if (x) {
      (*this)(name, *x);
    } else {
      put(out, name, val::null());
    }
  }
  template <class T>
  void operator()(const char* name, const std::vector<T>& x) {
    val list = val::array();
    for (const T& each : x) push(list, object(each));
    put(out, name, list);
  }
  template <class T>
  void operator()(const char* name, const T& x) {
    put(out, name, object(x));
  }
  template <class G>
  void group(const char* name, G&& g) {
    Writer inner;
    g(inner);
    put(out, name, inner.out);
  }
};

template <class T>
[[gnu::noinline]] val object(const T& value) {
  Writer writer;
  fields(writer, value);
  return writer.out;
}

/** Reads a structure by the same. */
struct Reader {
  const val& from;

  void operator()(const char* name, double& x) const { x = from[name].as<double>(); }
  void operator()(const char* name, bool& x) const { x = from[name].as<bool>(); }
  void operator()(const char* name, std::string& x) const { x = from[name].as<std::string>(); }
  void operator()(const char* name, std::vector<double>& x) const { x = numbers(from[name]); }
  void operator()(const char* name, std::vector<std::uint32_t>& x) const { x = numbers<std::uint32_t>(from[name]); }
  template <class T>
  void operator()(const char* name, std::vector<T>& x) const {
    const val list = from[name];
    x.resize(list["length"].as<std::size_t>());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const val one = list[i];
      fields(Reader{one}, x[i]);
    }
  }
};

/** The same for all callers: one set of handlers is enough. */
[[gnu::noinline]] inline val guarded_call(val (*call)(void*), void* f) {
  val out = val::object();
  const auto fail = [&](const char* kind, const std::string& message, const std::string& path) {
    put(out, "kind", std::string(kind));
    put(out, "message", message);
    put(out, "path", path);
  };
  try {
    put(out, "value", call(f));
  } catch (const InputError& e) {
    fail("input", e.what(), e.path());
  } catch (const std::exception& e) {
    fail("numerical", e.what(), "");
  }
  return out;
}

/** {value} of what `f` returns, or {kind, message, path} of what it throws: no C++ exception reaches JavaScript. */
template <class F>
val guarded(F&& f) {
  return guarded_call([](void* g) { return (*static_cast<std::remove_reference_t<F>*>(g))(); }, &f);
}

}  // namespace tiltlab::bindings
