#!/usr/bin/env python3
"""Makes continuous.json: continuous scenarios and their reports to 20 digits, by mpmath at 60.

Smooth laws: KL-RL by the closed moment generating function where there is one, else by Gauss's rule of 40 points on
panels around the peaks of the tilted density times the reward's powers; best-of-N by its quantile function over the
exponential variable -N log F, else by the same panels. Quantile tables: exact sums over pieces, from the rational
numbers that were written. Needs python3-mpmath.

    /usr/bin/python3 make_continuous.py > continuous.json
"""
import json
import sys
from fractions import Fraction
from multiprocessing import Pool

import mpmath as mp

mp.mp.dps = 60
ONE = mp.mpf(1)
HALF = ONE / 2


def exact(x):
    return mp.mpf(repr(x) if isinstance(x, float) else str(x))


def small_exp(x):
    """e^x, 0 where it is beyond what mpmath's exponents hold."""
    return mp.exp(x) if x > -mp.mpf(10) ** 6 else mp.mpf(0)


# Gauss's rule


def gauss(n):
    nodes = []
    for i in range(1, n + 1):
        x = mp.cos(mp.pi * (i - mp.mpf(1) / 4) / (n + HALF))
        for _ in range(12):
            a, b = ONE, x
            for k in range(2, n + 1):
                a, b = b, ((2 * k - 1) * x * b - (k - 1) * a) / k
            slope = n * (x * b - a) / (x * x - 1)
            x -= b / slope
        nodes.append((x, 2 / ((1 - x * x) * slope ** 2)))
    return sorted(nodes)


GAUSS = gauss(40)


def peak(f, at):
    """By steps that double, then ternary search, to a small part of the width."""
    step = mp.mpf("0.1")
    here = f(at)
    for direction in (1, -1):
        d = step
        while True:
            there = f(at + direction * d)
            if not there > here:
                break
            at, here, d = at + direction * d, there, d * 2
    lo, hi = at - 3 * d, at + 3 * d
    while f(lo) > here:
        lo -= hi - lo
    while f(hi) > here:
        hi += hi - lo
    g = (mp.sqrt(5) - 1) / 2
    a, b = hi - g * (hi - lo), lo + g * (hi - lo)
    fa, fb = f(a), f(b)
    for _ in range(400):
        if max(fa, fb) - min(f(lo), f(hi)) < mp.mpf("0.01"):
            break
        if fa < fb or (fa == fb == -mp.inf):
            lo, a, fa = a, b, fb
            b = lo + g * (hi - lo)
            fb = f(b)
        else:
            hi, b, fb = b, a, fa
            a = hi - g * (hi - lo)
            fa = f(a)
    return a


def panels(log_f, log_size, guess, powers=(0, 1, 2)):
    """Nodes (s, weight e^(log_f - top)), and top."""
    marks = []
    lo = hi = at = None
    drop = mp.mpf(-160)
    at = guess
    top = None
    for k in powers:
        f = (lambda s, k=k: log_f(s) + k * log_size(s)) if k else log_f
        at = peak(f, at)
        here = f(at)
        if k == 0:
            top = here
        ends = []
        for direction in (-1, 1):
            w = ONE
            while f(at + direction * w) < here - 1:
                w /= 2
            while not f(at + direction * w) < here - 1:
                w *= 2
            ends.append(w)
            d = w
            while not (f(at + direction * d) < here + drop and f(at + direction * d * 1.3) < here + drop):
                d *= mp.mpf("1.3")
            x = at + direction * d
            lo = x if lo is None or x < lo else lo
            hi = x if hi is None or x > hi else hi
        marks.append((at, ends[0], ends[1]))
    out = []
    a = lo
    while a < hi:
        step = min(max(m[1], (m[0] - a) / 2) if a < m[0] else max(m[2], (a - m[0]) / 2) for m in marks)
        if -20 < a < 10:
            # e^-e^s is a wall of width 1 wherever the peak is.
            step = min(step, mp.mpf(2))
        b = min(a + step, hi)
        c, h = (a + b) / 2, (b - a) / 2
        for x, w in GAUSS:
            s = c + h * x
            f = log_f(s)
            if f > -mp.inf:
                out.append((s, h * w * small_exp(f - top)))
        a = b
    return out, top


# Laws: log density of s, log z or z of s, tails.


def log1pexp(s):
    return mp.log1p(mp.exp(-abs(s))) + max(s, 0)


