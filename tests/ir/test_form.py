"""Forms: how the flat results of a program are nested in what a function returns."""

from hypothesis import given
from hypothesis import strategies as st

from adjoint.ir.form import flattened, nested, size, text_of, tuple_of

items = st.recursive(
    st.integers().map(str), lambda inner: st.lists(inner).map(tuple), max_leaves=20
)


@given(items)
def test_nested_is_the_inverse_of_flattened(item):
    form, flat = flattened(item)
    assert nested(form, flat) == item
    assert size(form) == len(flat)


@given(items)
def test_text_is_that_of_python(item):
    assert text_of(item) == repr(item).replace("'", "")


def test_a_tuple_of_one_part_is_the_part_itself():
    assert tuple_of(1) is None
    assert tuple_of(1, (None, None)) == (None, None)
    assert tuple_of(2, tuple_of(3)) == ((None, None, None), (None, None, None))
