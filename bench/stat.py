"""Writes generated samples and what numpy and scipy say of them, as JSON."""
import json
import math
import sys

import numpy as np
from scipy import stats

count, seed = int(sys.argv[1]), int(sys.argv[2])
draw = np.random.default_rng(seed)
SHARES = [0, 0.05, 0.1, 0.25, 0.5, 0.7, 0.85, 0.95, 0.99, 1]


def generated(i):
    n = int(draw.integers(2, 60))
    if i % 3 == 0:
        return draw.exponential(20, n)
    if i % 3 == 1:  # with ties
        return draw.integers(0, 8, n).astype(float)
    return np.arange(n) * draw.uniform(-2, 2) + draw.normal(0, 5, n) + 200


def kendall(x):
    """S, and P: scipy's where it is exact, else of the formula of Gilbert."""
    n = len(x)
    s = sum(float(np.sign(x[j] - x[:j]).sum()) for j in range(n))
    groups = np.unique(x, return_counts=True)[1]
    if len(groups) == n and n <= 33:
        return s, stats.kendalltau(np.arange(n), x, method="exact").pvalue
    variance = (n * (n - 1) * (2 * n + 5) - (groups * (groups - 1) * (2 * groups + 5)).sum()) / 18
    if s == 0 or variance == 0:
        return s, 1.0
    return s, 2 * stats.norm.sf((abs(s) - 1) / math.sqrt(variance))


def answers(x):
    n = len(x)
    slope, intercept, _, _ = stats.theilslopes(x, np.arange(n))
    s, p = kendall(x)
    found = {
        "values": x.tolist(), "shares": SHARES, "percentiles": [float(np.percentile(x, 100 * q)) for q in SHARES],
        "mean": x.mean(), "deviation": x.std(ddof=1), "slope": slope, "intercept": intercept, "s": s, "p": p,
        "spread": bool(x.min() >= 0 and x.sum() > 0),
    }
    if found["spread"]:
        found["cv"] = stats.variation(x, ddof=1)
        found["gini"] = np.abs(x[:, None] - x[None, :]).sum() / (2 * n * n * x.mean())  # half the relative mean difference
        found["entropy"] = stats.entropy(x) / math.log(n)
        found["hhi"] = ((x / x.sum()) ** 2).sum()
    return found


json.dump([answers(generated(i)) for i in range(count)], sys.stdout)
