#!/usr/bin/env python3
"""Makes promises.tsv.gz: about 2,000 scenarios of token models with their reports to 18 digits, by exact.py.

Each line: the scenario as JSON, then the numbers of `columns`, `-` where the reference does not say (win rates of laws too
long to list). The engine's numbers must lie within the `error_bound` that it states, or be null with a note.

    /usr/bin/python3 make_promises.py        # some minutes; needs python3-gmpy2
"""
import gzip
import json
import math
import os
import random

import exact

columns = ["model.reward", "model.reward_sd", "model.kl_max", "kl_rl.reward", "kl_rl.reward_sd", "kl_rl.kl",
           "kl_rl.win_rate", "kl_rl.alpha", "best_of_n.reward", "best_of_n.reward_sd", "best_of_n.kl",
           "best_of_n.win_rate", "best_of_n.gold", "best_of_n.kl_to_kl_rl", "kl_rl_at_bon_kl.reward",
           "kl_rl_at_bon_kl.reward_sd", "kl_rl_at_bon_kl.win_rate", "kl_rl_at_bon_kl.alpha", "gap.reward",
           "gap.reward_at_bon_kl"]
head = "scenario\t" + "\t".join(columns)
pick = random.Random(20260)
root5, root2 = 2.23606797749979, 1.4142135623730951


def digits(x, n=5):
    return float(f"%.{n}g" % x)


def scenario(p, reward, length, budget, gold=None):
    rows = [{"p": a, "reward": b} for a, b in zip(p, reward)]
    if gold:
        for row, g in zip(rows, gold):
            row["gold"] = g
    model = {"kind": "finite", "outcomes": rows} if length == 1 else {"kind": "memoryless", "length": length, "tokens": rows}
    return {"v": 1, "model": model, "budget": budget}


def budget(length=1, most=6):
    return pick.choice([{"n": pick.choice([1.5, 2, 16, 1000, 1e9, 1e100])}, {"log_n": digits(10 ** pick.uniform(-3, 3))},
                        {"kl": digits(10 ** pick.uniform(-12, 2.5))}, {"n": pick.randint(2, 300)}] +
                       ([{"kl_per_token": digits(most * pick.random() ** 2)}] * 4 if length > 1 else []))


def weights(count, extreme):
    w = [10 ** (-pick.random() * extreme) * (pick.random() + 0.01) for _ in range(count)]
    total = sum(w)
    return [x / total for x in w]


def finite():
    count = pick.choice([2, 2, 3, 3, 4, 6, 10])
    p = weights(count, pick.choice([0, 0, 5, 20]))
    style = pick.random()
    if style < 0.5:
        reward = [round(pick.uniform(-10, 10), pick.choice([0, 1, 2, 5])) for _ in range(count)]
    elif style < 0.8:
        reward = [pick.uniform(-1, 1) * 10 ** pick.uniform(-3, 4) for _ in range(count)]
    else:
        reward = [pick.choice([-1, 1]) * digits(10 ** pick.uniform(0, 13)) for _ in range(count - 1)] + [0]
    return scenario(p, reward, 1, budget(), [pick.randint(-5, 5) for _ in p] if pick.random() < 0.3 else None)


def lattice():
    count = pick.choice([2, 3, 3, 4, 7])
    p = weights(count, pick.choice([0, 0, 2, 5]))
    reward = pick.sample(range(-6, 12), count)
    scale = pick.choice([1, 1, 10, 100])
    length = pick.choice([2, 3, 5, 8, 20, 40, 60])
    most = -math.log(p[reward.index(max(reward))])
    return scenario(p, [r / scale for r in reward], length, budget(length, 1.1 * most))


def unrelated():
    reward = pick.choice([[0, 1, root5], [0, root2, math.pi], [0, 0.3333333, 1], [-1, 0, root2], [0, 1, 2.0000001],
                          [0, 1, root2, root5], [1e300, -7e271, 0]])
    p = weights(len(reward), pick.choice([0, 0, 3]))
    length = pick.choice([2, 5, 12, 30] + ([80] if len(reward) == 3 else []))
    most = -math.log(p[reward.index(max(reward))])
    return scenario(p, reward, length, budget(length, 1.1 * most))


