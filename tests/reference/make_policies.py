#!/usr/bin/env python3
"""Makes policies.json: scenarios with further policies and what these come to, to 20 digits, by mpmath at 60.

Finite models and sequences: the law of the sum is written out by `make_reports.py`, and every policy is a sum over its
levels, or over the outcomes one by one. Continuous models: integrals over the reward, to 30 digits. A KL that
is asked for is met by bisection. Needs python3-mpmath.

    /usr/bin/python3 make_policies.py > policies.json
"""
import json
import math
from fractions import Fraction

import mpmath as mp

from make_reports import best_of_n, exact, law, optimum, summary, text


def bisected(f, lo, hi):
    """The root of an increasing f."""
    for _ in range(220):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if f(mid) < 0 else (lo, mid)
    return (lo + hi) / 2


def chi_squared(here, beta):
    """p (r - nu)+ / beta with nu by normalisation."""
    rho, p, _ = here
    gain = lambda nu: sum(m * max(0, r - nu) for r, m in zip(rho, p))
    nu = bisected(lambda x: beta - gain(x), rho[0] - beta - 1, rho[-1])
    pi = [m * max(mp.mpf(0), r - nu) / beta for r, m in zip(rho, p)]
    return [x / sum(pi) for x in pi]


def mixture(here, n, weight):
    return [weight * x + (1 - weight) * m for x, m in zip(best_of_n(here, n), here[1])]


def in_order(model):
    """Outcomes one by one, from the worst to the best: of equals the one that is listed first is the best."""
    rows = [o for o in model["outcomes"] if o["p"] > 0]
    total = sum(exact(o["p"]) for o in rows)
    order = sorted(reversed(rows), key=lambda o: exact(o["reward"]))
    return ([exact(o["reward"]) for o in order], [exact(o["p"]) / total for o in order],
            [exact(o.get("gold", 0)) for o in order])


def winning(levels, rho, pi):
    """Win rate, ties half, of a policy on single outcomes."""
    worth, below = {}, mp.mpf(0)
    for r, m, _ in zip(*levels):
        worth[r] = below + m / 2
        below += m
    return sum(w * worth[r] for r, w in zip(rho, pi))


