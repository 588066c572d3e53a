#include "language/decoder.hpp"

#include <catch2/catch.hpp>

#include "language/plain_model.hpp"

using namespace tiltlab;
using namespace tiltlab::test;

namespace {

std::vector<std::uint32_t> random_tokens(std::uint64_t seed, std::size_t count, std::size_t vocabulary) {
  Random random(seed);
  std::vector<std::uint32_t> out{1};
  while (out.size() < count)
    out.push_back(static_cast<std::uint32_t>(random.integer(0, static_cast<std::int64_t>(vocabulary) - 1)));
  return out;
}

/** Logits of each position, one token after another. */
std::vector<Tensor> logits_of(Decoder& decoder, const std::vector<std::uint32_t>& tokens) {
  KeyValueCache cache(decoder.shape(), 0, tokens.size(), nullptr);
  std::vector<Tensor> out;
  for (std::size_t p = 0; p < tokens.size(); ++p) {
    const DecoderRow row{tokens[p], p, &cache};
    const auto logits = decoder.forward({&row, 1}, 1);
    out.emplace_back(logits.begin(), logits.begin() + static_cast<std::ptrdiff_t>(decoder.shape().vocabulary));
  }
  return out;
}

double largest_difference(const std::vector<Tensor>& found, const std::vector<Numbers>& right) {
  double most = 0;
  REQUIRE(found.size() == right.size());
  for (std::size_t p = 0; p < found.size(); ++p)
    for (std::size_t k = 0; k < right[p].size(); ++k)
      most = std::max(most, std::fabs(static_cast<double>(found[p][k]) - right[p][k]));
  return most;
}

}  // namespace

TEST_CASE("logits are those of a plain pass in double", "[language]") {
  const bool is_shared = GENERATE(true, false);
  PlainModel model = random_model(7, is_shared, tiny_shape());
  const auto tokens = random_tokens(3, 48, model.shape.vocabulary);
  const auto right = plain_logits(model, tokens);
  Decoder legacy(read_checkpoint(legacy_file(model)));
  const auto found = logits_of(legacy, tokens);
  CHECK(largest_difference(found, right) < 1e-4);
  Decoder versioned(read_checkpoint(versioned_file(model)));
  CHECK(logits_of(versioned, tokens) == found);
  // From here on the model's weights are those of its bytes.
  const File bytes = quantised_file(model, 8);
  Decoder quantised(read_checkpoint(bytes));
  const auto rounded = logits_of(quantised, tokens);
  CHECK(largest_difference(rounded, plain_logits(model, tokens)) < 1e-4);
  Decoder same(read_checkpoint(versioned_file(model)));
  CHECK(logits_of(same, tokens) == rounded);
}

TEST_CASE("shapes of every kind of remainder have the logits of a plain pass", "[language]") {
  const DecoderShape shape = GENERATE(DecoderShape{2, 1, 1, 1, 1, 3, 9}, DecoderShape{12, 7, 1, 2, 1, 5, 9},
                                      DecoderShape{40, 33, 3, 2, 2, 17, 9}, DecoderShape{32, 64, 1, 8, 1, 9, 9});
  const PlainModel model = random_model(11, false, shape);
  const auto tokens = random_tokens(5, 9, shape.vocabulary);
  Decoder decoder(read_checkpoint(legacy_file(model)));
  CHECK(largest_difference(logits_of(decoder, tokens), plain_logits(model, tokens)) < 1e-4);
}

TEST_CASE("a row has the same bits among others, in a block of a prompt and after a shared beginning", "[language]") {
  const PlainModel model = random_model(7, true, tiny_shape());
  Decoder decoder(read_checkpoint(versioned_file(model)));
  const DecoderShape& s = decoder.shape();
  const auto prompt = random_tokens(1, 11, s.vocabulary);
  KeyValueCache shared(s, 0, prompt.size(), nullptr);
  std::vector<DecoderRow> rows;
  for (std::size_t p = 0; p < prompt.size(); ++p) rows.push_back({prompt[p], p, &shared});
  const auto all = decoder.forward(rows, rows.size());
  const auto alone = logits_of(decoder, prompt);
  const auto again = decoder.forward(rows, rows.size());
  CHECK(all.size() == again.size());
  for (std::size_t p = 0; p < prompt.size(); ++p)
    CHECK(std::equal(alone[p].begin(), alone[p].end(),
                     again.begin() + static_cast<std::ptrdiff_t>(p * decoder.logit_stride())));

  constexpr std::size_t drafts = 7;
  std::vector<KeyValueCache> caches(drafts, KeyValueCache(s, 8, 20, &shared));
  std::vector<std::vector<std::uint32_t>> texts;
  for (std::size_t d = 0; d < drafts; ++d) {
    caches[d].copy(shared, prompt.size());
    texts.push_back(prompt);
    for (const std::uint32_t token : random_tokens(20 + d, 5, s.vocabulary)) texts[d].push_back(token);
  }
  std::vector<std::vector<Tensor>> found(drafts);
  for (std::size_t p = prompt.size(); p < texts[0].size(); ++p) {
    rows.clear();
    for (std::size_t d = 0; d < drafts; ++d) rows.push_back({texts[d][p], p, &caches[d]});
    const auto logits = decoder.forward(rows, drafts);
    for (std::size_t d = 0; d < drafts; ++d) {
      const auto from = logits.begin() + static_cast<std::ptrdiff_t>(d * decoder.logit_stride());
      found[d].emplace_back(from, from + static_cast<std::ptrdiff_t>(s.vocabulary));
    }
  }
  for (std::size_t d = 0; d < drafts; ++d) {
    const auto right = logits_of(decoder, texts[d]);
    for (std::size_t k = 0; k < found[d].size(); ++k) CHECK(found[d][k] == right[prompt.size() + k]);
  }
}

TEST_CASE("a public checkpoint's logits are those of a plain pass in double", "[language]") {
  const File file = shared_file("stories260K.bin");
  if (file.empty()) {
    WARN("TILTLAB_SHARED is not set: the public checkpoint is not read");
    return;
  }
  const PlainModel model = model_of(file);
  Decoder decoder(read_checkpoint(file));
  const auto tokens = random_tokens(9, 100, model.shape.vocabulary);
  CHECK(largest_difference(logits_of(decoder, tokens), plain_logits(model, tokens)) < 1e-4);
}
