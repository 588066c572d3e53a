#include "language/code_points.hpp"

#include <catch2/catch.hpp>

using namespace tiltlab;

TEST_CASE("characters are read from UTF-8, and what is none is a byte", "[language]") {
  const auto value = [](std::string_view text) { return code_points::at(text, 0).value; };
  CHECK(value("a") == U'a');
  CHECK(value("\u00e9") == 0xE9);
  CHECK(value("\u20ac") == 0x20AC);
  CHECK(value("\U0001F40B") == 0x1F40B);
  // Cut off, overlong, halves of a pair, past the last, and a byte that begins nothing.
  for (const char* bad : {"\xe2\x82", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\x80"}) {
    CHECK(value(bad) == code_points::none);
    CHECK(code_points::at(bad, 0).size == 1);
  }
  CHECK(code_points::count("a\u00e9\U0001F40B\xff") == 4);
  CHECK(code_points::count_utf16("a\u00e9\U0001F40B\xff") == 5);
}
