#!/usr/bin/env python3
"""Makes continuous.json: continuous scenarios and their reports to 20 digits, by mpmath.

Best-of-N's reward is int Q(u) dE over the exponential variable E = -N log F, by quantile functions; KL-RL by the
closed moment generating function where there is one, else by quadrature over the reward. Needs python3-mpmath.

    /usr/bin/python3 make_continuous.py > continuous.json
"""
import json
import sys
from multiprocessing import Pool

import mpmath as mp

mp.mp.dps = 30
ONE = mp.mpf(1)


def exact(x):
    return mp.mpf(str(x))


class Law:
    """Of Z: pdf, cdf on (lo, hi), quantile by log of the lower or upper tail, closed log E e^(tZ) or None."""

    def __init__(self, lo, hi, pdf, cdf, from_below, from_above, mgf=None, cuts=()):
        self.lo, self.hi, self.pdf, self.cdf = lo, hi, pdf, cdf
        self.from_below, self.from_above, self.mgf, self.cuts = from_below, from_above, mgf, cuts


def solve(f, guess):
    return mp.findroot(f, guess, tol=mp.mpf(10) ** -50, maxsteps=200)


def normal_tail(log_t):
    if log_t > mp.log(0.5):
        return -normal_tail(mp.log1p(-mp.exp(log_t)))
    return solve(lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - log_t, mp.sqrt(-2 * log_t) * mp.mpf("0.9"))


def increasing(f, target, lo, hi):
    """Root of an increasing f: bisection to a bracket, then regula falsi."""
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    for _ in range(12):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if f(mid) < target else (lo, mid)
    return mp.findroot(lambda x: f(x) - target, (lo, hi), solver="anderson", tol=mp.mpf(10) ** -50, maxsteps=100,
                       verify=False)


def law(m):
    f = m["family"]
    v = {k: exact(x) for k, x in m.items() if isinstance(x, (int, float)) and not isinstance(x, bool)}
    if f == "uniform":
        a, w = v["lower"], v["upper"] - v["lower"]
        return Law(a, a + w, lambda x: 1 / w, lambda x: (x - a) / w, lambda l: a + w * mp.exp(l),
                   lambda l: a - w * mp.expm1(l),
                   lambda t: t * a + mp.log(mp.expm1(t * w) / (t * w)) if t else mp.mpf(0))
    if f == "normal":
        mu, s = v["mean"], v["sd"]
        return Law(-mp.inf, mp.inf, lambda x: mp.npdf(x, mu, s), lambda x: mp.ncdf(x, mu, s),
                   lambda l: mu - s * normal_tail(l), lambda l: mu + s * normal_tail(l),
                   lambda t: mu * t + (s * t) ** 2 / 2, (mu,))
    if f in ("exponential", "weibull"):
        k, s = (ONE, 1 / v["rate"]) if f == "exponential" else (v["shape"], v["scale"])
        mgf = (lambda t: -mp.log1p(-t * s)) if k == 1 else None
        return Law(mp.mpf(0), mp.inf, lambda x: k / s * (x / s) ** (k - 1) * mp.exp(-(x / s) ** k),
                   lambda x: -mp.expm1(-(x / s) ** k), lambda l: s * (-mp.log1p(-mp.exp(l))) ** (1 / k),
                   lambda l: s * (-l) ** (1 / k), mgf, (s,))
    if f == "gamma":
        k, s = v["shape"], v["scale"]
        upper = lambda x: mp.gammainc(k, x / s, regularized=True)
        lower = lambda x: mp.gammainc(k, 0, x / s, regularized=True)

        def below(l):
            return s * mp.exp(increasing(lambda y: mp.log(lower(s * mp.exp(y))), l, -9 / k + l / k, 4))
        return Law(mp.mpf(0), mp.inf, lambda x: (x / s) ** (k - 1) * mp.exp(-x / s) / mp.gamma(k) / s, lower, below,
                   lambda l: increasing(lambda x: -mp.log(upper(x)), -l, 0, (8 + 4 * k - 3 * l) * s),
                   lambda t: -k * mp.log1p(-t * s), (k * s,))
    if f == "beta":
        a, b = v["alpha"], v["beta"]
        upper = lambda y: mp.betainc(b, a, 0, y, regularized=True)
        lower = lambda x: mp.betainc(a, b, 0, x, regularized=True)
        by = lambda g, l, k: mp.exp(increasing(lambda y: mp.log(g(mp.exp(y))), l, -9 / k + l / k, 0))
        return Law(mp.mpf(0), ONE, lambda x: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b), lower,
                   lambda l: by(lower, l, a), lambda l: 1 - by(upper, l, b),
                   lambda t: mp.log(mp.hyp1f1(a, a + b, t)), (a / (a + b),))
    if f == "lognormal":
        mu, s = v["location"], v["scale"]
        return Law(mp.mpf(0), mp.inf, lambda x: mp.npdf(mp.log(x), mu, s) / x, lambda x: mp.ncdf(mp.log(x), mu, s),
                   lambda l: mp.exp(mu - s * normal_tail(l)), lambda l: mp.exp(mu + s * normal_tail(l)), None,
                   (mp.exp(mu - s * s), mp.exp(mu)))
    mu, s = v["location"], v["scale"]
    if f == "logistic":
        return Law(-mp.inf, mp.inf, lambda x: mp.sech((x - mu) / s / 2) ** 2 / 4 / s,
                   lambda x: 1 / (1 + mp.exp(-(x - mu) / s)), lambda l: mu + s * (l - mp.log1p(-mp.exp(l))),
                   lambda l: mu - s * (l - mp.log1p(-mp.exp(l))),
                   lambda t: mu * t + mp.log(mp.pi * s * t / mp.sin(mp.pi * s * t)) if t else mp.mpf(0), (mu,))
    if f == "laplace":
        half = lambda l: mp.log(2) + l if l < -mp.log(2) else -mp.log(2) - mp.log1p(-mp.exp(l))
        return Law(-mp.inf, mp.inf, lambda x: mp.exp(-abs(x - mu) / s) / 2 / s,
                   lambda x: mp.exp((x - mu) / s) / 2 if x < mu else 1 - mp.exp(-(x - mu) / s) / 2,
                   lambda l: mu + s * half(l), lambda l: mu - s * half(l),
                   lambda t: mu * t - mp.log1p(-(s * t) ** 2), (mu,))
    if f == "gumbel":
        # Beyond e^60 the double exponential is 0 and its exponent past what can be represented.
        double = lambda x, more: mp.exp(more - mp.exp(-(x - mu) / s)) if (x - mu) / s > -60 else mp.mpf(0)
        return Law(-mp.inf, mp.inf, lambda x: double(x, -(x - mu) / s) / s, lambda x: double(x, 0), lambda l: mu - s * mp.log(-l),
                   lambda l: mu - s * mp.log(-mp.log1p(-mp.exp(l))),
                   lambda t: mu * t + mp.loggamma(1 - t * s), (mu,))
    raise SystemExit(f)