def log_beta_below(p, q, s, log_beta):
    """log I_x(p, q) at x = logistic(s), by the series of DLMF 8.17.8."""
    x = mp.exp(-log1pexp(-s))
    term = total = 1 / p
    i = 0
    while term > total * mp.mpf(10) ** -70:
        term *= x * (p + q + i) / (p + 1 + i)
        total += term
        i += 1
    return -p * log1pexp(-s) - q * log1pexp(s) - log_beta + mp.log(total)


class Law:
    def __init__(self, m):
        f = m["family"]
        v = {k: exact(x) for k, x in m.items() if isinstance(x, (int, float)) and not isinstance(x, bool)}
        self.family = f
        self.sign = -1 if m.get("mirrored", False) else 1
        self.base, self.unit = mp.mpf(0), ONE
        if f == "uniform":
            self.base, self.unit = v["lower"], v["upper"] - v["lower"]
        elif f == "exponential":
            self.unit = 1 / v["rate"]
            self.k = ONE
        elif f == "gamma":
            self.unit, self.k = v["scale"], v["shape"]
        elif f == "weibull":
            self.unit, self.k = v["scale"], v["shape"]
        elif f == "lognormal":
            self.unit, self.power = mp.exp(v["location"]), v["scale"]
        elif f == "normal":
            self.base, self.unit = v["mean"], v["sd"]
        elif f == "beta":
            self.a, self.b = v["alpha"], v["beta"]
        else:
            self.base, self.unit = v["location"], v["scale"]
        self.base *= self.sign
        # Of laws with a largest reward the distance to it keeps its digits.
        self.top = f in ("uniform", "beta") or self.sign < 0 and f in ("exponential", "gamma", "weibull", "lognormal")
        self.anchor = self.base
        if f in ("uniform", "beta") and self.sign > 0:
            self.anchor = self.base + self.unit
        # x = distance to the top of uniform and beta as z of the mirror image
        if f == "beta":
            self.p, self.q = (self.b, self.a) if self.sign > 0 else (self.a, self.b)
            self.log_beta = mp.log(mp.beta(self.p, self.q))
        elif f == "uniform":
            self.p = self.q = ONE
            self.log_beta = mp.mpf(0)

    # coordinate s of z (distance to the top for laws that have one)
    def log_f(self, s):
        f = self.family
        if f in ("uniform", "beta"):
            return -self.p * log1pexp(-s) - self.q * log1pexp(s) - self.log_beta
        if f in ("exponential", "weibull"):
            return s - mp.exp(s)
        if f == "gamma":
            return self.k * s - mp.exp(s) - mp.loggamma(self.k)
        if f in ("normal", "lognormal"):
            return -s * s / 2 - mp.log(2 * mp.pi) / 2
        raise KeyError(f)

    def log_size(self, s):
        f = self.family
        if f in ("uniform", "beta"):
            return -log1pexp(-s)
        if f == "lognormal":
            return self.power * s
        return s / self.k if f == "weibull" else s

    def value(self, s):
        """Reward in standard units, from the anchor."""
        if self.family == "normal":
            return self.sign * s
        return (-1 if self.top else 1) * mp.exp(self.log_size(s))

    def log_tail(self, s, upper):
        """log P(Z > z) or log P(Z < z), z the distance to the top where there is one."""
        f = self.family
        if f in ("normal", "lognormal"):
            x = s if upper else -s
            if x > 50:
                # Mills' ratio by its continued fraction.
                fraction = x
                for k in range(120, 0, -1):
                    fraction = x + k / fraction
                return -x * x / 2 - mp.log(2 * mp.pi) / 2 - mp.log(fraction)
            return mp.log(mp.erfc(x / mp.sqrt(2)) / 2) if x > -3 else mp.log1p(-mp.erfc(-x / mp.sqrt(2)) / 2)
        if f in ("exponential", "weibull"):
            return -mp.exp(s) if upper else mp.log1p(-small_exp(-mp.exp(s))) if s > 0 else mp.log(-mp.expm1(-mp.exp(s)))
        if f == "gamma":
            z = mp.exp(s)
            if upper:
                return mp.log(mp.gammainc(self.k, z, mp.inf, regularized=True)) if z > self.k / 4 else mp.log1p(
                    -mp.gammainc(self.k, 0, z, regularized=True))
            if z < self.k:
                term = total = 1 / self.k
                i = 0
                while term > total * mp.mpf(10) ** -70:
                    i += 1
                    term *= z / (self.k + i)
                    total += term
                return self.k * s - z - mp.loggamma(self.k) + mp.log(total)
            return mp.log1p(-mp.gammainc(self.k, z, mp.inf, regularized=True))
        if f == "uniform":
            return -log1pexp(s) if upper else -log1pexp(-s)
        if f == "beta":
            p, q, x = (self.q, self.p, -s) if upper else (self.p, self.q, s)

            small = lambda p, q, x: log_beta_below(p, q, x, self.log_beta)
            return small(p, q, x) if x < mp.log(p / q) + 1 else mp.log1p(-mp.exp(small(q, p, -x)))
        raise KeyError(f)

    def log_above(self, s):
        """log P(reward above)"""
        return self.log_tail(s, self.sign > 0 and not self.top)

    def quantile(self, log_cdf, log_tail):
        """Reward in standard units from the anchor, by log F or log(1 - F) of the reward; None without a closed form."""
        f, sign = self.family, self.sign
        lower, upper = (log_cdf, log_tail) if sign > 0 else (log_tail, log_cdf)
        if f == "uniform":
            return -mp.exp(log_tail)
        if f in ("exponential", "weibull"):
            return sign * (-upper) ** (1 / self.k)
        if f == "logistic":
            return sign * (lower - upper)
        if f == "gumbel":
            return -sign * mp.log(-lower)
        if f == "laplace":
            return sign * (mp.log(2) + lower if lower < -mp.log(2) else -mp.log(2) - upper)
        return None


