#include "samples/scored_drafts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "error.hpp"

namespace tiltlab {
namespace {

void check_column(const std::vector<double>& column, std::size_t rows, const char* name, bool optional) {
  if (optional && column.empty()) return;
  if (column.size() != rows)
    throw InputError(std::string("samples.") + name,
                     std::to_string(column.size()) + " values for " + std::to_string(rows) + " rows");
  // Cubes of larger ones, summed up, are no doubles any more.
  constexpr double largest = 1e100;
  const auto bad = std::find_if(column.begin(), column.end(), [](double x) { return !(std::fabs(x) <= largest); });
  if (bad != column.end())
    throw InputError("samples.rows[" + std::to_string(bad - column.begin()) + "]." + name,
                     to_text(*bad) + (std::isfinite(*bad) ? " is beyond 1e100" : " is not a finite number"));
}

void check(const DraftColumns& columns) {
  const std::size_t rows = columns.prompt.size();
  if (rows == 0) throw InputError("samples.rows", "none is left to judge");
  check_column(columns.reward, rows, "reward", false);
  check_column(columns.gold, rows, "gold", true);
  check_column(columns.log_probability, rows, "logprob", true);
  check_column(columns.length, rows, "length", true);
  for (std::size_t i = 0; i < columns.log_probability.size(); ++i)
    if (columns.log_probability[i] > 0)
      throw InputError("samples.rows[" + std::to_string(i) + "].logprob",
                       to_text(columns.log_probability[i]) + " is above 0");
  if (!columns.answer.empty() && columns.answer.size() != rows)
    throw InputError("samples.answer",
                     std::to_string(columns.answer.size()) + " values for " + std::to_string(rows) + " rows");
}

/** In place of the column: two of millions of rows beside each other are no longer than it takes. */
template <class T>
void permute(std::vector<T>& column, const std::vector<std::uint32_t>& row) {
  if (column.empty()) return;
  std::vector<T> out;
  out.reserve(row.size());
  for (const std::uint32_t from : row) out.push_back(column[from]);
  column = std::move(out);
}

/** By reward, then by whatever else tells drafts apart: sums are in one order whatever order the rows had. */
struct Order {
  const DraftColumns& columns;

  bool operator()(std::uint32_t a, std::uint32_t b) const {
    for (const auto* column : {&columns.reward, &columns.gold, &columns.length, &columns.log_probability})
      if (!column->empty() && (*column)[a] != (*column)[b]) return (*column)[a] < (*column)[b];
    if (!columns.answer.empty() && columns.answer[a] != columns.answer[b]) return columns.answer[a] < columns.answer[b];
    return a < b;
  }
};

}  // namespace

std::size_t ScoredDrafts::fewest() const {
  std::size_t out = drafts(0);
  for (std::size_t k = 1; k < prompts(); ++k) out = std::min(out, drafts(k));
  return out;
}

std::size_t ScoredDrafts::most() const {
  std::size_t out = 0;
  for (std::size_t k = 0; k < prompts(); ++k) out = std::max(out, drafts(k));
  return out;
}

ScoredDrafts make_scored_drafts(DraftColumns columns) {
  check(columns);
  ScoredDrafts out;
  const std::size_t prompts = std::size_t{*std::max_element(columns.prompt.begin(), columns.prompt.end())} + 1;
  if (prompts > columns.prompt.size())
    throw InputError("samples.rows", "prompt " + std::to_string(prompts - 1) + " of " +
                                         std::to_string(columns.prompt.size()) + " rows");
  out.start.assign(prompts + 1, 0);
  for (const std::uint32_t k : columns.prompt) ++out.start[k + 1];
  if (std::find(out.start.begin() + 1, out.start.end(), 0U) != out.start.end())
    throw InputError("samples.rows", "a prompt has no draft");
  std::partial_sum(out.start.begin(), out.start.end(), out.start.begin());
  out.row.resize(columns.prompt.size());
  std::vector<std::size_t> next(out.start.begin(), out.start.end() - 1);
  for (std::size_t i = 0; i < columns.prompt.size(); ++i)
    out.row[next[columns.prompt[i]]++] = static_cast<std::uint32_t>(i);
  const Order before{columns};
  for (std::size_t k = 0; k < prompts; ++k)
    std::sort(out.row.begin() + static_cast<std::ptrdiff_t>(out.start[k]),
              out.row.begin() + static_cast<std::ptrdiff_t>(out.start[k + 1]), before);
  permute(columns.prompt, out.row);
  permute(columns.reward, out.row);
  permute(columns.gold, out.row);
  permute(columns.log_probability, out.row);
  permute(columns.length, out.row);
  permute(columns.answer, out.row);
  out.columns = std::move(columns);
  return out;
}

}  // namespace tiltlab
