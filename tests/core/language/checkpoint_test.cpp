#include "language/checkpoint.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "error.hpp"
#include "language/plain_model.hpp"

using namespace tiltlab;
using namespace tiltlab::test;

namespace {

std::string refusal(const File& file) {
  try {
    const DecoderWeights read = read_checkpoint(file);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

/** One number of the header set: the 7 of the shape stand at `start`. */
std::string refusal_with(File file, std::size_t start, std::size_t field, std::int32_t value) {
  overwrite(file, start + 4 * field, value);
  return refusal(file);
}

PlainModel tiny(bool is_shared = true) { return random_model(7, is_shared, tiny_shape()); }

}  // namespace

TEST_CASE("headers of each version are read", "[language]") {
  const bool is_shared = GENERATE(true, false);
  PlainModel model = tiny(is_shared);
  const File files[] = {legacy_file(model), versioned_file(model), quantised_file(model, 8)};
  for (int version = 0; version < 3; ++version) {
    const File& file = files[version];
    const CheckpointHeader h = read_header(file, file.size());
    CHECK(h.version == version);
    CHECK(h.is_shared == is_shared);
    CHECK(h.group == (version == 2 ? 8 : 0));
    CHECK(numbers_of(h.shape) == numbers_of(tiny_shape()));
    CHECK(read_checkpoint(file).own_classifier.rows() == (is_shared ? 0 : 270));
  }
}

TEST_CASE("weights stand where each version has them", "[language]") {
  PlainModel model = tiny(false);
  const DecoderShape s = tiny_shape();
  std::vector<float> row(s.dim);
  for (const File& file : {legacy_file(model), versioned_file(model), quantised_file(model, 4)}) {
    const DecoderWeights w = read_checkpoint(file);
    const auto check = [&](const PackedMatrix& matrix, std::size_t at, const Tensor& plain, std::size_t of) {
      row.resize(matrix.columns());
      matrix.copy_row(at, row.data());
      for (std::size_t k = 0; k < row.size(); ++k) CHECK(std::fabs(row[k] - plain[of * row.size() + k]) <= 0.5F / 127);
    };
    check(w.embeddings, 269, model.embeddings, 269);
    check(w.classifier(), 1, model.classifier, 1);
    check(w.layers[1].attention_in, 23, model.layers[1].wq, 23);
    check(w.layers[0].attention_in, 25, model.layers[0].wk, 1);
    check(w.layers[1].attention_in, 47, model.layers[1].wv, 11);
    check(w.layers[0].attention_out, 5, model.layers[0].wo, 5);
    check(w.layers[1].hidden_in, 2, model.layers[1].w1, 2);
    check(w.layers[1].hidden_in, 22, model.layers[1].w3, 2);
    check(w.layers[0].hidden_out, 23, model.layers[0].w2, 23);
    CHECK(w.layers[1].attention_norm == model.layers[1].attention_norm);
    CHECK(w.layers[0].hidden_norm == model.layers[0].hidden_norm);
    CHECK(w.last_norm == model.last_norm);
  }
}

TEST_CASE("files that lie are refused by field, value and rule", "[language]") {
  PlainModel model = tiny();
  const File legacy = legacy_file(model);
  const File versioned = versioned_file(model);
  const File bytes = quantised_file(model, 8);
  CHECK(refusal({}) == "checkpoint.size: 0 bytes are less than the least header of 28");
  CHECK(refusal_with(legacy, 0, 0, 0x18000000) == "checkpoint.dim: 402653184 is not in 2 .. 65536");
  CHECK(refusal_with(legacy, 0, 1, 0) == "checkpoint.hidden_dim: 0 is not in 1 .. 262144");
  CHECK(refusal_with(legacy, 0, 2, -1) == "checkpoint.n_layers: -1 is not in 1 .. 1024");
  CHECK(refusal_with(legacy, 0, 3, 5) == "checkpoint.n_heads: 5 does not divide dim 24");
  CHECK(refusal_with(legacy, 0, 3, 8) == "checkpoint.n_heads: 8 leaves heads of 3 numbers, which is not an even count");
  CHECK(refusal_with(legacy, 0, 4, 3) == "checkpoint.n_kv_heads: 3 does not divide n_heads 4");
  CHECK(refusal_with(legacy, 0, 5, std::numeric_limits<std::int32_t>::min()) ==
        "checkpoint.vocab_size: 2147483648 is not in 3 .. 1048576");
  CHECK(refusal_with(legacy, 0, 6, 1 << 30) == "checkpoint.seq_len: 1073741824 is not in 1 .. 1048576");
  CHECK(refusal_with(legacy, 0, 2, 1024).ends_with("that its header asks for"));
  CHECK(refusal_with(versioned, 8, 5, -270) == "checkpoint.vocab_size: -270 is not in 3 .. 1048576");
  CHECK(refusal_with(versioned, 8, 0, 1 << 16).starts_with("checkpoint.size: "));
  CHECK(refusal_with(versioned, 4, 0, 3) == "checkpoint.version: 3 is not 1, 2 or 6");
  CHECK(refusal_with(versioned, 0, 0, 0x32346b61) ==
        "checkpoint.magic: its bytes stand in big-endian order; little-endian is read");
  File flag = versioned;
  flag[36] = 2;
  CHECK(refusal(flag) == "checkpoint.shared_classifier: 2 is not in 0 .. 1");
  flag[36] = 0;
  CHECK(refusal(flag).starts_with("checkpoint.size: "));
  CHECK(refusal_with(bytes, 37, 0, 0) == "checkpoint.group_size: 0 is not in 1 .. 65536");
  CHECK(refusal_with(bytes, 37, 0, 7) == "checkpoint.group_size: 7 does not divide dim 24");
  // Before anything is allocated, and whatever is handed over besides the header.
  CHECK_THROWS_AS(read_header(Bytes(legacy).first(header_bytes), most_checkpoint_bytes + 1), InputError);
}

TEST_CASE("files cut off anywhere, longer ones and numbers that are none are refused", "[language]") {
  PlainModel model = tiny();
  File files[] = {legacy_file(model), versioned_file(model), quantised_file(model, 8)};
  for (File& file : files) {
    for (std::size_t cut = 0; cut < file.size(); cut += 1 + cut / 3)
      CHECK(refusal(File(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(cut))).starts_with("checkpoint."));
    file.push_back(0);
    CHECK(refusal(file).starts_with("checkpoint.size: "));
    file.pop_back();
  }
  overwrite(files[0], 28, std::nanf(""));
  CHECK(refusal(files[0]) == "checkpoint.tok_embeddings: NaN is not a finite number");
  overwrite(files[1], header_bytes, std::numeric_limits<float>::infinity());
  CHECK(refusal(files[1]) == "checkpoint.attention_norm: Infinity is not a finite number");
  const std::size_t scales = header_bytes + 4 * 24 * 5 + 270 * 24;
  overwrite(files[2], scales, -1.0F);
  CHECK(refusal(files[2]) == "checkpoint.tok_embeddings: -1 is a scale below 0");
}

TEST_CASE("six bits and a scale a row are read, and refused where they lie", "[language]") {
  const bool is_shared = GENERATE(true, false);
  PlainModel model = tiny(is_shared);
  const File file = six_bit_file(model);
  CHECK(read_header(file, file.size()).version == 6);
  const DecoderWeights w = read_checkpoint(file);
  const auto check = [](const PackedMatrix& matrix, std::size_t at, const Tensor& plain, std::size_t of) {
    std::vector<float> row(matrix.columns());
    matrix.copy_row(at, row.data());
    for (std::size_t k = 0; k < row.size(); ++k) CHECK(row[k] == plain[of * row.size() + k]);
  };
  for (std::size_t r = 0; r < model.shape.vocabulary; ++r) check(w.embeddings, r, model.embeddings, r);
  check(w.classifier(), 5, is_shared ? model.embeddings : model.classifier, 5);
  check(w.layers[1].attention_in, 47, model.layers[1].wv, 11);
  check(w.layers[1].hidden_in, 22, model.layers[1].w3, 2);
  check(w.layers[0].hidden_out, 23, model.layers[0].w2, 23);
  for (std::size_t cut = 0; cut < file.size(); cut += 1 + cut / 3)
    CHECK(refusal(File(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(cut))).starts_with("checkpoint."));
  CHECK(refusal_with(file, 8, 0, 22) == "checkpoint.n_heads: 4 does not divide dim 22");
  CHECK(refusal_with(file, 8, 1, 22) == "checkpoint.hidden_dim: 22 is no multiple of 4");
  const std::size_t scales = header_bytes + 4 * 24 * 5 + 270 * 24 / 4 * 3;
  const auto with_scale = [&](std::uint16_t bits) {
    File out = file;
    overwrite(out, scales, bits);
    return refusal(out);
  };
  CHECK(with_scale(0x7C00) == "checkpoint.tok_embeddings: Infinity is not a finite number");
  CHECK(with_scale(0x7E00) == "checkpoint.tok_embeddings: Infinity is not a finite number");
  CHECK(with_scale(0xBC00) == "checkpoint.tok_embeddings: -1 is a scale below 0");
  // The least above 0 is none, 2^-24.
  CHECK(with_scale(1).empty());
}

TEST_CASE("bytes whose scales stand elsewhere are refused", "[language]") {
  PlainModel model = tiny();
  CHECK(refusal(quantised_file(model, 8)).empty());
  CHECK(refusal(quantised_file(model, 8, true)).starts_with("checkpoint.tok_embeddings: "));
}

TEST_CASE("bytes by chance are refused", "[language]") {
  Random random(1);
  for (int trial = 0; trial < 300; ++trial) {
    File file(static_cast<std::size_t>(random.integer(0, 2000)));
    for (auto& byte : file) byte = static_cast<std::uint8_t>(random.integer(0, 255));
    CHECK(refusal(file).starts_with("checkpoint."));
    if (file.size() < 40) continue;
    overwrite(file, 0, std::uint32_t{0x616b3432});
    overwrite(file, 4, std::int32_t{1 + trial % 2});
    CHECK(refusal(file).starts_with("checkpoint."));
  }
}