# Best-of-N


def tails_of(e, n):
    log_cdf = -e / n
    return log_cdf, mp.log1p(-mp.exp(log_cdf)) if log_cdf < -1 else mp.log(-mp.expm1(log_cdf))


def exponential_panels(n):
    """Nodes of the law e^-e of e = -N log F, its corners at the median among the edges."""
    edges = [mp.mpf(0)] + [mp.mpf(2) ** k for k in range(-200, 7)] + [mp.mpf(150)]
    half = n * mp.log(2)
    if half < 150:
        edges.append(half)
    edges = sorted(set(edges))
    out = []
    for a, b in zip(edges, edges[1:]):
        parts = max(1, int((b - a) / 2))
        for k in range(parts):
            lo, hi = a + (b - a) * k / parts, a + (b - a) * (k + 1) / parts
            c, h = (lo + hi) / 2, (hi - lo) / 2
            out += [(c + h * x, h * w * mp.exp(-(c + h * x))) for x, w in GAUSS]
    return out


def best_of_n(law, log_n):
    """Mean from the anchor and sd, standard units."""
    n = mp.exp(log_n)
    f, k = law.family, getattr(law, "k", None)
    if f == "exponential":
        if law.sign < 0:
            return -1 / n, 1 / n
        mean = (mp.digamma(n + 1) if log_n < 200 else log_n) + mp.euler
        return mean, mp.sqrt(mp.zeta(2) - (mp.psi(1, n + 1) if log_n < 200 else 0))
    if f == "weibull" and law.sign < 0:
        m1 = mp.gamma(1 + 1 / k) * mp.exp(-log_n / k)
        return -m1, m1 * mp.sqrt(mp.gamma(1 + 2 / k) / mp.gamma(1 + 1 / k) ** 2 - 1)
    if f == "uniform":
        return -1 / (n + 1), mp.sqrt(n / (n + 2)) / (n + 1)
    if f == "gumbel" and law.sign > 0:
        return log_n + mp.euler, mp.pi / mp.sqrt(6)
    if f == "logistic":
        if log_n > 200:
            return log_n + mp.euler, mp.pi / mp.sqrt(6)
        return mp.digamma(n) + mp.euler, mp.sqrt(mp.psi(1, n) + mp.zeta(2))
    if law.quantile(-ONE, -ONE) is not None:
        nodes = [(law.quantile(*tails_of(e, n)), w) for e, w in exponential_panels(n)]
    else:
        less = -mp.expm1(-log_n)

        def log_density(s):
            above = law.log_above(s)
            tail = small_exp(above)
            below = mp.log1p(-tail) if tail < HALF else law.log_tail(s, not (law.sign > 0 and not law.top))
            return log_n + law.log_f(s) + less * n * below

        # begins where N P(above) is about 1
        s = mp.mpf(0)
        if log_n > 1:
            direction = 1 if law.sign > 0 and not law.top else -1
            lo, step = mp.mpf(0), ONE
            while law.log_above(lo + direction * step) > -log_n:
                step *= 2
            hi = lo + direction * step
            for _ in range(80):
                s = (lo + hi) / 2
                lo, hi = (s, hi) if law.log_above(s) > -log_n else (lo, s)
        powers = (0,) if law.family == "normal" else (0, 1, 2)
        points, top = panels(log_density, law.log_size, s, powers)
        nodes = [(law.value(s), w) for s, w in points]
    total = mp.fsum(w for _, w in nodes)
    mean = mp.fsum(w * v for v, w in nodes) / total
    return mean, mp.sqrt(mp.fsum(w * (v - mean) ** 2 for v, w in nodes) / total)


