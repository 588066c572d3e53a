#!/usr/bin/env python3
"""Makes reports.json: scenarios and their reports to 20 digits, by mpmath with 60 digits.

Nothing is tilted, windowed or approximated: the law of the sum is written out by repeated convolution and
every policy is a sum over its levels. Needs python3-mpmath.

    /usr/bin/python3 make_reports.py > reports.json
"""
import json
import math
import random
from fractions import Fraction

import mpmath as mp

mp.mp.dps = 60


def exact(x):
    return mp.mpf(str(x))


def law(model):
    """{reward: (mass, gold * mass)} as sorted lists of rewards, masses and mean golds."""
    items = model.get("outcomes") or model["tokens"]
    total = sum(exact(i["p"]) for i in items)
    steps = [Fraction(str(i["reward"])) for i in items]
    unit = Fraction(1, math.lcm(*(s.denominator for s in steps)))
    one = {}
    for item, step in zip(items, steps):
        p = exact(item["p"]) / total
        if p:
            m, g = one.get(int(step / unit), (mp.mpf(0), mp.mpf(0)))
            one[int(step / unit)] = (m + p, g + p * exact(item.get("gold", 0)))
    if model["kind"] == "memoryless":
        def convolve(a, b):
            out = {}
            for i, x in a.items():
                for j, y in b.items():
                    out[i + j] = out.get(i + j, mp.mpf(0)) + x * y
            return out
        power, base, n = {0: mp.mpf(1)}, {k: m for k, (m, _) in one.items()}, model["length"]
        while n:
            if n & 1:
                power = convolve(power, base)
            n >>= 1
            if n:
                base = convolve(base, base)
        one = {k: (m, mp.mpf(0)) for k, m in power.items()}
    keys = sorted(one)
    scale = mp.mpf(unit.numerator) / unit.denominator
    return [k * scale for k in keys], [one[k][0] for k in keys], [one[k][1] / one[k][0] for k in keys]


def summary(law, pi):
    rho, p, gold = law
    reward = mp.fdot(pi, rho)
    below, win = mp.mpf(0), mp.mpf(0)
    for w, m in zip(pi, p):
        win += w * (below + m / 2)
        below += m
    return {"reward": reward, "reward_sd": mp.sqrt(sum(w * (r - reward) ** 2 for w, r in zip(pi, rho))),
            "kl": sum(w * mp.log(w / m) for w, m in zip(pi, p) if w), "win_rate": win, "gold": mp.fdot(pi, gold)}


def tilt(law, a):
    rho, p, _ = law
    w = [m * mp.exp(a * (r - rho[-1])) for r, m in zip(rho, p)]
    z = sum(w)
    return [x / z for x in w]


def optimum(law, budget):
    rho, p, _ = law
    if budget < mp.mpf(10) ** -50 or len(rho) == 1:
        return mp.mpf(0), list(p)
    if budget >= -mp.log(p[-1]):
        return mp.inf, [mp.mpf(0)] * (len(p) - 1) + [mp.mpf(1)]

    def spent(a):
        w = [m * mp.exp(a * (r - rho[-1])) for r, m in zip(rho, p)]
        z = sum(w)
        return a * (mp.fdot(w, rho) / z - rho[-1]) - mp.log(z) - budget
    high = mp.mpf(1)
    while spent(high) < 0:
        high *= 2
    low = mp.mpf(0)
    for _ in range(180):
        a = (low + high) / 2
        low, high = (a, high) if spent(a) < 0 else (low, a)
    return a, tilt(law, a)


def best_of_n(law, draws):
    above, tail = [], mp.mpf(0)
    for m in reversed(law[1]):
        above.append(tail)
        tail += m
    powers = [mp.exp(draws * mp.log1p(-t)) if t < 1 else mp.mpf(0) for t in reversed(above)]
    return [b - a for a, b in zip([mp.mpf(0)] + powers[:-1], powers)]


def soft(law, draws, a):
    """n p w int_0^inf e^(-s w) (sum p e^(-s w))^(n - 1) ds, w = e^(a r), by quadrature in log s."""
    rho, p, _ = law
    w = [mp.exp(a * (r - rho[-1])) for r in rho]
    out = []
    for m, x in zip(p, w):
        f = lambda t: mp.exp(t - mp.exp(t) * x) * sum(q * mp.exp(-mp.exp(t) * y) for q, y in zip(p, w)) ** (draws - 1)
        out.append(draws * m * x * mp.quad(f, mp.linspace(-90, mp.log(1 / w[0]) + 6, 40)))
    return out


def poisson(law, mu):
    cdf, total = [], mp.mpf(0)
    for m in law[1]:
        total += m
        cdf.append(total * mp.exp(mu * (total - 1)))
    return [b - a for a, b in zip([mp.mpf(0)] + cdf[:-1], cdf)]


