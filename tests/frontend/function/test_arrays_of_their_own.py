"""Arrays that are computed where a list, a tuple or a dictionary is made.

What is computed is a new array, also where its value is known under a name already, as
that of ``h * 1.0``: no later change of that one may reach it. Once the value was wrong.
Beside the function as Python runs it, and differences of high order.
"""

import numpy as np
import pytest

import adjoint
from tests.support_arrays import differences
from tests.support_functions import define

X = np.array([0.31, -0.72, 1.13])

#: How ``L`` is made of what ``h`` is, without holding ``h``; then ``h`` changes.
KEPT = {
    "append": "L = [v]\nL.append(h * 1.0)",
    "append of the plus of it": "L = [v]\nL.append(+h)",
    "append of a copy of another": "L = [v]\nL.append(np.asarray(h) * 1.0)",
    "append in a loop": "L = [v]\nfor k in range(3):\n    L.append(h * 1.0)\n    h += v",
    "a part of what is computed": "L = [v]\nL.append((h * 1.0)[:])",
    "a list of a part of it": "L = [(h * 1.0).T[::1], v]",
    "a part with a name": "g = (+h)[:]\nL = [v, g]",
    "plus and equals": "L = [v]\nL += [h * 1.0]",
    "extend": "L = [v]\nL.extend((h * 1.0, v))",
    "a sum of lists": "L = [v] + [h * 1.0]",
    "a product of a list": "L = [h * 1.0] * 2",
    "list of a tuple": "L = list((h * 1.0, v))",
    "tuple of a list": "L = tuple([h * 1.0, v])",
    "list of a generator": "L = list(q * 1.0 for q in (h, v))",
    "list of map": "L = list(map(lambda q: q * 1.0, (h, v)))",
    "a comprehension over what is computed": "L = [q for q in (h * 1.0, v)]",
    "dict": "L = dict(a=h * 1.0).values()",
    "a longer dictionary": "d = {'a': v}\nL = {**d, 'b': h * 1.0}.values()",
    "computed before": "g, h = h, np.sin(h)\nL = [v]\nL.append(np.sin(g))",
    "computed twice": "L = [v]\nL += [np.sin(x), np.sin(x)]\nh = L[1]",
    "computed twice, in turn": (
        "L = [v]\nL.append(np.sin(x))\nL.append(np.sin(x))\nh = L[1]"
    ),
}

#: How ``L`` holds ``h`` itself, which then changes in it as well.
HELD = {
    "append": "L = [v]\nL.append(h)",
    "plus and equals": "L = [v]\nL += [h]",
    "twice": "L = [v]\nL.extend((h, h))",
    "a product of a list": "L = [h] * 2",
    "a part of it": "L = [v, h[:]]",
    "a part of a sum of lists": "A, B = [h], [v]\nL = [(A + B)[0], v]",
}


@pytest.mark.parametrize("how", [*KEPT.values(), *HELD.values()])
@pytest.mark.parametrize("change", ["h *= 0.7", "h[1] = x[0] * x[2]"])
def test_what_is_put_into_a_list(how, change):
    lines = ["h, v, s = x * 2.0, np.cos(x), 0.0", *how.splitlines(), change]
    lines += ["for q in L:", "    s = s * 0.9 + np.sum(q * q * v)", "return s + h[0]"]
    text = "".join(f"    {line}\n" for line in lines)
    f = define(f"import numpy as np\n\n\ndef f(x):\n{text}")
    value, gradient = adjoint.value_and_grad(f, signature="x: float[:]")(X)
    assert value == f(X)
    expected = differences(f, (X,), 0)
    assert gradient == pytest.approx(expected, rel=1e-9, abs=1e-9)