# KL-RL


def root(g, lo, hi, target):
    """Of an increasing function between lo and hi: bisection, then the secant, to the last digits."""
    for _ in range(60):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if g(mid) < target else (lo, mid)
    return mp.findroot(lambda y: g(y) - target, (lo, hi), solver="anderson", tol=mp.mpf(10) ** -90, maxsteps=60,
                       verify=False)


def closed(law):
    """log E e^(bX), first and second derivative at (b, 1 - b); the largest b, 1 or infinite."""
    f, sign = law.family, law.sign
    if f == "normal":
        return (lambda b, s: b * b / 2), (lambda b, s: b), (lambda b, s: ONE), mp.inf
    if f in ("exponential", "gamma"):
        k = law.k
        if sign > 0:
            return (lambda b, s: -k * mp.log(s)), (lambda b, s: k / s), (lambda b, s: k / s ** 2), 1
        return ((lambda b, s: -k * mp.log1p(b)), (lambda b, s: -k / (1 + b)), (lambda b, s: k / (1 + b) ** 2), mp.inf)
    if f == "laplace":
        return ((lambda b, s: -mp.log(s) - mp.log1p(b)), (lambda b, s: 2 * b / (s * (1 + b))),
                (lambda b, s: 2 * (1 + b * b) / (s * (1 + b)) ** 2), 1)
    if f == "logistic":
        return ((lambda b, s: mp.loggamma(1 + b) + mp.loggamma(s)), (lambda b, s: mp.digamma(1 + b) - mp.digamma(s)),
                (lambda b, s: mp.psi(1, 1 + b) + mp.psi(1, s)), 1)
    if f == "gumbel":
        if sign > 0:
            return mp.loggamma and ((lambda b, s: mp.loggamma(s)), (lambda b, s: -mp.digamma(s)),
                                    (lambda b, s: mp.psi(1, s)), 1)
        return ((lambda b, s: mp.loggamma(1 + b)), (lambda b, s: mp.digamma(1 + b)), (lambda b, s: mp.psi(1, 1 + b)),
                mp.inf)
    if f == "uniform":
        # from the top: E e^(-b z)
        tail = lambda b: small_exp(-b) / (1 - small_exp(-b)) if b > 1 else 1 / mp.expm1(b)
        return ((lambda b, s: mp.log((1 - small_exp(-b) if b > 1 else -mp.expm1(-b)) / b)),
                (lambda b, s: tail(b) - 1 / b),
                (lambda b, s: 1 / b ** 2 - tail(b) * (1 + tail(b))), mp.inf)
    return None


def win_rate(law, b, s):
    f, sign = law.family, law.sign
    if f == "normal":
        return mp.ncdf(b / mp.sqrt(2))
    if f == "exponential":
        return 1 / (1 + s) if sign > 0 else (1 + b) / (2 + b)
    if f == "gamma":
        # P(Z' < m Z) of two gamma variables
        m = 1 / s if sign > 0 else 1 + b
        return 1 - mp.exp(log_beta_below(law.k, law.k, -mp.log(m), 2 * mp.loggamma(law.k) - mp.loggamma(2 * law.k)))
    if f == "laplace":
        lost = (1 + b) / 2 * s / (2 * (1 + s)) + s / 2 * (1 - (1 + b) / (2 * (2 + b)))
        return 1 - lost
    if f == "logistic":
        return (1 + b) / 2
    if f == "gumbel":
        return mp.mpf(2) ** -s if sign > 0 else 1 - mp.mpf(2) ** -(1 + b)
    # uniform: E u
    return 1 + (1 / mp.expm1(b) if b < 1000 else 0) - 1 / b


def more_digits(kl):
    """Digits for a small budget, whose KL divergence is a difference of squares of its root."""
    return 60 + max(0, int(-2 * mp.log10(kl)) + 5) if 0 < kl < 1 else 60