def report(scenario):
    model, (form, value) = scenario["model"], next(iter(scenario["budget"].items()))
    here = law(model)
    budget = {"n": lambda: mp.log(exact(value)), "log_n": lambda: exact(value), "kl": lambda: exact(value),
              "kl_per_token": lambda: exact(value) * model["length"]}[form]()
    draws = mp.exp(budget)
    a, phi = optimum(here, budget)
    pi = best_of_n(here, draws)
    bon = summary(here, pi)
    if mp.isinf(a):
        to_phi = mp.mpf(0) if pi[-1] == 1 else mp.inf
    else:
        to_phi = sum(w * mp.log(w / f) for w, f in zip(pi, phi) if w)
    a2, phi2 = optimum(here, bon["kl"])
    first, second = summary(here, phi), summary(here, phi2)
    others = [summary(here, soft(here, *map(exact, (e["n"], e["alpha"]))) if e["kind"] == "soft_best_of_n" else
                      poisson(here, exact(e["mu"]))) for e in scenario.get("policies", [])]
    return {
        **({"policies": others} if others else {}),
        "model": dict(summary(here, here[1]), levels=len(here[0]), reward_max=here[0][-1], kl_max=-mp.log(here[1][-1])),
        "budget": {"kl": budget, "log_n": budget},
        "kl_rl": dict(first, alpha=a),
        "best_of_n": dict(bon, kl_bound=budget - (draws - 1) / draws, kl_to_kl_rl=to_phi),
        "kl_rl_at_bon_kl": dict(second, alpha=a2),
        "gap": {"reward": first["reward"] - bon["reward"], "reward_at_bon_kl": second["reward"] - bon["reward"]},
    }


def scenarios():
    def finite(p, r, budget, gold=None):
        rows = [{"p": x, "reward": y} for x, y in zip(p, r)]
        for row, g in zip(rows, gold or []):
            row["gold"] = g
        return {"model": {"kind": "finite", "outcomes": rows}, "budget": budget}

    def memoryless(p, r, n, budget):
        return {"model": {"kind": "memoryless", "length": n, "tokens": [{"p": x, "reward": y} for x, y in zip(p, r)]},
                "budget": budget}

    three = [0.5, 0.3, 0.2]
    for budget in ({"kl": 0.2}, {"kl": 0.5}, {"kl": 1}, {"n": 1}, {"n": 2}, {"n": 4}, {"n": 16}, {"log_n": 500}, {"n": 1.5},
                   {"kl": 1e-6}, {"kl": 1.6}, {"kl": 1.609}, {"kl": 2}):
        yield finite(three, [0, 1, 2], budget, [0, 2, 1])
    yield finite([0.1, 0.2, 0.3, 0.25, 0.15], [1, 2, 2, 0, 2], {"n": 4})
    yield finite([0.25, 0.75], [3, 3], {"kl": 4})
    yield finite([0.999999, 1e-6], [-0.25, 7.5], {"n": 1000})
    yield finite([1 - 1e-9, 1e-9], [0, 1], {"kl": 18})
    for n, rate in ((1, 0.2), (2, 0.2), (40, 0.2), (160, 0.2), (320, 0.2), (40, 0.001), (40, 1.5), (40, 1.7)):
        yield memoryless(three, [0, 1, 3], n, {"kl_per_token": rate})
    for budget in ({"n": 2}, {"n": 256}, {"log_n": 500}, {"kl": 0}):
        yield memoryless(three, [0, 1, 3], 400, budget)
    yield memoryless([0.98, 0.015, 0.005], [0, 1, 10], 100, {"kl_per_token": 0.05})
    yield memoryless([0.6, 0.38, 0.02], [-1.5, 0.25, 3], 150, {"kl_per_token": 0.1})
    yield memoryless([0.899, 0.1, 0.001], [0, 10, 1], 60, {"kl": 5})
    yield memoryless([0.3, 0.7], [-0.1, 0.4], 2000, {"log_n": 500})
    extra = [{"kind": "soft_best_of_n", "n": 4, "alpha": 1.5}, {"kind": "best_of_poisson", "mu": 3},
             {"kind": "soft_best_of_n", "n": 2.5, "alpha": 0}, {"kind": "best_of_poisson", "mu": 0}]
    yield dict(finite(three, [0, 1, 2], {"n": 4}, [0, 2, 1]), policies=extra)
    yield dict(memoryless(three, [0, 1, 3], 6, {"kl": 1}), policies=extra[:2])
    rng = random.Random(20261124)
    for _ in range(12):
        k = rng.randint(2, 6)
        w = [rng.random() ** 3 + 1e-3 for _ in range(k)]
        p = [round(x / sum(w), 6) for x in w]
        p[0] = round(1 - sum(p[1:]), 6)
        r = [rng.randint(-20, 40) / rng.choice((1, 2, 10)) for _ in range(k)]
        budget = rng.choice(({"kl": round(rng.random() * 6, 3)}, {"n": rng.randint(1, 10 ** rng.randint(1, 9))},
                             {"kl_per_token": round(rng.random() * 0.5, 3)}))
        yield memoryless(p, r, rng.randint(1, 60), budget)


def text(x):
    if isinstance(x, list):
        return [text(v) for v in x]
    if isinstance(x, dict):
        return {k: text(v) for k, v in x.items()}
    if isinstance(x, mp.mpf):
        return None if mp.isinf(x) else mp.nstr(x, 20)
    return x


if __name__ == "__main__":
    rows = [json.dumps({"scenario": s, "report": text(report(s))}) for s in scenarios()]
    print("[\n" + ",\n".join(rows) + "\n]")
