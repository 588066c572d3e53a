"""Interpolated Kneser-Ney smoothing over characters, with one discount an order: R. Kneser and H. Ney, "Improved
backing-off for m-gram language modeling" (1995); S. F. Chen and J. Goodman, "An empirical study of smoothing techniques
for language modeling" (1999), section 2.7. What the language model is held against."""
import math
from collections import Counter, defaultdict


class KneserNey:
    def __init__(self, texts, order):
        self.order = order
        start = '\0' * (order - 1)
        counts = Counter()
        for text in texts:
            padded = start + text
            counts.update(padded[i : i + order] for i in range(len(text)))
        # The highest order counts occurrences, each lower one the distinct characters before it.
        self.levels = []
        for length in range(order, 0, -1):
            of_counts = Counter(counts.values())
            discount = of_counts[1] / (of_counts[1] + 2 * of_counts[2]) if of_counts[1] else 0.5
            totals, kinds = Counter(), Counter()
            for gram, count in counts.items():
                totals[gram[:-1]] += count
                kinds[gram[:-1]] += 1
            self.levels.append((dict(counts), totals, kinds, discount))
            below = defaultdict(int)
            for gram in counts:
                below[gram[1:]] += 1
            counts = Counter(below)
        self.alphabet = len({gram[-1] for gram in self.levels[0][0]}) + 1

    def p(self, gram):
        value = 1 / self.alphabet
        for length in range(1, self.order + 1):
            counts, totals, kinds, discount = self.levels[self.order - length]
            part = gram[-length:]
            before = part[:-1]
            total = totals.get(before, 0)
            if total == 0:
                continue
            value = (max(counts.get(part, 0) - discount, 0) + discount * kinds[before] * value) / total
        return value

    def nats(self, texts):
        total = 0.0
        for text in texts:
            padded = '\0' * (self.order - 1) + text
            total -= sum(math.log(self.p(padded[i : i + self.order])) for i in range(len(text)))
        return total