def tilt(law, kl):
    """b, mean from the anchor, sd, win rate, log E e^(bX) about the anchor."""
    forms = closed(law)
    if kl == 0:
        return base(law)
    with mp.workdps(more_digits(kl)):
        if forms:
            mgf, mean, variance, limit = forms
            pair = (lambda y: (1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y)))) if limit == 1 else (
                lambda y: (mp.exp(y), mp.nan))
            g = lambda y: (lambda b, s: b * mean(b, s) - mgf(b, s))(*pair(y))
            lo, hi = mp.log(kl) - 10, mp.log(kl) / 2 + 10
            if kl > 1:
                lo, hi = mp.mpf(-5), mp.log(kl) + 10
            if limit != 1 and law.top:
                lo, hi = (mp.log(kl) - 10, kl + 20) if kl < 1 else (mp.mpf(-5), (kl + 20) / getattr(law, "k", 1) + 20)
            y = root(g, lo, hi, kl)
            b, s = pair(y)
            return {"b": b, "mean": mean(b, s), "sd": mp.sqrt(variance(b, s)), "win": win_rate(law, b, s),
                    "mgf": mgf(b, s)}
        return quadrature_tilt(law, kl)


def quadrature_tilt(law, kl):
    cache = {}

    def at(y, win=False):
        b = mp.exp(y)
        log_g = lambda s: law.log_f(s) + b * law.value(s)
        guess = mp.mpf(0)
        if law.top:
            rate = {"lognormal": law.power if law.family == "lognormal" else 0,
                    "weibull": 1 / law.k if law.family == "weibull" else 0}.get(law.family, ONE)
            guess = min(mp.mpf(0), -y / rate)
        points, top = panels(log_g, law.log_size, guess)
        total = mp.fsum(w for _, w in points)
        mean = mp.fsum(w * law.value(s) for s, w in points) / total
        mgf = top + mp.log(total)
        kl_here = b * mean - mgf
        if not win:
            return kl_here
        var = mp.fsum(w * (law.value(s) - mean) ** 2 for s, w in points) / total
        lost = mp.fsum(w * small_exp(law.log_above(s)) for s, w in points) / total
        return {"b": b, "mean": mean, "sd": mp.sqrt(var), "win": 1 - lost, "mgf": mgf}

    # Secant in log KL against y, inside a bracket.
    m = base(law)
    y = mp.log(2 * kl) / 2 - mp.log(m["sd"])
    if kl > 30:
        if law.family == "lognormal":
            y = law.power * mp.sqrt(2 * kl)
        elif law.family == "weibull" and law.sign > 0:
            y = mp.log(law.k) + (law.k - 1) / law.k * mp.log(kl)
        else:
            y = kl / (law.k if law.family == "weibull" else law.p)
    lo = hi = None
    points = []
    for _ in range(200):
        miss = at(y) - kl
        points.append((y, miss))
        if miss < 0:
            lo = y if lo is None else max(lo, y)
        else:
            hi = y if hi is None else min(hi, y)
        if abs(miss) < mp.mpf(10) ** -40 * min(kl, 1):
            break
        step = None
        if len(points) > 1:
            (y0, m0), (y1, m1) = points[-2:]
            if m0 != m1 and y0 != y1:
                l0, l1 = m0 + kl, m1 + kl
                if l0 > 0 and l1 > 0 and kl < 30:
                    l0, l1 = mp.log(l0 / kl), mp.log(l1 / kl)
                else:
                    l0, l1 = m0, m1
                if l0 != l1:
                    step = -l1 * (y1 - y0) / (l1 - l0)
        y_next = y + step if step is not None else y + (mp.mpf("0.01") if miss < 0 else -mp.mpf("0.01"))
        if abs(y_next - y) > 40 and kl < 30:
            y_next = y + (40 if y_next > y else -40)
        if lo is not None and hi is not None and not lo < y_next < hi:
            y_next = (lo + hi) / 2
        y = y_next
    else:
        raise ArithmeticError(f"no tilt at {mp.nstr(kl, 8)}")
    return at(y, True)


