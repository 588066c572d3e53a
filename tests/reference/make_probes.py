#!/usr/bin/env python3
"""Makes a table of 3,444 probes, whole grids of models and budgets, in the form of promises.tsv.gz: by exact.py, and for
quantile tables by closed forms. Too long for every run of the tests; after a change of laws or policies:

    /usr/bin/python3 make_probes.py probes.tsv.gz [lattice unrelated jumps finite tables]    # half an hour; needs python3-gmpy2
    TILTLAB_PROBES=$PWD/probes.tsv.gz npx vitest run tests/engine/promises.test.ts
"""
import functools
import gzip
import json
import math
import sys

import gmpy2
from gmpy2 import exp, expm1, log, mpfr, sqrt

import exact
import make_promises
from make_promises import digits, head, line_of, pick, root2, root5, scenario

ZERO, ONE = mpfr(0), mpfr(1)

# A law is one for all budgets.
exact.power_law = functools.lru_cache(2)(exact.power_law)
whole = functools.lru_cache(2)(exact.count_law)
exact.count_law = lambda token, n, low=None, high=None: whole(token, n) if low is None else whole.__wrapped__(token, n, low, high)
tokens = {}


def token_of(items):
    """One object for equal items, so that laws are found again."""
    key = json.dumps(items)
    return tokens.setdefault(key, plain(items))


plain = exact.Token
exact.Token = token_of


def most(p, reward):
    return -math.log(sum(x for x, r in zip(p, reward) if r == max(reward)))


def lattice():
    laws = [([0.9, 0.1], [0, 1]), ([0.5, 0.5], [0, 1]), ([0.001, 0.999], [0, 1]), ([0.3, 0.4, 0.3], [-1, 0, 1]),
            ([0.4, 0.3, 0.2, 0.1], [0, 1, 2, 3]), ([0.6, 0.39, 0.01], [0, 1, 10]), ([0.2, 0.5, 0.3], [0, 0.1, 0.5]),
            ([0.1, 0.4, 0.499, 0.001], [-3, 0, 2, 7])]
    for p, reward in laws:
        top = most(p, reward)
        for n in (2, 8, 40, 150, 400, 1000):
            budgets = [{"n": x} for x in (1.5, 2, 4, 16, 100, 1e6, 1e100)]
            budgets += [{"log_n": x} for x in (0.001, 0.1, 3, 30, 300, 1000)]
            budgets += [{"kl": x} for x in (1e-12, 1e-6, 0.01, 1, 10, 100)]
            budgets += [{"kl_per_token": digits(x * top)} for x in (0.002, 0.1, 0.5, 0.9, 0.98)]
            for b in budgets:
                yield scenario(p, reward, n, b)


def unrelated():
    laws = [([0.5, 0.4, 0.1], [0, 1, root5]), ([0.5, 0.3, 0.2], [0, 0.3333333, 1]), ([0.2, 0.3, 0.5], [0, root2, math.pi]),
            ([0.7, 0.2, 0.1], [-1, 0, root2]), ([0.25, 0.5, 0.25], [0, 1, 2.0000001]), ([0.4, 0.3, 0.2, 0.1], [0, 1, root2, root5])]
    for p, reward in laws:
        top = most(p, reward)
        for n in (2, 5, 12, 40, 100, 400) if len(p) < 4 else (2, 5, 12, 30, 50, 80):
            budgets = [{"n": x} for x in (2, 16, 1000, 1e20)] + [{"log_n": x} for x in (0.01, 1, 10, 100)]
            budgets += [{"kl": x} for x in (1e-9, 0.01, 3)] + [{"kl_per_token": digits(x * top)} for x in (0.05, 0.3, 0.6, 0.8, 0.95)]
            for b in budgets:
                yield scenario(p, reward, n, b)


def jumps():
    for rare in (1e-4, 1e-7, 1e-10):
        for far in (100, 3000, 10000):
            for n in (8, 60, 200, 500):
                for b in ({"n": 2}, {"n": 1000}, {"log_n": 20}, {"kl_per_token": 0.01}, {"kl_per_token": 0.1}, {"kl_per_token": 0.3}):
                    yield scenario([0.5, 0.5 - rare, rare], [0, 1, far], n, b)


