"""Hold Tenfold's ε against Google's dp-accounting, an independent implementation of privacy loss distributions.

    tenfold-aggregator plan --rho 0.25 --json            shows the ε that is compared
    python3 tests/oracle/accounting.py                   compares at every profile, prints a table; exit code 1 on failure
    python3 tests/oracle/accounting.py PROGRAM           the same with another build of tenfold-aggregator

Needs `pip install dp-accounting`. Takes about a minute.

For each ρ the privacy loss distribution is made three ways, pessimistically discretised (an upper bound) and
optimistically (a lower bound):
  one       a single Gaussian mechanism of that ρ: sensitivity 1, σ = 1/√(2ρ);
  streamed  a whole horizon: the dearest column of the shipped time matrix, one Gaussian mechanism a quarter;
  discrete  the discrete Gaussian on integers at a small scale, as often as gives that ρ: four quarters of σ.
What Tenfold shows (any mechanism of this ρ) must not be below the largest of them, nor more than 15 % above. What it
shows for its own noise must lie between the bounds of the first.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

from dp_accounting.pld import privacy_loss_distribution as pld

ROOT = Path(__file__).resolve().parents[2]
MATRIX = ROOT / "config" / "time_matrices" / "quarterly_24.txt"
DELTA = 1e-6
PROFILES = ("0.1", "0.25", "0.5")
GRID = 1e-4


def gaussian(sensitivity, sigma, pessimistic=True):
    return pld.from_gaussian_mechanism(
        sigma,
        sensitivity=sensitivity,
        value_discretization_interval=GRID,
        pessimistic_estimate=pessimistic,
        use_connect_dots=pessimistic,  # the other way has no lower bound
    )


def streamed(rho):
    """The losses of one family over the horizon: Σ C[t][s]²/S = 1 for the dearest column s."""
    rows = [list(map(int, line.split())) for line in MATRIX.read_text().splitlines() if line and line[0] != "#"]
    columns = [[row[s] for row in rows[s:]] for s in range(len(rows))]
    dearest = max(columns, key=lambda column: sum(entry * entry for entry in column))
    length = math.sqrt(sum(entry * entry for entry in dearest))
    sigma = 1 / math.sqrt(2 * rho)
    # From the dearest quarter on; quarters of little weight are composed all the same.
    whole = None
    for entry in dearest:
        one = gaussian(entry / length, sigma)
        whole = one if whole is None else whole.compose(one)
    return whole


def discrete(rho, quarters=4):
    sigma = math.sqrt(quarters / (2 * rho))
    one = pld.from_discrete_gaussian_mechanism(sigma, sensitivity=1, value_discretization_interval=GRID)
    return one.self_compose(quarters)


def shown(program, rho):
    plan = json.loads(subprocess.run([program, "plan", "--rho", rho, "--json"], check=True, capture_output=True).stdout)
    # What is compared is the ε of the streams' shares together, as the command shows it.
    return plan["epsilon"], plan["epsilon_of_this_noise"], plan["charged"]


def main(arguments):
    program = arguments[0] if arguments else str(ROOT / "target" / "debug" / "tenfold-aggregator")
    sound = True
    print("total ρ   charged ρ  PLD one (low–high)   streamed  discrete   shown   above PLD   for this noise")
    for profile in PROFILES:
        epsilon, exact, charged = shown(program, profile)
        rho = float(charged)
        high, low = (gaussian(1, 1 / math.sqrt(2 * rho), p).get_epsilon_for_delta(DELTA) for p in (True, False))
        others = [make(rho).get_epsilon_for_delta(DELTA) for make in (streamed, discrete)]
        above = epsilon / max(high, *others) - 1
        good = 0 <= above <= 0.15 and low - 1e-3 <= exact <= high + 1e-3
        sound &= good
        print(
            f"{profile:8s}  {rho:9.6f}  {low:8.5f}–{high:8.5f}  {others[0]:9.5f} {others[1]:9.5f}  {epsilon:7.5f}"
            f"  {100 * above:8.2f} %  {exact:9.5f}  {'' if good else 'FAILS'}"
        )
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
