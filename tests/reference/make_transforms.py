#!/usr/bin/env python3
"""Makes transforms.json: scenarios whose reward is n f(S/n) and their reports to 20 digits, by mpmath with 60 digits.

Sums, thresholds and all values of f but powers and sigmoids are fractions: no tie and no threshold is a matter of
rounding. What the laws come to is told by make_reports.py. Needs python3-mpmath.

    /usr/bin/python3 make_transforms.py > transforms.json
"""
import itertools
import json
from fractions import Fraction

import mpmath as mp

import make_reports as plain


def fraction(x):
    return Fraction(str(x))


def real(x):
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def value(f, x):
    """f(x), x and what can be as fractions."""
    kind = f["kind"]
    if kind == "step":
        return x + (fraction(f["height"]) if x >= fraction(f["at"]) else 0)
    if kind == "indicator":
        return Fraction(int(x >= fraction(f["at"])))
    if kind == "clip":
        low = max(x, fraction(f["lower"])) if "lower" in f else x
        return min(low, fraction(f["upper"])) if "upper" in f else low
    if kind == "power":
        return mp.sign(real(x)) * abs(real(x)) ** real(fraction(f["exponent"])) if x else mp.mpf(0)
    if kind == "sigmoid":
        return 1 / (1 + mp.exp(-(real(x) - real(fraction(f["at"]))) / real(fraction(f["scale"]))))
    points = list(zip(map(fraction, f["x"]), map(fraction, f["y"])))
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def normalised(row):
    row = [real(fraction(x)) for x in row]
    return [x / sum(row) for x in row]


def sums(model):
    """{sum of rewards: probability}, by state until the last transition."""
    if model["kind"] == "memoryless":
        start, rows = [mp.mpf(1)], [normalised([t["p"] for t in model["tokens"]])]
        rows, rewards = [[(0, p)] for p in rows[0]], [fraction(t["reward"]) for t in model["tokens"]]
        moves = [[(0, p, r) for row, r in zip(rows, rewards) for _, p in row]]
    else:
        start, k = normalised(model["initial"]), len(model["initial"])
        reward = model["reward"]
        earned = lambda i, j: fraction(reward[i][j] if isinstance(reward[0], list) else reward[j])
        moves = [[(j, p, earned(i, j)) for j, p in enumerate(normalised(model["transition"][i]))] for i in range(k)]
    state = [{Fraction(0): p} if p else {} for p in start]
    for _ in range(model["length"]):
        after = [{} for _ in state]
        for i, here in enumerate(state):
            for j, p, r in moves[i]:
                if not p:
                    continue
                for s, m in here.items():
                    after[j][s + r] = after[j].get(s + r, mp.mpf(0)) + m * p
        state = after
    total = {}
    for s, m in itertools.chain.from_iterable(here.items() for here in state):
        total[s] = total.get(s, mp.mpf(0)) + m
    return total


def law_of(scenario):
    n = scenario["model"]["length"]
    masses = {}
    for s, m in sums(scenario["model"]).items():
        r = n * value(scenario["transform"], s / n)
        masses[r] = masses.get(r, mp.mpf(0)) + m
    levels = sorted(masses)
    return [real(r) for r in levels], [masses[r] for r in levels], [mp.mpf(0)] * len(levels)


def report(scenario):
    here = law_of(scenario)
    plain.law = lambda _: here
    return plain.report(scenario)


def scenarios():
    tokens = lambda p, r: {"kind": "memoryless", "tokens": [{"p": x, "reward": y} for x, y in zip(p, r)]}
    models = [
        tokens([0.7, 0.3], [0, 1]),
        tokens([0.5, 0.3, 0.2], [-0.3, 0.1, 0.8]),
        {"kind": "markov", "initial": [1, 0], "transition": [[0.8, 0.2], [0.4, 0.6]], "reward": [[0, 1], [0.3, 2]]},
        {"kind": "markov", "initial": [0.5, 0.5], "transition": [[0.9, 0.1], [0.2, 0.8]], "reward": [-0.2, 0.7]},
    ]
    transforms = [
        {"kind": "step", "at": 0.6, "height": 1},
        {"kind": "step", "at": 0.3, "height": -0.4},
        {"kind": "indicator", "at": 0.3},
        {"kind": "clip", "lower": 0.2, "upper": 0.7},
        {"kind": "clip", "upper": 0.5},
        {"kind": "clip", "lower": 0.1},
        {"kind": "power", "exponent": 2},
        {"kind": "power", "exponent": 0.5},
        {"kind": "sigmoid", "at": 0.4, "scale": 0.1},
        {"kind": "table", "x": [0, 0.3, 0.6, 1], "y": [0, 1, 0.5, 2]},
    ]
    budgets = [{"kl_per_token": 0.1}, {"n": 16}, {"kl": 2}]
    for i, (model, length) in enumerate(itertools.product(models, (1, 7, 40))):
        for k, transform in enumerate(transforms):
            kind, *rest = model.items()
            ordered = dict([kind, ("length", length), *rest])
            yield {"model": ordered, "transform": transform, "budget": budgets[(i + k) % len(budgets)]}


if __name__ == "__main__":
    rows = [json.dumps({"scenario": s, "report": plain.text(report(s))}) for s in scenarios()]
    print("[\n" + ",\n".join(rows) + "\n]")