def finite():
    while True:
        yield make_promises.finite()


def tables():
    while True:
        inner = sorted(pick.choice([digits(pick.random(), 3), digits(10 ** -pick.uniform(1, 9), 2), 1 - 2 ** -pick.randint(2, 12)])
                       for _ in range(pick.choice([0, 1, 2, 4, 8])))
        u = sorted({0.0, *inner, 1.0})
        reward = [0.0]
        for _ in u[1:]:
            reward.append(reward[-1] + pick.choice([0, 1, pick.random(), 10 ** pick.uniform(-6, 4)]))
        reward = [digits(r - 2, 6) for r in reward]
        if reward[-1] == reward[0]:
            continue
        b = pick.choice([{"n": pick.choice([1.5, 2, 16, 1e4, 1e9])}, {"log_n": digits(10 ** pick.uniform(-3, 3))},
                         {"kl": digits(10 ** pick.uniform(-6, 2))}])
        yield {"v": 1, "model": {"kind": "continuous", "family": "quantiles", "u": u, "reward": reward}, "budget": b}


class Table:
    """A quantile function by straight pieces; pieces of one reward are an atom, also where several follow each other."""

    def __init__(self, u, reward):
        self.pieces = []
        for a, b, c, d in zip(u, u[1:], reward, reward[1:]):
            a, b, c, d = (exact.to_float(exact.real(x)) for x in (a, b, c, d))
            last = self.pieces[-1] if self.pieces else None
            if last and c == d == last[2] == last[3]:
                self.pieces[-1] = (last[0], b, c, d)
            else:
                self.pieces.append((a, b, c, d))
        self.top = self.pieces[-1][3]
        self.atom = self.pieces[-1][1] - self.pieces[-1][0] if self.pieces[-1][2] == self.top else ZERO

    def tilt(self, alpha):
        """log E e^(alpha (r - top)), and the tilt's mean and mean square below the top."""
        total = first = second = ZERO
        for a, b, c, d in self.pieces:
            x, w, low = self.top - d, d - c, b - a
            weight = low * exp(-alpha * x)
            y = alpha * w
            if w == 0:
                moments = ONE, ZERO, ZERO
            elif y < mpfr(2) ** -450:
                moments = 1 - y / 2 + y * y / 6, w / 2 - y * w / 3, w * w / 3 - y * w * w / 4
            else:
                # The integrals of e^(-y s), w s e^(-y s) and its square over s from 0 to 1.
                e = exp(-y)
                m0 = -expm1(-y) / y
                m1 = (m0 - e) / y
                m2 = (2 * m1 - e) / y
                moments = m0, w * m1, w * w * m2
            m0, m1, m2 = moments
            total += weight * m0
            first += weight * (x * m0 + m1)
            second += weight * (x * x * m0 + 2 * x * m1 + m2)
        return log(total), first / total, second / total

    def kl(self, alpha):
        lz, below, _ = self.tilt(alpha)
        return -alpha * below - lz

    def solve(self, kl):
        if kl <= 0:
            return ZERO
        if self.atom > 0 and -log(self.atom) - kl <= mpfr(10) ** -60:
            return exact.INF
        lo, hi = ZERO, ONE
        while self.kl(hi) < kl:
            hi *= 2
        while self.kl(hi / 2) > kl:
            hi /= 2
        lo = hi / 2
        # Newton's steps, halved where they leave the bracket.
        alpha = (lo + hi) / 2
        for _ in range(300):
            lz, below, square = self.tilt(alpha)
            off = kl + alpha * below + lz
            lo, hi = (alpha, hi) if off > 0 else (lo, alpha)
            slope = alpha * (square - below * below)
            step = off / slope if slope > 0 else ZERO
            last, alpha = alpha, alpha + step if lo < alpha + step < hi else (lo + hi) / 2
            if abs(alpha - last) <= alpha * mpfr(2) ** -800:
                break
        return alpha

    def of_tilt(self, alpha):
        if alpha == exact.INF:
            return {"reward": self.top, "reward_sd": ZERO, "kl": -log(self.atom), "alpha": alpha}
        lz, below, square = self.tilt(alpha)
        return {"reward": self.top - below, "reward_sd": sqrt(square - below * below), "kl": -alpha * below - lz, "alpha": alpha}

    def best_of_n(self, log_n):
        n = exp(log_n)
        power = lambda u: exp(n * log(u)) if u > 0 else ZERO
        mean = square = kl = ties = ZERO
        for a, b, c, d in self.pieces:
            pa, pb = power(a), power(b)
            mass = pb - pa
            if c == d:
                mean += mass * c
                square += mass * c * c
                kl += mass * log(mass / (b - a)) if mass > 0 else 0
                # Of ties half.
                ties += mass * (b + a) / 2
                continue
            # u under the policy: E[u; piece] and E[u^2; piece] of the density n u^(n - 1).
            first = n / (n + 1) * (b * pb - a * pa)
            second = n / (n + 2) * (b * b * pb - a * a * pa)
            slope = (d - c) / (b - a)
            flat = c - slope * a
            mean += flat * mass + slope * first
            square += flat * flat * mass + 2 * flat * slope * first + slope * slope * second
            kl += log_n * mass + (n - 1) * (pb * log(b) - (pa * log(a) if a > 0 else 0) - mass / n)
            ties += first
        return {"reward": mean, "reward_sd": sqrt(max(ZERO, square - mean * mean)), "kl": kl, "win_rate": ties}

    def win_rate(self, alpha):
        """P(r > r_p) + half of ties: E of u under the tilt, at atoms of their middle."""
        if alpha == exact.INF:
            return 1 - self.atom / 2
        total = wins = ZERO
        for a, b, c, d in self.pieces:
            top = exp(-alpha * (self.top - d))
            y = alpha * (d - c)
            low = b - a
            if y < mpfr(2) ** -450:
                m0, m1 = 1 - y / 2, ONE / 2 - y / 3
            else:
                m0 = -expm1(-y) / y
                m1 = (m0 - exp(-y)) / y
            total += low * top * m0
            wins += low * top * (b * m0 - low * m1)
        return wins / total


