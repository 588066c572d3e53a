#!/usr/bin/env python3
"""Makes chain_statements.json: numbers of the paper's statements on Markov chains to 18 digits, by mpmath with 120 digits.

Laws of n transitions are written out by convolution. Limits come from the largest eigenvalue of the tilted transitions, as a
root of the characteristic polynomial by powers of the matrix; its derivative is that of both vectors. For each scenario: the
optimum of n transitions and what it spends both ways, the limit's, exact tails of the base, of that optimum and of
best-of-N, cumulants, both KL divergences at several lengths, Renyi cross entropies per transition against q, which is
e^S over its sum over all sequences that the chain may draw, and what best-of-N gains as a share of what its KL could buy.
Needs python3-mpmath.

    /usr/bin/python3 make_chain_statements.py > chain_statements.json
"""
import json

import mpmath as mp
from make_statements import best_of_n, exact, text

mp.mp.dps = 120


def root(f, high):
    """The root of an increasing function on [0, high]."""
    low = mp.mpf(0)
    for _ in range(420):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return (low + high) / 2


class Chain:
    def __init__(self, initial, transition, reward, unit):
        self.k = len(initial)
        self.initial = [exact(x) for x in initial]
        self.p = [[exact(x) for x in row] for row in transition]
        self.unit = exact(unit)
        self.step = [[int(round(r / unit)) for r in row] for row in reward]

    def law(self, n):
        """Masses of the sums 0, 1, .. in units."""
        most = max(map(max, self.step))
        state = [[x] + [mp.mpf(0)] * (n * most) for x in self.initial]
        for done in range(n):
            following = [[mp.mpf(0)] * (n * most + 1) for _ in range(self.k)]
            for i in range(self.k):
                for j in range(self.k):
                    if self.p[i][j]:
                        for s in range(done * most + 1):
                            if state[i][s]:
                                following[j][s + self.step[i][j]] += state[i][s] * self.p[i][j]
            state = following
        return [sum(of[s] for of in state) for s in range(n * most + 1)]

    def weights(self, b, counted=False):
        return mp.matrix(
            [[(1 if counted else self.p[i][j]) * mp.exp(b * self.unit * self.step[i][j]) if self.p[i][j] else 0
              for j in range(self.k)] for i in range(self.k)])

    def growth(self, b):
        """log of the largest eigenvalue and its derivative by b."""
        m = self.weights(b)
        power = m + mp.eye(self.k)  # of no period
        for _ in range(14):
            power = power * power
            power = power / max(abs(x) for x in power)
        right = power * mp.ones(self.k, 1)
        left = power.T * mp.ones(self.k, 1)
        value = (left.T * m * right)[0] / (left.T * right)[0]
        moved = mp.matrix(self.k, self.k)
        for i in range(self.k):
            for j in range(self.k):
                moved[i, j] = m[i, j] * self.unit * self.step[i][j]
        return mp.log(value), (left.T * moved * right)[0] / (left.T * right)[0] / value


