"""Matches the records that bench_matching wrote with the Python package splink, and measures it the same way.

    cargo run -p tenfold-tests --bin bench_matching -- --records 200000 --out /tmp/records
    python -m venv venv && venv/bin/pip install splink==5.0.0 pandas
    venv/bin/python tests/oracle/splink_compare.py /tmp/records/records_50.csv

The truth is used for measuring only. Several thresholds are tried and the best for splink is reported too.
"""

import resource
import sys
import time
from collections import Counter

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

records = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False).replace("", None)
for column in ("given", "surname"):
    records[column] = records[column].str.lower().str.replace("'", "").str.replace("-", " ")
records["born_text"] = records["born"]
records["initial"] = records["given"].str[0]
records["year"] = records["born"].str[:4]
records["sex"] = records["sex"].replace("not-known", None)


def quality(found: pd.Series, truth: pd.Series) -> tuple[float, float, float]:
    def pairs(groups) -> float:
        return sum(n * (n - 1) // 2 for n in Counter(groups).values())

    both = pairs(zip(found, truth))
    precision, recall = both / pairs(found), both / pairs(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


began = time.time()
settings = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="unique_id",
    blocking_rules_to_generate_predictions=[
        block_on("nhs"),
        block_on("upn"),
        block_on("ni"),
        block_on("case_id"),
        block_on("born"),
        block_on("given", "surname"),
        block_on("substr(surname,1,4)", "substr(given,1,3)", "year"),
        block_on("postcode", "initial"),
        block_on("property", "year"),
    ],
    comparisons=[
        cl.JaroWinklerAtThresholds("given", [0.92, 0.82]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("surname", [0.92, 0.85]).configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("born_text", input_is_string=True),
        cl.ExactMatch("sex"),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        cl.ExactMatch("nhs"),
        cl.ExactMatch("upn"),
        cl.ExactMatch("ni"),
        cl.ExactMatch("case_id"),
    ],
)
linker = Linker(DuckDBAPI().register(records), settings)
rules = [block_on("nhs"), block_on("upn"), block_on("ni"), block_on("given", "surname", "born")]
linker.training.estimate_probability_two_random_records_match(rules, recall=0.75)
linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("born"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("given", "surname"))
pairs = linker.inference.predict(threshold_match_probability=0.05)
truth = records.set_index("unique_id")["person"]
best = None
for threshold in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999):
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
    found = clusters.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
    precision, recall, f1 = quality(found.loc[truth.index], truth)
    print(f"from {threshold}: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    if best is None or f1 > best[1]:
        best = (threshold, f1)
print(f"best: F1 {best[1]:.4f} from {best[0]}")
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{time.time() - began:.1f} s, {memory} MiB at most")