def base(law):
    f, sign = law.family, law.sign
    out = {"b": mp.mpf(0), "win": HALF, "mgf": mp.mpf(0)}
    k = getattr(law, "k", None)
    if f in ("normal", "logistic", "laplace"):
        out["mean"] = mp.mpf(0)
        out["sd"] = {"normal": ONE, "logistic": mp.pi / mp.sqrt(3), "laplace": mp.sqrt(2)}[f]
    elif f == "gumbel":
        out["mean"], out["sd"] = sign * mp.euler, mp.pi / mp.sqrt(6)
    elif f in ("exponential", "gamma"):
        out["mean"], out["sd"] = sign * k, mp.sqrt(k)
    elif f == "weibull":
        m = mp.gamma(1 + 1 / k)
        out["mean"], out["sd"] = sign * m, mp.sqrt(mp.gamma(1 + 2 / k) - m * m)
    elif f == "lognormal":
        s2 = law.power ** 2
        out["mean"], out["sd"] = -mp.exp(s2 / 2), mp.exp(s2 / 2) * mp.sqrt(mp.expm1(s2))
    else:
        p, q = law.p, law.q
        out["mean"], out["sd"] = -p / (p + q), mp.sqrt(p * q / (p + q + 1)) / (p + q)
    return out


def smooth_parts(m, log_n):
    law = Law(m)
    n = mp.exp(log_n)
    place = lambda v: law.anchor + law.unit * v
    rl = tilt(law, log_n)
    mu, sd = best_of_n(law, log_n)
    deficit = -mp.expm1(-log_n)
    kl = log_n - deficit
    if log_n < mp.mpf("1e-3"):
        with mp.workdps(90):
            kl = log_n + mp.expm1(-log_n)
            if log_n < mp.mpf("1e-30"):
                kl = log_n ** 2 / 2 - log_n ** 3 / 6
    same = tilt(law, kl)
    start = base(law)
    metrics = lambda t, kl: {"reward": place(t["mean"]), "reward_sd": law.unit * t["sd"], "kl": kl,
                             "win_rate": t["win"], "gold": 0}
    gap = rl["mean"] - mu
    return {
        "model": dict(metrics(start, mp.mpf(0)), levels=None),
        "kl_rl": dict(metrics(rl, log_n), alpha=rl["b"] / law.unit),
        "best_of_n": {"reward": place(mu), "reward_sd": law.unit * sd, "kl": kl, "win_rate": n / (n + 1), "gold": 0,
                      "kl_bound": kl, "kl_to_kl_rl": rl["b"] * gap - deficit},
        "kl_rl_at_bon_kl": dict(metrics(same, kl), alpha=same["b"] / law.unit),
        "gap": {"reward": law.unit * gap, "reward_at_bon_kl": law.unit * (same["mean"] - mu)},
    }


# Quantile tables


