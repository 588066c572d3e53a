#include "language/tokenizer.hpp"

#include <cmath>
#include <cstring>
#include <queue>
#include <utility>

#include "error.hpp"

namespace tiltlab {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& value_and_rule) {
  throw InputError("tokenizer." + field, value_and_rule);
}

/** Takes a file's numbers and words one after another. */
class Source {
 public:
  explicit Source(Bytes file) : file_(file) {}

  template <class T>
  T number(const std::string& field) {
    T out;
    std::memcpy(&out, take(field, sizeof out).data(), sizeof out);
    return out;
  }
  Bytes take(const std::string& field, std::size_t count) {
    if (count > file_.size() - at_)
      refuse(field, "the file ends after " + std::to_string(file_.size()) + " bytes, before " + field + " does");
    at_ += count;
    return file_.subspan(at_ - count, count);
  }
  [[nodiscard]] std::size_t left() const { return file_.size() - at_; }

 private:
  Bytes file_;
  std::size_t at_ = 0;
};

/** <0xAB>, as SentencePiece spells bytes. */
std::string spelling_of_byte(std::uint8_t byte) {
  constexpr char digits[] = "0123456789ABCDEF";
  return std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + ">";
}

/** How many of the text's bytes from `at` on are one character. */
std::size_t character_at(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (size < 4 && at + size < text.size() && (static_cast<std::uint8_t>(text[at + size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/** Two neighbours that some token joins; those that come first are joined first. */
struct Join {
  float score;
  std::size_t left;
  std::size_t right;
  std::uint32_t token;
  /** What stood there when it was found. */
  std::uint32_t left_token;
  std::uint32_t right_token;

  bool operator<(const Join& other) const { return score != other.score ? score < other.score : left > other.left; }
};

/** Tokens in a chain, of which neighbours are joined. */
class Chain {
 public:
  explicit Chain(std::vector<std::uint32_t> tokens) : token_(std::move(tokens)), next_(token_.size()) {
    before_.resize(token_.size());
    for (std::size_t i = 0; i < token_.size(); ++i) {
      next_[i] = i + 1;
      before_[i] = i - 1;
    }
  }
  /** @param find finds the join of the tokens at two places, or none */
  template <class F>
  std::vector<std::uint32_t> joined(F&& find) {
    const auto offer = [&](std::size_t left, std::size_t right) {
      if (right < token_.size()) find(left, right, token_[left], token_[right], open_);
    };
    for (std::size_t i = 0; i + 1 < token_.size(); ++i) offer(i, i + 1);
    while (!open_.empty()) {
      const Join join = open_.top();
      open_.pop();
      if (next_[join.left] != join.right || token_[join.left] != join.left_token ||
          token_[join.right] != join.right_token)
        continue;
      token_[join.left] = join.token;
      next_[join.left] = next_[join.right];
      next_[join.right] = gone;
      if (next_[join.left] < token_.size()) before_[next_[join.left]] = join.left;
      if (join.left > 0) offer(before_[join.left], join.left);
      offer(join.left, next_[join.left]);
    }
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < token_.size(); i = next_[i]) out.push_back(token_[i]);
    return out;
  }

 private:
  static constexpr auto gone = static_cast<std::size_t>(-1);
  std::vector<std::uint32_t> token_;
  std::vector<std::size_t> next_;
  std::vector<std::size_t> before_;
  std::priority_queue<Join> open_;
};

}  // namespace

Tokenizer::Tokenizer(Bytes file, std::size_t vocabulary) {
  if (file.size() > most_bytes)
    refuse("size", std::to_string(file.size()) + " bytes are more than " + std::to_string(most_bytes));
  Source source(file);
  const auto most = source.number<std::int32_t>("max_token_length");
  constexpr std::int32_t longest = 1 << 16;
  if (most < 1 || most > longest)
    refuse("max_token_length", std::to_string(most) + " is not in 1 .. " + std::to_string(longest));
  // Each token has a score and a length.
  if (source.left() / 8 < vocabulary)
    refuse("size", std::to_string(file.size()) + " bytes are less than " + std::to_string(vocabulary) +
                       " tokens of the checkpoint take");
  pieces_.reserve(vocabulary);
  scores_.reserve(vocabulary);
  for (std::size_t i = 0; i < vocabulary; ++i) {
    const std::string name = "tokens[" + std::to_string(i) + "]";
    scores_.push_back(source.number<float>(name));
    if (!std::isfinite(scores_.back())) refuse(name + ".score", to_text(scores_.back()) + " is not a finite number");
    const auto length = source.number<std::int32_t>(name);
    if (length < 0 || length > longest)
      refuse(name + ".length", std::to_string(length) + " is not in 0 .. " + std::to_string(longest));
    const Bytes letters = source.take(name, static_cast<std::size_t>(length));
    pieces_.emplace_back(letters.begin(), letters.end());
  }
  if (source.left() > 0)
    refuse("size", std::to_string(source.left()) + " bytes are left after the " + std::to_string(vocabulary) +
                       " tokens of the checkpoint");
  for (std::uint32_t i = 0; i < vocabulary; ++i) by_spelling_.try_emplace(pieces_[i], i);
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto found = by_spelling_.find(spelling_of_byte(static_cast<std::uint8_t>(byte)));
    if (found != by_spelling_.end()) bytes_[found->second] = std::string(1, static_cast<char>(byte));
  }
}

std::vector<std::uint32_t> Tokenizer::characters(std::string_view text) const {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_at(text, at);
    const auto whole = by_spelling_.find(text.substr(at, size));
    if (whole != by_spelling_.end()) {
      out.push_back(whole->second);
    } else {
      for (std::size_t k = 0; k < size; ++k) {
        const std::string spelling = spelling_of_byte(static_cast<std::uint8_t>(text[at + k]));
        const auto byte = by_spelling_.find(spelling);
        if (byte == by_spelling_.end())
          throw InputError("prompt", "has a character at byte " + std::to_string(at) +
                                         " that the tokenizer lacks, and " + spelling + " too");
        out.push_back(byte->second);
      }
    }
    at += size;
  }
  return out;
}

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<std::uint32_t> out{begin};
  if (text.empty()) return out;
  Chain chain(characters(" " + std::string(text)));
  std::string join;
  const std::vector<std::uint32_t> joined = chain.joined(
      [&](std::size_t left, std::size_t right, std::uint32_t a, std::uint32_t b, std::priority_queue<Join>& open) {
        join.assign(pieces_[a]).append(pieces_[b]);
        const auto found = by_spelling_.find(join);
        if (found != by_spelling_.end()) open.push({scores_[found->second], left, right, found->second, a, b});
      });
  out.insert(out.end(), joined.begin(), joined.end());
  return out;
}

std::string_view Tokenizer::piece(std::uint32_t token, std::uint32_t before) const {
  const auto byte = bytes_.find(token);
  if (byte != bytes_.end()) return byte->second;
  std::string_view out = pieces_[token];
  if (before == begin && out.starts_with(' ')) out.remove_prefix(1);
  return out;
}

}  // namespace tiltlab