def best_of_n(z, mirrored, log_n):
    """Mean and sd of the best of N = e^log_n: -N log F is exponential, F the cdf of the reward."""
    n = mp.exp(log_n)

    def reward(e):
        log_f = -e / n
        log_t = mp.log(-mp.expm1(log_f))
        if mirrored:
            return -(z.from_above(log_f) if log_f < -1 else z.from_below(log_t))
        return z.from_above(log_t) if log_t < -1 else z.from_below(log_f)
    half = n * mp.log(2)
    cuts = sorted({mp.mpf(0), mp.mpf("1e-12"), mp.mpf("1e-6"), mp.mpf("1e-3"), mp.mpf("0.1"), ONE, mp.mpf(4), mp.mpf(16),
                   mp.mpf(90)} | ({half} if half < 90 else set()))
    mean = mp.quad(lambda e: reward(e) * mp.exp(-e), cuts)
    second = mp.quad(lambda e: (reward(e) - mean) ** 2 * mp.exp(-e), cuts)
    return mean, mp.sqrt(second)


def report(scenario):
    m = scenario["model"]
    mirrored = m.get("mirrored", False)
    z = law(m)
    sign = -1 if mirrored else 1
    b = scenario["budget"]
    log_n = mp.log(exact(b["n"])) if "n" in b else exact(b["kl"])
    n = mp.exp(log_n)
    ends = [z.lo, *z.cuts, z.hi]
    if z.mgf:
        log_mgf = lambda a: z.mgf(sign * a)
    else:
        log_mgf = lambda a: mp.log(mp.quad(lambda x: z.pdf(x) * mp.exp(sign * a * x), ends_for(a)))

    def ends_for(a):
        extra = [mp.mpf(1) / a, mp.mpf(10) / a, mp.mpf(40) / a] if mirrored and a > 1 and z.lo == 0 else []
        return sorted({e for e in [*ends, *extra] if e <= z.hi})

    def moment(a, g):
        lam = log_mgf(a)
        return mp.quad(lambda x: g(x) * z.pdf(x) * mp.exp(sign * a * x - lam), ends_for(a))

    def mean(a):
        return sign * moment(a, lambda x: x) if not z.mgf else mp.diff(log_mgf, a)

    def tilt(kl):
        if kl == 0:
            a = mp.mpf(0)
            mu = sign * mp.quad(lambda x: x * z.pdf(x), ends)
            sd = mp.sqrt(mp.quad(lambda x: (sign * x - mu) ** 2 * z.pdf(x), ends))
            return {"reward": mu, "reward_sd": sd, "kl": kl, "win_rate": mp.mpf("0.5"), "gold": 0, "alpha": a}
        g = lambda a: a * mean(a) - log_mgf(a) - kl
        lo, hi = mp.mpf("1e-12"), mp.mpf("0.001")
        limit = mp.inf
        if not mirrored and m["family"] in ("exponential", "gamma", "gumbel") or m["family"] in ("logistic", "laplace"):
            limit = exact(m["rate"]) if m["family"] == "exponential" else 1 / exact(m["scale"])
        while hi < limit and g(hi) < 0:
            lo, hi = hi, (2 * hi if 2 * hi < limit else (hi + limit) / 2)
        for _ in range(30):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if g(mid) < 0 else (lo, mid)
        a = mp.findroot(g, (lo, hi), solver="anderson", tol=mp.mpf(10) ** -50, maxsteps=100, verify=False)
        mu = mean(a)
        var = mp.diff(log_mgf, a, 2) if z.mgf else moment(a, lambda x: (sign * x - mu) ** 2)
        win = moment(a, lambda x: (1 - z.cdf(x)) if mirrored else z.cdf(x))
        return {"reward": mu, "reward_sd": mp.sqrt(var), "kl": kl, "win_rate": win, "gold": 0, "alpha": a}
    base = tilt(mp.mpf(0))
    base.pop("alpha")
    rl = tilt(log_n)
    mu, sd = best_of_n(z, mirrored, log_n)
    kl = log_n - 1 + 1 / n
    same = tilt(kl)
    return {
        "model": dict(base, levels=None),
        "budget": {"kl": log_n, "log_n": log_n},
        "kl_rl": rl,
        "best_of_n": {"reward": mu, "reward_sd": sd, "kl": kl, "win_rate": n / (n + 1), "gold": 0, "kl_bound": kl,
                      "kl_to_kl_rl": kl - rl["alpha"] * mu + log_mgf(rl["alpha"])},
        "kl_rl_at_bon_kl": same,
        "gap": {"reward": rl["reward"] - mu, "reward_at_bon_kl": same["reward"] - mu},
    }


