#!/usr/bin/env python3
"""Makes statements.json: numbers of the paper's statements to 20 digits, by mpmath with 200 digits, which differences of tails use up.

Laws are written out by convolution; nothing is tilted or windowed. For each scenario: exact tails of the base and of the
tilt at every level, best-of-N's tails, cumulants, Renyi cross entropies, both KL divergences at several lengths, and
the shares of tokens in best-of-N's sequences. Needs python3-mpmath.

    /usr/bin/python3 make_statements.py > statements.json
"""
import json

import mpmath as mp

mp.mp.dps = 200


def exact(x):
    return mp.mpf(str(x))


def power(token, n):
    """Law of the sum of n integer rewards, as a list from the least one."""
    law = [mp.mpf(1)]
    for _ in range(n):
        out = [mp.mpf(0)] * (len(law) + len(token) - 1)
        for i, x in enumerate(law):
            for j, y in enumerate(token):
                if y:
                    out[i + j] += x * y
        law = out
    return law


def best_of_n(law, draws):
    above, tail = [], mp.mpf(0)
    for m in reversed(law):
        above.append(tail)
        tail += m
    powers = [mp.exp(draws * mp.log1p(-t)) if t < 1 else mp.mpf(0) for t in reversed(above)]
    return [b - a for a, b in zip([mp.mpf(0)] + powers[:-1], powers)]


def statements(p, rate, n):
    """p by integer reward 0, 1, ...; a rate in nats a token; n tokens."""
    p = [exact(x) for x in p]
    rate = exact(rate)
    mgf = lambda a: mp.log(sum(x * mp.exp(a * r) for r, x in enumerate(p)))
    mean = lambda a: sum(r * x * mp.exp(a * r) for r, x in enumerate(p)) / mp.exp(mgf(a))
    a = mp.findroot(lambda t: t * mean(t) - mgf(t) - rate, (mp.mpf("1e-6"), 40), solver="anderson", tol=mp.mpf(10) ** -300,
                    verify=False, maxsteps=400)
    rho = mean(a)
    phi = [x * mp.exp(a * r - mgf(a)) for r, x in enumerate(p)]
    law, tilted = power(p, n), power(phi, n)
    bon = best_of_n(law, mp.exp(n * rate))
    tail = lambda masses, k: sum(masses[k:])
    head = lambda masses, k: sum(masses[:k + 1])
    mean_p = mean(mp.mpf(0))

    def rates(masses, centre):
        return [-mp.log(tail(masses, k) if mp.mpf(k) / n > centre else head(masses, k)) / n if mp.mpf(k) / n != centre and
                (tail(masses, k) if mp.mpf(k) / n > centre else head(masses, k)) > 0 else None for k in range(len(masses))]
    entropy_of = [1 / mp.mpf(3), mp.mpf(2), 1 + a]
    q = [mp.exp(r) for r, x in enumerate(p) if x]
    total = sum(q)
    support = [(x, mp.exp(r) / total) for r, x in enumerate(p) if x]
    renyi = [mp.log(sum(x * y ** (s - 1) for x, y in support)) / (1 - s) for s in entropy_of]
    shannon = -sum(x * mp.log(y) for x, y in support)
    directions = []
    for m in (1, 2, 5, 12, 30):
        base, opt = power(p, m), power(phi, m)
        pi = best_of_n(base, mp.exp(m * rate))
        forward = sum(x * mp.log(x / y) for x, y in zip(pi, opt) if x)
        reverse = sum(y * mp.log(y / x) for x, y in zip(pi, opt) if y)
        directions.append([m, forward, mp.log10(reverse)])
    shorter = power(p, n - 1)
    shares = [sum(m * x * shorter[k - r] / law[k] for k, m in enumerate(bon) if law[k] and 0 <= k - r < len(shorter))
              for r, x in enumerate(p) if x]
    return {
        "p": p, "rate": rate, "n": n, "alpha": a, "mean": rho,
        "rate_base": rates(law, mean_p), "rate_kl_rl": rates(tilted, rho),
        "rate_best_of_n": [-mp.log(tail(bon, k)) / n if mp.mpf(k) / n > rho and tail(bon, k) > 0 else None for k in range(len(bon))],
        "cumulants": [[t, mgf(t * a), mgf(a + t * a) - mgf(a),
                       mp.log(sum(m * mp.exp(t * a * k) for k, m in enumerate(bon))) / n] for t in (mp.mpf(-1), mp.mpf("0.5"), mp.mpf(2))],
        "renyi": [[s, h] for s, h in zip(entropy_of, renyi)], "shannon": shannon,
        "kl_forward": sum(y * mp.log(y / x) for x, y in zip(p, phi) if x),
        "kl_reverse": sum(x * mp.log(x / y) for x, y in zip(p, phi) if x),
        "directions": directions, "exponent": rate + 2 * mgf(a / 2) - mgf(a), "shares": shares,
    }


def text(x):
    if isinstance(x, dict):
        return {k: text(v) for k, v in x.items()}
    if isinstance(x, list):
        return [text(v) for v in x]
    return mp.nstr(x, 18) if isinstance(x, mp.mpf) else x


if __name__ == "__main__":
    cases = [([0.5, 0.3, 0, 0.2], 0.2, 40), ([0.9, 0.09, 0.01], 0.05, 60), ([0.25, 0.25, 0.5], 0.3, 12)]
    print("[\n" + ",\n".join(json.dumps(text(statements(*case))) for case in cases) + "\n]")
