import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.evaluate.normal import WAYS, checked, normal


@pytest.mark.parametrize(
    ("way", "given_text", "expected"),
    [
        ("unicode", "ﬁne\u00a0\uff11\uff12\u200b", "fine 12"),
        ("case", "STRASSE Straße ΣΊΣΥΦΟΣ", "strasse strasse σίσυφοσ"),
        ("punctuation", "“Well-known”, he said… ¿sí?", "Well known he said sí"),
        ("punctuation", "1,000.50 at 12:30, -5 to 3-4; a-5.", "1,000.50 at 12:30 -5 to 3-4 a 5"),
        ("punctuation", "句子。另一个\uff01", "句子 另一个"),
        ("space", "  a\t\n b\u2003c ", "a b c"),
    ],
)
def test_a_way_makes_texts_that_mean_the_same_the_same(way: str, given_text: str, expected: str) -> None:
    assert normal(given_text, [way]) == expected


@given(st.text())
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    once = normal(text, WAYS)
    assert normal(once, ["space"]) == once
    assert normal(once, ["punctuation"]) == once


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"])))
def test_words_and_numbers_are_kept(text: str) -> None:
    assert normal(text, ["punctuation"]) == text


def test_ways_are_given_by_name_and_done_in_one_order() -> None:
    assert checked(True) == ("unicode", "case", "punctuation", "space")
    assert checked(False) == ()
    assert checked("case") == ("case",)
    assert checked(["space", "case"]) == ("case", "space")


def test_an_unknown_way_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"normalise has no 'cases'; did you mean 'case'\?; it has unicode, case"):
        checked(["cases"])