def text(x):
    if isinstance(x, mp.mpc):
        # A power of a rounding error below 0.
        if abs(x.imag) > mp.mpf(10) ** -22 * abs(x.real):
            raise ValueError(f"{x} is not real")
        x = x.real
    if isinstance(x, dict):
        return {k: text(v) for k, v in x.items()}
    return mp.nstr(x, 20) if isinstance(x, mp.mpf) else x


LAWS = [
    {"family": "uniform", "lower": -1, "upper": 2},
    {"family": "normal", "mean": 1, "sd": 2},
    {"family": "exponential", "rate": 0.5},
    {"family": "exponential", "rate": 2, "mirrored": True},
    {"family": "gamma", "shape": 2.5, "scale": 0.5},
    {"family": "gamma", "shape": 3, "scale": 2, "mirrored": True},
    {"family": "beta", "alpha": 2, "beta": 5},
    {"family": "beta", "alpha": 0.7, "beta": 1.5, "mirrored": True},
    {"family": "weibull", "shape": 2, "scale": 1.5},
    {"family": "weibull", "shape": 0.7, "scale": 1, "mirrored": True},
    {"family": "lognormal", "location": 0.2, "scale": 0.5, "mirrored": True},
    {"family": "logistic", "location": 1, "scale": 0.5},
    {"family": "laplace", "location": 0, "scale": 1},
    {"family": "gumbel", "location": -1, "scale": 2},
    {"family": "gumbel", "location": 0, "scale": 1, "mirrored": True},
]
BUDGETS = [{"n": 1.5}, {"n": 4}, {"kl": 6}]

def case(scenario):
    print(json.dumps(scenario), file=sys.stderr, flush=True)
    return {"scenario": scenario, "report": text(report(scenario))}


if __name__ == "__main__":
    scenarios = [{"model": dict(kind="continuous", **model), "budget": budget} for model in LAWS for budget in BUDGETS]
    with Pool() as pool:
        rows = [json.dumps(row) for row in pool.map(case, scenarios, chunksize=1)]
    print("[\n" + ",\n".join(rows) + "\n]")
