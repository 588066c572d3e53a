#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/object.hpp"
#include "language/generate.hpp"

/** A language model: read once, then asked for drafts. */
namespace tiltlab::bindings {

class Language {
 public:
  static void bind() {
    emscripten::function("read_language_model", &read);
    emscripten::function("encode_text", &encode);
    emscripten::function("generate_drafts", &generate);
  }

 private:
  /** The one model that an instance holds. */
  static std::unique_ptr<LanguageModel>& kept() {
    static std::unique_ptr<LanguageModel> slot;
    return slot;
  }
  static LanguageModel& model() {
    if (!kept()) throw InputError("checkpoint", "none was read");
    return *kept();
  }
  /** @param checkpoint @param tokenizer each a Uint8Array; of a checkpoint whose header is refused no more is copied */
  static val read(const val& checkpoint, const val& tokenizer) {
    return guarded([&] {
      kept().reset();
      const auto size = checkpoint["length"].as<std::size_t>();
      const auto first = numbers<std::uint8_t>(checkpoint.call<val>("subarray", 0, std::min(size, header_bytes)));
      (void)read_header(first, size);
      if (tokenizer["length"].as<std::size_t>() > Tokenizer::most_bytes)
        throw InputError("tokenizer.size", "more than " + std::to_string(Tokenizer::most_bytes) + " bytes");
      const auto words = numbers<std::uint8_t>(tokenizer);
      kept() = std::make_unique<LanguageModel>(numbers<std::uint8_t>(checkpoint), words);
      return object(model().shape());
    });
  }
  static val encode(const std::string& text) {
    return guarded([&] { return array(model().tokenizer().encode(text)); });
  }
  static val generate(const val& settings) {
    return guarded([&] {
      GenerationSettings read;
      fields(Reader{settings}, read);
      return object(model().generate(read));
    });
  }
};

}  // namespace tiltlab::bindings
