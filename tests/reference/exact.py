"""Reports of token models in 420-bit floats, for the tables that hold `error_bound` to its promise.

The law of a sum is written out by counts of tokens or token after token; nothing is tilted, inverted or moved.
Only levels that best-of-N does not visit to 30 digits are left out where there are too many. Needs python3-gmpy2.
"""
import math
from fractions import Fraction

import gmpy2
from gmpy2 import exp, log, log1p, mpfr, sqrt

BITS = 420
gmpy2.get_context().precision = BITS
gmpy2.get_context().emax = gmpy2.get_emax_max()
gmpy2.get_context().emin = gmpy2.get_emin_min()
ZERO, ONE, INF = mpfr(0), mpfr(1), mpfr("inf")


def real(x):
    """A decimal as it was written, as a fraction and as a float."""
    return Fraction(repr(x) if isinstance(x, float) else str(x))


def to_float(f):
    return mpfr(f.numerator) / mpfr(f.denominator)


class Token:
    """Distinct rewards (fractions, increasing) with their probabilities and mean gold."""

    def __init__(self, items):
        total = sum(real(i["p"]) for i in items)
        table = {}
        for i in items:
            p = real(i["p"]) / total
            if p:
                m, g = table.get(real(i["reward"]), (Fraction(0), Fraction(0)))
                table[real(i["reward"])] = (m + p, g + p * real(i.get("gold", 0)))
        self.reward = sorted(table)
        self.p = [to_float(table[r][0]) for r in self.reward]
        self.gold = [to_float(table[r][1] / table[r][0]) for r in self.reward]
        self.r = [to_float(r) for r in self.reward]
        self.top = self.r[-1]
        self.drop = [to_float(self.reward[-1] - r) for r in self.reward]

    def tilt(self, a):
        """Weights, log E exp(a (r - top)), mean below the top, variance and KL of the tilt."""
        w = [p * exp(-a * d) for p, d in zip(self.p, self.drop)]
        z = sum(w)
        w = [x / z for x in w]
        below = sum(x * d for x, d in zip(w, self.drop))
        var = sum(x * (d - below) ** 2 for x, d in zip(w, self.drop))
        return w, log(z), below, var, -a * below - log(z)

    def solve(self, rate):
        if rate <= 0 or len(self.r) == 1:
            return ZERO
        most = -log(self.p[-1])
        if most - rate <= mpfr(10) ** -60 * min(ONE, most):
            return INF
        lo, hi = ZERO, ONE / (self.drop[0])
        while self.tilt(hi)[4] < rate:
            lo, hi = hi, 2 * hi
        while lo == 0 and self.tilt(hi / 2)[4] > rate:
            hi /= 2
        lo = lo or hi / 2
        a = (lo + hi) / 2
        for k in range(2000):
            w, lz, below, var, kl = self.tilt(a)
            if kl < rate:
                lo = a
            else:
                hi = a
            step = (rate - kl) / (a * var) if var > 0 else ZERO
            new = a + step
            if not (lo < new < hi):
                new = (lo + hi) / 2
            done = abs(new - a) < a * mpfr(2) ** (-BITS * 2 // 5)
            a = new
            if done:
                break
        return a


def power_law(token, n):
    """All sums on the lattice, adding token after token; None where that is long."""
    unit = Fraction(0)
    for r in token.reward[1:]:
        d = r - token.reward[0]
        unit = Fraction(math.gcd(unit.numerator * d.denominator, d.numerator * unit.denominator),
                        unit.denominator * d.denominator)
    if unit == 0:
        return [(token.reward[0] * n, ONE)]
    steps = [int((r - token.reward[0]) / unit) for r in token.reward]
    types = math.comb(n + len(steps) - 1, len(steps) - 1)
    if n * n * steps[-1] * len(steps) / 2 > min(4e7, 100 * types + 1e5):
        return None
    c = [ONE]
    for _ in range(n):
        longer = [ZERO] * (len(c) + steps[-1])
        for k, p in zip(steps, token.p):
            for j, x in enumerate(c):
                if x:
                    longer[j + k] += p * x
        c = longer
    base = token.reward[0] * n
    return [(base + unit * k, x) for k, x in enumerate(c) if x > 0]


def count_law(token, n, low=None, high=None):
    """Sums by counts of tokens, those in [low, high] alone where given."""
    fact = [ONE]
    for k in range(1, n + 1):
        fact.append(fact[-1] * k)
    powers = []
    for p in token.p:
        row = [ONE]
        for _ in range(n):
            row.append(row[-1] * p)
        powers.append([x / f for x, f in zip(row, fact)])
    den = 1
    for r in token.reward:
        den = den * r.denominator // math.gcd(den, r.denominator)
    rewards = [int(r * den) for r in token.reward]
    lo = None if low is None else math.floor(low * den)
    hi = None if high is None else math.ceil(high * den)
    out = {}
    r0, r1 = rewards[0], rewards[1] if len(rewards) > 1 else 0

    def visit(level, left, total, mass):
        if level == 1:
            # c of token 1, left - c of token 0
            first, last = 0, left
            if lo is not None:
                base = total + left * r0
                first = max(0, -((base - lo) // (r1 - r0)))
                last = min(left, (hi - base) // (r1 - r0))
            for c in range(first, last + 1):
                s = total + c * r1 + (left - c) * r0
                out[s] = out.get(s, ZERO) + mass * powers[1][c] * powers[0][left - c]
            return
        for c in range(left + 1):
            t = total + c * rewards[level]
            if lo is not None and (t + (left - c) * rewards[level - 1] < lo or t + (left - c) * r0 > hi):
                continue
            visit(level - 1, left - c, t, mass * powers[level][c])

    visit(len(rewards) - 1, n, 0, fact[n])
    return [(Fraction(s, den), out[s]) for s in sorted(out)]


def best_of_n(law, log_n, complete):
    """Masses F^N - F_prev^N; where the lowest are missing, the lowest listed takes its share by the neighbour."""
    tails, t = [], ZERO
    for _, m in reversed(law):
        tails.append(t)
        t += m
    tails.reverse()
    big = exp(log_n)
    power = [exp(big * log1p(-x)) if x < 1 else ZERO for x in tails]
    out = [b - a for a, b in zip([ZERO] + power[:-1], power)]
    return out, tails


def report(scenario, wins=True):
    m = scenario["model"]
    token = Token(m.get("outcomes") or m["tokens"])
    n = m.get("length", 1)
    (kind, value), = scenario["budget"].items()
    v = to_float(real(value))
    log_n = log(v) if kind == "n" else v * n if kind == "kl_per_token" else v
    rate = log_n / n
    a = token.solve(rate)
    result = {}

    def optimum(a):
        if a == INF:
            return {"reward": n * token.top, "reward_sd": ZERO, "kl": -n * log(token.p[-1]), "gold": token.gold[-1],
                    "alpha": INF}
        w, lz, below, var, kl = token.tilt(a)
        return {"reward": n * (token.top - below), "reward_sd": sqrt(n * var), "kl": n * kl,
                "gold": sum(x * g for x, g in zip(w, token.gold)), "alpha": a}

    result["model"] = optimum(ZERO)
    result["model"].pop("alpha")
    result["model"]["win_rate"] = mpfr("0.5")
    result["model"]["reward_max"] = n * token.top
    result["model"]["kl_max"] = -n * log(token.p[-1])
    result["budget"] = {"kl": log_n, "log_n": log_n}
    result["kl_rl"] = optimum(a)

    law = None
    complete = True
    if n == 1:
        law = list(zip(token.reward, token.p))
    else:
        law = power_law(token, n)
        if law is None:
            types = math.comb(n + len(token.r) - 1, len(token.r) - 1)
            if types <= 600000:
                law = count_law(token, n)
            else:
                complete = False
                if a == INF:
                    raise ValueError("too many sums")
                w, lz, below, var, kl = token.tilt(a)
                center = real(float(n * (token.top - below)))
                reach = 100 / a + 8 * sqrt(var * n) * 0
                low, high = center - real(float(40 / a)), center + real(float(reach))
                for _ in range(12):
                    law = count_law(token, n, low, high)
                    if log(sum(x for _, x in law)) + log_n > log(mpfr(150)):
                        break
                    low -= real(float(30 / a))
    pi, tails = best_of_n(law, log_n, complete)
    keep = [(r, p, q, t) for (r, p), q, t in zip(law, pi, tails) if q > 0]
    r0 = keep[-1][0]
    d = [to_float(r - r0) for r, _, _, _ in keep]
    mean = sum(q * x for x, (_, _, q, _) in zip(d, keep))
    sd = sqrt(sum(q * (x - mean) ** 2 for x, (_, _, q, _) in zip(d, keep)))
    kl = sum(q * log(q / p) for _, p, q, _ in keep)
    win = 1 - sum(q * (t + p / 2) for _, p, q, t in keep)
    bon = {"reward": to_float(r0) + mean, "reward_sd": sd, "kl": kl, "win_rate": win,
           "gold": sum(q * g for q, g in zip(pi, token.gold)) if n == 1 else ZERO,
           "kl_bound": log_n - 1 + exp(-log_n)}
    if a != INF:
        _, lz, below, _, _ = token.tilt(a)
        # KL(pi || phi) = KL(pi || p) - a E(S - n top) + n log E e^(a (r - top))
        bon["kl_to_kl_rl"] = kl - a * (to_float(r0 - n * token.reward[-1]) + mean) + n * lz
    else:
        # The best level alone, but for what no policy is told apart by.
        bon["kl_to_kl_rl"] = ZERO if 1 - pi[-1] < mpfr(10) ** -60 else INF
    result["best_of_n"] = bon
    a2 = token.solve(kl / n)
    result["kl_rl_at_bon_kl"] = optimum(a2)
    result["gap"] = {"reward": result["kl_rl"]["reward"] - bon["reward"],
                     "reward_at_bon_kl": result["kl_rl_at_bon_kl"]["reward"] - bon["reward"]}
    if wins and complete:
        for name, b in (("kl_rl", a), ("kl_rl_at_bon_kl", a2)):
            if b == INF:
                result[name]["win_rate"] = 1 - law[-1][1] / 2
                continue
            top = to_float(law[-1][0])
            ws = [p * exp(b * (to_float(r) - top)) for r, p in law]
            z = sum(ws)
            result[name]["win_rate"] = 1 - sum(w * (t + p / 2) for w, (r, p), t in zip(ws, law, tails)) / z
    return result


def text(x, digits=25):
    if isinstance(x, dict):
        return {k: text(v, digits) for k, v in x.items()}
    if isinstance(x, type(ZERO)):
        return "inf" if x == INF else ("{0:.%de}" % digits).format(x)
    return x