def table_parts(m, log_n):
    u = [Fraction(repr(x) if isinstance(x, float) else str(x)) for x in m["u"]]
    r = [Fraction(repr(x) if isinstance(x, float) else str(x)) for x in m["reward"]]
    if m.get("mirrored", False):
        u = [1 - x for x in reversed(u)]
        r = [-x for x in reversed(r)]
    real = lambda x: mp.mpf(x.numerator) / x.denominator
    n = mp.exp(log_n)
    pieces = [(real(u[i + 1] - u[i]), real(r[-1] - r[i + 1]), real(r[i + 1] - r[i]), real(u[i]), real(u[i + 1]))
              for i in range(len(u) - 1)]
    top = real(r[-1])
    constant = r[0] == r[-1]
    atom = mp.mpf(0)
    for p, low, length, _, _ in pieces:
        if low == 0 and length == 0:
            atom += p

    def moments(alpha):
        """Of the tilt: log E e^(-alpha shortfall), mean shortfall, variance, win rate."""
        z = first = second = lost = mp.mpf(0)
        for p, low, length, a, b in pieces:
            x = alpha * length
            w = p * small_exp(-alpha * low)
            if w == 0:
                continue
            if length == 0 or alpha == 0:
                total, t1, t2 = ONE, HALF, ONE / 3
            else:
                e = small_exp(-x)
                total = (1 - e) / x if x > 1 else -mp.expm1(-x) / x
                t1 = (1 / x ** 2 - e * (1 / x + 1 / x ** 2)) / total
                t2 = (2 / x ** 3 - e * (1 / x + 2 / x ** 2 + 2 / x ** 3)) / total
            w *= total
            z += w
            first += w * (low + length * t1)
            second += w * (low ** 2 + 2 * low * length * t1 + length ** 2 * t2)
            lost += w * ((1 - b) + p * t1)
        mean = first / z
        return mp.log(z), mean, second / z - mean ** 2, 1 - lost / z

    def tilt_at(kl):
        if kl == 0 or constant:
            mgf, mean, var, _ = moments(mp.mpf(0))
            return {"b": mp.mpf(0), "mean": -mean, "sd": mp.sqrt(var), "win": HALF, "mgf": mgf, "kl": mp.mpf(0)}
        if atom > 0 and kl >= -mp.log(atom):
            return {"b": mp.inf, "mean": mp.mpf(0), "sd": mp.mpf(0), "win": 1 - atom / 2, "mgf": None,
                    "kl": -mp.log(atom)}
        digits = more_digits(kl) + 80
        if kl > 100:
            digits = int(kl * 3) + 100 if kl < 1e4 else 200
        with mp.workdps(digits):
            sd = mp.sqrt(moments(mp.mpf(0))[2])

            def g(y):
                alpha = mp.exp(y)
                mgf, mean, _, _ = moments(alpha)
                return -alpha * mean - mgf
            lo = hi = mp.log(2 * kl) / 2 - mp.log(sd)
            if kl > 50:
                lo = hi = kl
            while g(lo) > kl:
                lo -= 2
            while g(hi) < kl:
                hi += 2
            y = root(g, lo, hi, kl)
            alpha = mp.exp(y)
            mgf, mean, var, win = moments(alpha)
            return {"b": alpha, "mean": -mean, "sd": mp.sqrt(var), "win": win, "mgf": mgf, "kl": kl}

    def power(x, k):
        """x^(N + k)"""
        return small_exp((n + k) * mp.log(x)) if x > 0 else mp.mpf(0)

    with mp.workdps(150 if log_n < 100 else 150 + int(2 * min(log_n, mp.mpf(2000)))):
        n = mp.exp(log_n)
        first = second = kl = win = mp.mpf(0)
        groups = []
        for p, low, length, a, b in pieces:
            if length == 0:
                if groups and groups[-1][0] and groups[-1][3] == low:
                    groups[-1][2] = b
                else:
                    groups.append([True, a, b, low])
            else:
                groups.append([False, a, b, low])
                slope = length / p
                mass = (power(b, 1) - power(a, 1)) / (n + 1)
                tent = power(b, 2) / ((n + 1) * (n + 2)) - power(a, 1) * (b / (n + 1) - a / (n + 2))
                first += slope * mass
                second += 2 * slope * (low * mass + slope * tent)
        integral = lambda x: (power(x, 0) * (log_n + mp.expm1(-log_n) + (n - 1) * mp.log(x)) if x > 0 else mp.mpf(0))
        for is_atom, a, b, _ in groups:
            mass = power(b, 0) - power(a, 0)
            if is_atom:
                if mass > 0:
                    kl += mass * mp.log(mass / (b - a))
                win += mass * (a + b) / 2
            else:
                kl += integral(b) - integral(a)
                win += (power(b, 1) - power(a, 1)) * n / (n + 1)
        mu, sd = -first, mp.sqrt(second - first ** 2)
    rl, start, same = tilt_at(log_n), tilt_at(mp.mpf(0)), tilt_at(kl)
    # So near to the largest divergence doubles do not know the tilt, and the report leaves it out.
    unknown = lambda t: t["b"] == mp.inf or atom > 0 and -mp.log(atom) - t["kl"] < mp.mpf("1e-26")
    metrics = lambda t, kl: dict({"reward": top + t["mean"], "kl": kl, "win_rate": t["win"], "gold": 0},
                                 **({} if unknown(t) else {"reward_sd": t["sd"]}))
    gap = rl["mean"] - mu
    to_rl = {} if rl["b"] == mp.inf else {"kl_to_kl_rl": rl["b"] * gap - (rl["kl"] - kl)}
    alpha = lambda t: {} if unknown(t) else {"alpha": t["b"]}
    return {
        "model": dict(metrics(start, mp.mpf(0)), levels=None),
        "kl_rl": dict(metrics(rl, rl["kl"]), **alpha(rl)),
        "best_of_n": {"reward": top + mu, "reward_sd": sd, "kl": kl, "win_rate": win, "gold": 0,
                      "kl_bound": log_n + mp.expm1(-log_n), **to_rl},
        "kl_rl_at_bon_kl": dict(metrics(same, same["kl"]), **alpha(same)),
        "gap": {"reward": gap, "reward_at_bon_kl": same["mean"] - mu},
    }


def report(scenario):
    m = scenario["model"]
    b = scenario["budget"]
    log_n = mp.log(exact(b["n"])) if "n" in b else exact(b["kl"] if "kl" in b else b["log_n"])
    parts = table_parts if m["family"] == "quantiles" else smooth_parts
    out = parts(m, log_n)
    return dict({"model": out["model"], "budget": {"kl": log_n, "log_n": log_n}}, **out)


