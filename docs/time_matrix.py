"""Recompute the shipped time matrices C: how quarters, or years, are mixed before noise is added.

    python3 docs/time_matrix.py                          prints config/time_matrices/quarterly_24.txt's rows
    python3 docs/time_matrix.py 24 0.5 0.06 0.12 12      the same: quarters, weights, bits
    python3 docs/time_matrix.py 6 0.5 0 0.12 12          groups that are released once a year, over 6 years (7, 8 too)
    python3 docs/time_matrix.py --check                  compares with the shipped files, exit code 1 if one differs

Needs numpy. Takes under a second.

What is minimised. Quarter t is published as y_t = sum over s <= t of C[t][s] x_s + noise. One family enters one
quarter s, so it costs the squared length of column s; every column is kept at length 1. Decoding gives quarterly
estimates whose errors have covariance proportional to (C'C)^-1. What an error costs a reader is a quadratic form G:
a weight on single quarters (the rest of that weight on running totals), one on totals of a year, one on the total
at the end. We look for the C with trace(G (C'C)^-1) least, with every diagonal entry of X = C'C at most 1.

How. This is convex in X. Its dual has one weight p_t a quarter; for given p, with D = diag(sqrt p), the best X is
D^-1 (D G D)^(1/2) D^-1 up to scale, and at the optimum its diagonal is flat. So: take the diagonal of the root as
the next p until nothing moves. Any p gives a lower bound trace((D G D)^(1/2))^2 on what any matrix can reach, which
is the certificate printed in the heading. X then has exactly one factor C that is lower triangular with a positive
diagonal (Cholesky of the matrix read backwards): the optimum can be published quarter after quarter.
"""

import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "config" / "time_matrices"
DEFAULT = (24, 0.5, 0.06, 0.12, 12)
# One row of a yearly matrix is a year of the horizon: 24 quarters have 6 years, or up to 8 where the first is the
# opening position or they do not begin on 1 April.
SHIPPED = {"quarterly_24.txt": DEFAULT} | {f"yearly_{years}.txt": (years, 0.5, 0, 0.12, 12) for years in (6, 7, 8)}


def cost(quarters, quarterly, yearly, final):
    """G: what errors in the quarterly estimates cost, as a quadratic form."""
    running = np.tril(np.ones((quarters, quarters)))  # row t sums quarters 0..t
    years = [[1.0 if t // 4 == year else 0.0 for t in range(quarters)] for year in range(-(-quarters // 4))]
    years = np.array(years)  # blocks of four from the first quarter: horizons start on 1 April
    each = (quarterly * np.eye(quarters) + (1 - quarterly) * running.T @ running) / quarters
    return each + yearly / 2 * years.T @ years / len(years) + final / 2 * np.outer(running[-1], running[-1])


def root(matrix):
    """The symmetric square root, by eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def optimum(G):
    """C'C of the optimum with unit diagonal, and the bound that certifies it."""
    quarters = len(G)
    p = np.full(quarters, 1 / quarters)
    for _ in range(2000):
        d = np.sqrt(p)
        R = root(d[:, None] * G * d)
        step = np.diag(R) / np.trace(R)
        if np.abs(step / p - 1).max() < 1e-13:
            break
        p = step
    return R / np.outer(d, d) / np.trace(R), np.trace(R) ** 2


def integers(X, bits):
    """The lower-triangular factor in whole numbers, every column's squared length at most 4^bits."""
    backwards = np.linalg.cholesky(X[::-1, ::-1])
    C = backwards.T[::-1, ::-1]
    K = [[int(round(float(entry) * 2**bits)) for entry in row] for row in C]
    size = len(K)
    for s in range(size):
        # Rounding may have made the column longer than allowed; the diagonal gives way, in exact integers.
        while sum(K[t][s] ** 2 for t in range(size)) > 4**bits:
            K[s][s] -= 1
    return [row[: t + 1] for t, row in enumerate(K)]


def column_sum(K):
    """S: the largest column sum of squares, exactly."""
    return max(sum(row[s] ** 2 for row in K[s:]) for s in range(len(K)))


def best(quarters, quarterly, yearly, final, bits):
    """The matrix in whole numbers, its S, the bound, and how far its error is above the bound."""
    G = cost(quarters, quarterly, yearly, final)
    X, bound = optimum(G)
    K = integers(X, bits)
    S = column_sum(K)
    full = np.array([row + [0] * (len(K) - len(row)) for row in K], float)
    reached = np.trace(G @ np.linalg.inv(full.T @ full)) * S
    return K, S, bound, np.sqrt(reached / bound)


def text(K):
    """The rows as they are written."""
    return [" ".join(map(str, row)) for row in K]


def main(arguments):
    if arguments == ["--check"]:
        all_same = True
        for name, given in SHIPPED.items():
            K, S, _, above = best(*given)
            lines = (FOLDER / name).read_text().splitlines()
            same = text(K) == [line.strip() for line in lines if line and not line.startswith("#")]
            all_same &= same
            print(name, "the same" if same else "different", f"S = {S}, error over bound {above:.6f}")
        return 0 if all_same else 1
    given = (int(arguments[0]), *map(float, arguments[1:4]), int(arguments[4])) if arguments else DEFAULT
    K, S, bound, above = best(*given)
    print(f"# T = {given[0]}, S = {S}, bound {bound:.12f}, error over bound {above:.6f}")
    print("\n".join(text(K)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