def table_report(s):
    # Tilts of e^1000 leave their digits to differences.
    with gmpy2.local_context(gmpy2.get_context(), precision=1800):
        return report_of_table(s)


def report_of_table(s):
    m = s["model"]
    table = Table(m["u"], m["reward"])
    (kind, value), = s["budget"].items()
    v = exact.to_float(exact.real(value))
    log_n = log(v) if kind == "n" else v
    alpha = table.solve(log_n)
    out = {"model": table.of_tilt(ZERO), "kl_rl": table.of_tilt(alpha), "best_of_n": table.best_of_n(log_n)}
    out["model"]["kl_max"] = -log(table.atom) if table.atom > 0 else None
    out["kl_rl"]["win_rate"] = table.win_rate(alpha)
    bon = out["best_of_n"]
    if alpha == exact.INF:
        bon["kl_to_kl_rl"] = None
    else:
        bon["kl_to_kl_rl"] = bon["kl"] - alpha * (bon["reward"] - table.top) + table.tilt(alpha)[0]
    there = table.solve(bon["kl"])
    out["kl_rl_at_bon_kl"] = table.of_tilt(there)
    out["kl_rl_at_bon_kl"]["win_rate"] = table.win_rate(there)
    out["gap"] = {"reward": out["kl_rl"]["reward"] - bon["reward"],
                  "reward_at_bon_kl": out["kl_rl_at_bon_kl"]["reward"] - bon["reward"]}
    return out


families = {"lattice": (lattice, 1152), "unrelated": (unrelated, 576), "jumps": (jumps, 216), "finite": (finite, 800),
            "tables": (tables, 700)}


def main():
    path, *names = sys.argv[1:]
    lines = [head]
    for name in names or families:
        make, count = families[name]
        begun = len(lines)
        for s in make():
            if len(lines) - begun == count:
                break
            try:
                report = table_report(s) if name == "tables" else exact.report(s)
            except (ValueError, ZeroDivisionError) as fault:
                print(name, "left out", json.dumps(s), fault)
                continue
            lines.append(line_of(s, report))
        print(name, len(lines) - begun, flush=True)
        with gzip.open(path, "wb") as f:
            f.write(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