def statements(initial, transition, reward, unit, rate, n, lengths):
    c = Chain(initial, transition, reward, unit)
    rate = exact(rate)
    law = c.law(n)
    at = [c.unit * s for s in range(len(law))]
    mgf = lambda b, of: mp.log(sum(m * mp.exp(b * c.unit * s) for s, m in enumerate(of) if m))
    mean = lambda b, of: sum(m * c.unit * s * mp.exp(b * c.unit * s) for s, m in enumerate(of) if m) / mp.exp(mgf(b, of))
    solved = lambda nats, of: root(lambda b: b * mean(b, of) - mgf(b, of) - nats, mp.mpf(60))
    b_n = solved(n * rate, law)
    base_mean = mean(mp.mpf(0), law)
    a = root(lambda b: b * c.growth(b)[1] - c.growth(b)[0] - rate, mp.mpf(60))
    lam, rho = c.growth(a)
    optimum = [m * mp.exp(b_n * x - mgf(b_n, law)) if m else mp.mpf(0) for m, x in zip(law, at)]
    bon = best_of_n(law, mp.exp(n * rate))
    centre = c.growth(mp.mpf(0))[1]

    def tails(masses, at_least):
        found = []
        for s in range(len(masses)):
            upper, lower = sum(masses[s:]), sum(masses[:s + 1])
            found.append([-mp.log(x) / n if x > 0 else None for x in ([upper] if at_least else [upper, lower])])
        return found
    directions = []
    for m in lengths:
        of = c.law(m)
        b = solved(m * rate, of)
        opt = [x * mp.exp(b * c.unit * s - mgf(b, of)) if x else mp.mpf(0) for s, x in enumerate(of)]
        pi = best_of_n(of, mp.exp(m * rate))
        forward = sum(x * mp.log(x / y) for x, y in zip(pi, opt) if x and y)
        reverse = sum(y * mp.log(y / x) for x, y in zip(pi, opt) if y and x)
        directions.append([m, forward, mp.log10(reverse)])
    paths = mp.matrix([[1 if x else 0 for x in c.initial]])
    for _ in range(n):
        paths = paths * c.weights(mp.mpf(1), True)
    normaliser = mp.log(sum(paths)) / n
    entropy = lambda s: normaliser - (base_mean / n if s == 1 else mgf(s - 1, law) / (n * (s - 1)))
    # What best-of-N gains, and what the optimum does of its KL.
    spent = sum(x * mp.log(x / y) for x, y in zip(bon, law) if x and y)
    gains = sum(x * y for x, y in zip(bon, at)) - base_mean
    orders = [1 / mp.mpf(3), mp.mpf(1), mp.mpf(2), 1 + b_n]
    return {
        "initial": initial, "transition": transition, "reward": reward, "unit": str(unit), "rate": rate, "n": n,
        "alpha_n": b_n, "reward_n": mean(b_n, law) / n, "alpha": a, "mean": rho, "mean_base": centre,
        "reverse_n": (mgf(b_n, law) - b_n * base_mean) / n,
        "rate_base": tails(law, False), "rate_kl_rl": tails(optimum, False), "rate_best_of_n": tails(bon, True),
        "cumulants": [[t, c.growth(t * a)[0], c.growth(a + t * a)[0] - lam, mgf(t * a, bon) / n]
                      for t in (mp.mpf(-1), mp.mpf("0.5"), mp.mpf(2))],
        "renyi": [[s, entropy(s)] for s in orders], "normaliser": normaliser,
        "directions": directions, "exponent": rate + 2 * c.growth(a / 2)[0] - lam,
        "share": gains / (mean(solved(spent, law), law) - base_mean),
    }


if __name__ == "__main__":
    cases = [
        ([1, 0], [[0.8, 0.2], [0.4, 0.6]], [[0, 1], [0.3, 2]], 0.1, 0.08, 20, [1, 2, 5, 12]),
        ([0.2, 0.3, 0.5], [[0.5, 0.25, 0.25], [0.1, 0.6, 0.3], [0.3, 0.3, 0.4]], [[0, 1, 3]] * 3, 1, 0.1, 24, [1, 2, 3, 9]),
        # Of period 2.
        ([1, 0, 0], [[0, 0.7, 0.3], [1, 0, 0], [1, 0, 0]], [[0, 1, 2], [0, 0, 0], [1, 0, 0]], 1, 0.1, 30, [1, 2, 3, 5, 12]),
        # The first state is left for good.
        ([1, 0, 0], [[0, 0.5, 0.5], [0, 0.7, 0.3], [0, 0.2, 0.8]], [[0, 2, 1], [0, 0, 1], [0, 0, 1]], 1, 0.12, 24, [1, 2, 3, 5, 12]),
    ]
    print("[\n" + ",\n".join(json.dumps(text(statements(*case))) for case in cases) + "\n]")