def jumps():
    rare = 10 ** -pick.uniform(3, 12)
    return scenario([0.5, 0.5 - rare, rare], [0, 1, pick.choice([100, 3000, 10000, 1000000])], pick.choice([2, 8, 30, 60]),
                    pick.choice([{"n": 2}, {"n": 1000}, {"kl_per_token": 0.01}, {"kl_per_token": 0.3}]))


named = [
    scenario([0.9, 0.1], [0, 1], 1000, {"kl_per_token": 2.2565}),
    scenario([0.5, 0.4999, 0.0001], [0, 1, root5], 80, {"log_n": 730}),
    scenario([0.5, 0.4, 0.1], [0, 1, root5], 2700, {"kl_per_token": 0.69}),
    scenario([0.5, 0.3, 0.2], [0, 0.3333333, 1], 8, {"kl_per_token": 0.2}),
    scenario([0.4999999999, 0.5, 1e-10], [0, 1, 10000], 1000, {"n": 2}),
    scenario([1, 1e-40], [0, 1], 1, {"log_n": 10}),
    scenario([1, 1e-12], [0, 1], 1, {"n": 2}),
    scenario([0.3, 0.4, 0.3], [-1e13, 0, 1], 1, {"kl": 0.5}),
    scenario([0.3, 0.4, 0.3], [-1e13, 0, 1], 1, {"kl": 1}),
    scenario([0.3, 0.4, 0.3], [-1e17, 0, 1], 1, {"kl": 1}),
    scenario([0.2, 0.8], [0, 1], 1, {"kl": 1e-300}),
    scenario([0.5, 0.3, 0.2], [0, 1, 3], 1, {"kl": 1e-50}),
    scenario([0.5, 0.3, 0.2], [0, 1, 3], 1, {"kl": 1e-70}),
    scenario([0.5, 0.3, 0.2], [0, 1, 3], 1, {"log_n": 2.6e-43}),
    scenario([0.6, 0.399999999, 1e-9], [0, 1, 2200], 1000, {"n": 2}),
    scenario([0.4, 0.3, 0.3], [-1e300, 0, 7e271], 50, {"n": 4}),
    scenario([0.7, 0.3], [0, 1], 1, {"n": 7}),
    scenario([0.25] * 4, [0, 1, 2, 3], 2, {"n": 16}),
    scenario([0.001, 0.999], [0, 1], 20, {"n": 16}),
    # A KL of 1e-10 on a law whose first listed level is noise.
    scenario([0.15912852489573703, 0.1906666304549489, 0.022542662498438948, 0.19231970296235146, 0.08871043777145739,
              0.13762828610081468, 0.20900375531625154], [-0.03, 0.01, 0.1, 0.04, 0.07, -0.05, 0.05], 20, {"kl": 1.643e-05}),
    scenario([0.3773868359554842, 0.013904663768213131, 0.4017602002463851, 0.2069483000299176], [-6, 4, -4, 7], 40,
             {"kl": 0.0005961}),
    # A cluster of rewards far from either end of the range.
    scenario([0.2856700435366018, 0.7143299563473817, 7.577409834815195e-15, 1.15e-10], [136800, 1581000, -1420100000000, 158250000000], 1,
             {"kl": 14.287}),
]


def text(x):
    return "inf" if x == exact.INF else "{0:.17e}".format(x)


def line_of(s, report):
    """The scenario, and of each column its number; `-` where the report does not say."""
    cells = [report[section].get(field) for section, field in (column.split(".") for column in columns)]
    return "\t".join([json.dumps(s, separators=(",", ":"))] + ["-" if x is None else text(x) for x in cells])


def main():
    wanted = named + [make() for make, count in ((finite, 950), (lattice, 700), (unrelated, 260), (jumps, 100)) for _ in range(count)]
    lines = [head]
    for s in wanted:
        try:
            report = exact.report(s)
        except (ValueError, ZeroDivisionError):
            continue
        lines.append(line_of(s, report))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "promises.tsv.gz")
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as f:
        f.write(("\n".join(lines) + "\n").encode())
    print(len(lines) - 1, "scenarios")


if __name__ == "__main__":
    main()
