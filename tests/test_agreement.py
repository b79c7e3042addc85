"""Agreement of reviewers, against tables worked out by hand and in print."""

import math

import numpy as np
import pytest

from app.review import agreement, standing
from tests.many_reviewers import verdict


def items(*rows: str) -> list[dict[str, str]]:
    """Return one item a column of the rows, one row a reviewer; a dot is no verdict."""
    return [{str(n): said for n, said in enumerate(column) if said != "."} for column in zip(*rows, strict=True)]


# twenty times both yes, fifteen times both no, five and ten times apart: 0.7 seen, 0.5 by chance
TWO = items("y" * 20 + "y" * 5 + "n" * 10 + "n" * 15, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
# Krippendorff's own example of four observers and twelve units; one unit has a single value
FOUR = items("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def test_two_reviewers_agree_as_the_table_says():
    assert agreement.percent(TWO) == 70
    assert agreement.cohen(TWO, "0", "1") == pytest.approx(0.4)
    chance = (0.55**2) + (0.45**2)  # Fleiss takes both from one urn
    assert agreement.fleiss(TWO) == pytest.approx((0.7 - chance) / (1 - chance))


def test_two_reviewers_agree_as_a_package_of_statistics_has_it():
    metrics = pytest.importorskip("sklearn.metrics")
    drawn = np.random.default_rng(1).choice(list("abc"), (2, 200), p=(0.6, 0.3, 0.1))
    both = items(*("".join(row) for row in drawn))
    assert agreement.cohen(both, "0", "1") == pytest.approx(metrics.cohen_kappa_score(*drawn))


def test_fourteen_reviewers_of_ten_items_agree_as_fleiss_has_it():
    table = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    each = [dict(enumerate(c for c, n in zip("abcde", row, strict=True) for _ in range(n))) for row in table]
    assert agreement.fleiss(each) == pytest.approx(0.210, abs=5e-4)


def test_four_reviewers_with_gaps_agree_as_krippendorff_has_it():
    assert agreement.krippendorff(FOUR) == pytest.approx(0.743, abs=5e-4)
    assert len(agreement.shared(FOUR)) == 11


def test_what_is_not_defined_is_no_number():
    same = items("yyy", "yyy")
    assert agreement.percent(same) == 100
    assert all(math.isnan(one) for one in (agreement.cohen(same, "0", "1"), agreement.fleiss(same)))
    assert math.isnan(agreement.krippendorff(same)) and math.isnan(agreement.percent([]))
    assert all(math.isnan(end) for end in agreement.interval(TWO[:1], agreement.percent))


def test_an_interval_holds_the_measure_and_narrows_with_more_items():
    low, high = agreement.interval(TWO, agreement.krippendorff)
    assert low < agreement.krippendorff(TWO) < high
    wide = high - low
    low, high = agreement.interval(TWO * 4, agreement.krippendorff)
    assert high - low < wide


@pytest.mark.parametrize("table", [TWO, FOUR], ids=["two", "four"])
def test_measures_of_drawn_items_are_the_measures_of_the_items_so_drawn(table):
    drawn = np.random.default_rng(3).multinomial(len(table), [1 / len(table)] * len(table), 20).astype(float)
    repeated = [[one for one, n in zip(table, row, strict=True) for _ in range(int(n))] for row in drawn]
    counts = agreement._counts(table)
    for fast, slow in ((agreement._percents, agreement.percent), (agreement._krippendorffs, agreement.krippendorff)):
        assert fast(drawn, counts) == pytest.approx([slow(one) for one in repeated], nan_ok=True)
    assert agreement._fleisses(np.ones((1, len(table))), counts) == pytest.approx(agreement.fleiss(table))


def test_the_interval_of_cohens_kappa_is_about_what_the_delta_method_gives():
    """Fleiss, Cohen and Everitt (1969): the standard error of the table of TWO is 0.1275 for seen 0.7, chance 0.5."""
    low, high = agreement.cohen_interval(TWO, "0", "1")
    assert low < 0.4 < high and (high - low) / (2 * 1.96) == pytest.approx(0.1275, rel=0.1)
    assert all(math.isnan(one) for one in agreement.cohen_interval(TWO[:1], "0", "1"))


def test_only_what_counts_is_compared_and_an_earlier_editions_words_mean_what_they_meant():
    said = [
        verdict(reviewer="Bo", verdict="confirmed"),
        verdict(reviewer="A", verdict="landslide"),
        verdict(reviewer="A", verdict="cloud"),  # older
        verdict(reviewer="A", verdict="cloud", event="2"),
    ]
    found = agreement.rated(standing(said))
    assert [one for one in found.values() if len(one) > 1] == [{"Bo": "confirmed", "A": "confirmed"}]
    told = agreement.summary(list(found.values()))
    assert (told["reviewers"], told["items"], told["percent"]) == (["A", "Bo"], 1, 100)