def blocks(model, size, n, whole=True):
    """Best-of-n on each block of `size` tokens, the last one what is left: the law of the sum, and what adds up."""
    length = model.get("length", 1)
    parts = [size] * (length // size) + ([length % size] if length % size else [])
    one = model if model["kind"] == "memoryless" else dict(model, kind="memoryless", tokens=model["outcomes"])
    unit = mp.mpf(1) / math.lcm(*(Fraction(str(t["reward"])).denominator for t in one["tokens"]))
    point = lambda x: int(mp.nint(x / unit))
    sums, out = {0: mp.mpf(1)}, {"reward": mp.mpf(0), "kl": mp.mpf(0), "gold": mp.mpf(0), "parts": []}
    for part in parts:
        here = law(dict(one, length=part))
        pi = best_of_n(here, n)
        s = summary(here, pi)
        out["reward"] += s["reward"]
        out["kl"] += s["kl"]
        out["parts"].append((here, pi))
        new = {}
        for x, a in sums.items() if whole else ():
            for r, b in zip(here[0], pi):
                new[x + point(r)] = new.get(x + point(r), mp.mpf(0)) + a * b
        sums = new
    if not whole:
        return out
    out["reward_sd"] = mp.sqrt(sum(w * (x * unit - out["reward"]) ** 2 for x, w in sums.items()))
    levels = law(dict(one, length=length))
    worth, below = {}, mp.mpf(0)
    for r, m in zip(levels[0], levels[1]):
        worth[point(r)] = below + m / 2
        below += m
    out["win_rate"] = sum(w * worth[x] for x, w in sums.items())
    return out


def divergence(pi, phi):
    return sum(w * mp.log(w / f) for w, f in zip(pi, phi) if w)


def tilted(here, a):
    w = [m * mp.exp(a * r) for r, m in zip(here[0], here[1])]
    return [x / sum(w) for x in w]


def discrete(model, asked, levels, a):
    """One entry of the report."""
    kind, given = asked["kind"], {k: exact(v) for k, v in asked.items() if k not in ("kind", "kl")}
    found = {}
    if kind == "block_best_of_n":
        size = asked["block"]
        log_n = (bisected(lambda x: blocks(model, size, mp.exp(x), False)["kl"] - exact(asked["kl"]), mp.mpf(0), mp.mpf(60))
                 if "kl" in asked else mp.log(given["n"]))
        out = blocks(model, size, mp.exp(log_n))
        out["kl_to_kl_rl"] = sum(divergence(pi, tilted(here, a)) for here, pi in out.pop("parts"))
        return dict(out, block=mp.mpf(size), n=mp.exp(log_n))
    here = in_order(model) if kind == "index_best_of_n" else levels

    def lay(x):
        if kind == "chi_squared":
            return chi_squared(here, x)
        return best_of_n(here, x)
    if kind == "mixture":
        pi = mixture(here, given["n"], given["weight"])
        found = given
    else:
        name, way = ("beta", -1) if kind == "chi_squared" else ("n", 1)
        x = given.get(name)
        if kind == "chi_squared" and exact(asked.get("kl", 0)) >= -mp.log(here[1][-1]):
            # The largest reward alone, by the largest beta that keeps it.
            x = here[1][-1] * (here[0][-1] - here[0][-2])
        if x is None:
            spent = lambda y: summary(here, lay(mp.exp(way * y)))["kl"] - exact(asked["kl"])
            x = mp.exp(way * bisected(spent, mp.mpf(-40) if way < 0 else mp.mpf(0), mp.mpf(60)))
        pi = lay(x)
        found = {name: x}
    out = summary(here, pi)
    if kind == "index_best_of_n":
        out["win_rate"] = winning(levels, here[0], pi)
    return dict(out, kl_to_kl_rl=divergence(pi, tilted(here, a)), **found)


# Continuous models: density of the reward, P(r > x), and where the law begins.


def of_family(m):
    if m["family"] == "uniform":
        lower, upper = exact(m["lower"]), exact(m["upper"])
        return (lambda x: 1 / (upper - lower)), (lambda x: (upper - x) / (upper - lower)), [lower, upper]
    if m["family"] == "exponential":
        rate = exact(m["rate"])
        return (lambda x: rate * mp.exp(-rate * x)), (lambda x: mp.exp(-rate * x)), [k / rate for k in range(0, 241, 3)]
    mean, sd = exact(m["mean"]), exact(m["sd"])
    return ((lambda x: mp.npdf(x, mean, sd)), (lambda x: mp.erfc((x - mean) / sd / mp.sqrt(2)) / 2),
            [mean + sd * k for k in range(-20, 25)])


def on_rewards(model, ratio, nu=-mp.inf):
    """A density against the base by the reward and what is above it."""
    density, above, marks = of_family(model)
    marks = [max(nu, marks[0])] + [x for x in marks if x > nu and x > marks[0]]
    integral = lambda f: mp.quad(lambda x: f(x, ratio(x, above(x))) * density(x), marks)
    total = integral(lambda x, g: g)
    mean = integral(lambda x, g: g * x) / total
    log_term = lambda x, g: g * mp.log(g / total) if g > 0 else mp.mpf(0)
    return {"reward": mean, "kl": integral(log_term) / total,
            "reward_sd": mp.sqrt(integral(lambda x, g: g * (x - mean) ** 2) / total),
            "win_rate": integral(lambda x, g: g * (1 - above(x))) / total}, total


def continuous(model, asked):
    if asked["kind"] == "mixture":
        n, w = exact(asked["n"]), exact(asked["weight"])
        return dict(on_rewards(model, lambda x, v: w * n * mp.exp((n - 1) * mp.log1p(-v)) + 1 - w if v < 1 else 1 - w)[0],
                    n=n, weight=w)
    # At a threshold, so that nothing is searched for.
    nu = exact(asked["nu"])
    out, beta = on_rewards(model, lambda x, v: max(mp.mpf(0), x - nu), nu)
    return dict(out, beta=beta)


def entry(scenario):
    model, policies = scenario["model"], scenario["policies"]
    if model["kind"] == "continuous":
        with mp.workdps(36):
            found = [continuous(model, each) for each in policies]
        # By the KL that the threshold spends, or by its beta.
        asked = [{"kind": "chi_squared", each["by"]: float(f[each["by"]])} if each["kind"] == "chi_squared" else each
                 for each, f in zip(policies, found)]
        return dict(scenario, policies=asked), found
    levels = law(model)
    a, _ = optimum(levels, exact(scenario["budget"]["kl"]))
    return scenario, [discrete(model, each, levels, a) for each in policies]


def scenarios():
    five = {"kind": "finite", "outcomes": [{"p": p, "reward": r, "gold": g} for p, r, g in
                                           ((0.1, 1, 0), (0.2, 2, 1), (0.3, 2, 3), (0.25, 0, 2), (0.15, 2, -1))]}
    uneven = {"kind": "finite", "outcomes": [{"p": p, "reward": r} for p, r in
                                             ((0.4, -1.5), (0.3, 0.25), (0.2, 0.75), (0.09, 3.1), (0.01, 8))]}
    three = {"kind": "memoryless", "tokens": [{"p": 0.5, "reward": 0}, {"p": 0.3, "reward": 1}, {"p": 0.2, "reward": 3}]}
    decimals = {"kind": "memoryless", "tokens": [{"p": 0.6, "reward": -1.5}, {"p": 0.38, "reward": 0.25},
                                                 {"p": 0.02, "reward": 3}]}
    chi = [{"kind": "chi_squared", "beta": b} for b in (1e6, 3, 0.7, 0.05)] + [
        {"kind": "chi_squared", "kl": k} for k in (1e-6, 0.3, 1)]
    mixed = [{"kind": "mixture", "n": n, "weight": w} for n, w in ((4, 0.3), (1.5, 0.9), (1e6, 0.001), (2, 1), (7, 0))]
    index = [{"kind": "index_best_of_n", "n": n} for n in (4, 1.25, 1, 60)] + [
        {"kind": "index_best_of_n", "kl": k} for k in (1e-5, 0.8)]
    block = [{"kind": "block_best_of_n", "block": b, "n": n} for b, n in ((1, 2), (4, 8), (5, 3.5), (12, 6), (20, 6))] + [
        {"kind": "block_best_of_n", "block": 5, "kl": k} for k in (1e-4, 2)]
    yield {"model": five, "budget": {"kl": 0.4}, "policies": chi + mixed + index}
    yield {"model": uneven, "budget": {"kl": 1.2}, "policies": chi + mixed + index}
    for model, length in ((three, 12), (decimals, 12), (three, 60)):
        yield {"model": dict(model, length=length), "budget": {"kl": 2}, "policies": chi + mixed + block}
    by = lambda nu, how: {"kind": "chi_squared", "nu": nu, "by": how}
    for model, thresholds in (({"family": "uniform", "lower": 0, "upper": 1}, (0, 0.5, 0.999, -3)),
                              ({"family": "exponential", "rate": 1.5}, (0, 2, 20, -0.5, -40)),
                              ({"family": "normal", "mean": 0.5, "sd": 1.25}, (0.5, 3, 8, -2, -30))):
        yield {"model": dict(model, kind="continuous"), "budget": {"kl": 1},
               "policies": [by(nu, how) for nu in thresholds for how in ("beta", "kl")] + mixed[:3] +
               [{"kind": "mixture", "n": 1e20, "weight": 0.25}] * (model["family"] != "uniform")}


if __name__ == "__main__":
    rows = [json.dumps({"scenario": s, "policies": text(p)}) for s, p in map(entry, scenarios())]
    print("[\n" + ",\n".join(rows) + "\n]")