def comparable(r):
    """Without the gaps that are vast beside the reward in whose digits they would be compared."""
    small = 10 * abs(r["kl_rl"]["reward"])
    return dict(r, gap={k: v for k, v in r["gap"].items() if abs(v) <= small})


def text(x):
    if isinstance(x, mp.mpc):
        x = x.real
    if isinstance(x, dict):
        # Past what a double holds a number is infinite, and not compared.
        return {k: text(v) for k, v in x.items() if not (isinstance(v, mp.mpf) and abs(v) > mp.mpf("1.7e308"))}
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

# Budgets of every size, laws at the ends of what is allowed, thin and flat pieces of tables.
SIMPLE = [m for m in LAWS if m["family"] not in ("gamma", "beta", "weibull", "lognormal", "normal")]
FAR = [(m, {"log_n": b}) for m in SIMPLE for b in (745, 1e12)]
NEAR = [(m, {"kl": 1e-15}) for m in LAWS if m["family"] not in ("beta", "lognormal")]
EDGES = [
    ({"family": "normal", "mean": 0, "sd": 1}, {"log_n": 1e4}),
    ({"family": "normal", "mean": 1e12, "sd": 0.1, "mirrored": True}, {"kl": 2}),
    ({"family": "exponential", "rate": 1}, {"log_n": 1e8}),
    ({"family": "exponential", "rate": 1}, {"log_n": 1e10}),
    ({"family": "uniform", "lower": 1e12, "upper": 1000000000000.001}, {"log_n": 3}),
    ({"family": "gamma", "shape": 2.5, "scale": 0.5}, {"log_n": 60}),
    ({"family": "gamma", "shape": 8000, "scale": 1}, {"log_n": 3}),
    ({"family": "weibull", "shape": 0.1, "scale": 1, "mirrored": True}, {"log_n": 1}),
    ({"family": "weibull", "shape": 0.02, "scale": 1, "mirrored": True}, {"log_n": 1}),
    ({"family": "weibull", "shape": 2, "scale": 1}, {"log_n": 1e4}),
    ({"family": "weibull", "shape": 3, "scale": 2, "mirrored": True}, {"log_n": 1e3}),
    ({"family": "lognormal", "location": 0, "scale": 10, "mirrored": True}, {"log_n": 1}),
    ({"family": "lognormal", "location": 0, "scale": 3, "mirrored": True}, {"kl": 1e-15}),
    ({"family": "lognormal", "location": 0.2, "scale": 0.5, "mirrored": True}, {"log_n": 1e4}),
    ({"family": "beta", "alpha": 1, "beta": 0.01}, {"log_n": 10}),
    ({"family": "beta", "alpha": 2, "beta": 5}, {"log_n": 700}),
    ({"family": "beta", "alpha": 2, "beta": 5}, {"kl": 1e-15}),
]
TABLES = [
    ([0, 1], [0, 1]),
    ([0, 0.5, 0.500000001, 1], [0, 1, 2, 3]),
    ([0, 0.2, 0.5, 0.7, 0.9, 1], [0, 1, 1, 2, 4, 4]),
    ([0, 0.3, 0.999999, 1], [-5, -5, 0.1, 10]),
    ([0, 0.1, 1], [1e12, 1e12, 1000000000000.001]),
]
TABLE_BUDGETS = [{"kl": 1e-15}, {"log_n": 1e-4}, {"n": 2}, {"log_n": 12}, {"log_n": 300}]


def case(scenario):
    print(json.dumps(scenario), file=sys.stderr, flush=True)
    return {"scenario": scenario, "report": text(comparable(report(scenario)))}


if __name__ == "__main__":
    scenarios = [{"model": dict(kind="continuous", **model), "budget": budget}
                 for model, budget in [(m, b) for m in LAWS for b in BUDGETS] + FAR + NEAR + EDGES]
    scenarios += [{"model": {"kind": "continuous", "family": "quantiles", "u": u, "reward": reward, "mirrored": flip},
                   "budget": budget} for u, reward in TABLES for flip in (False, True) for budget in TABLE_BUDGETS]
    with Pool() as pool:
        rows = [json.dumps(row) for row in pool.map(case, scenarios, chunksize=1)]
    print("[\n" + ",\n".join(rows) + "\n]")
