"""What is known never to run: nothing of it stays in the generated code."""

import adjoint


def never(x):
    y = 2 * x
    while False:
        y = y**5
    k = 0
    while k > 0:
        y = y**5
        k -= 1
    else:
        y = y * x
    if False:
        y = y**5
    for _ in range(3, 1):
        y = y**5
    for i in range(2):
        while i > 5:
            y = y**5
    return y


def test_loops_and_branches_whose_first_test_fails_are_left_out():
    d = adjoint.value_and_grad(never)
    code = d.source.split('"""')[2]
    assert not any(word in code for word in ("while ", "for ", "if ", "**", "saved"))
    assert d(3.0) == (never(3.0), 12.0)  # 2*x**2
    assert d.check()


def once(x, n: int):
    y = x
    for _ in range(n):
        left = 0
        while left < 1:  # known to begin
            y = y * x
            left += 1
        while left < 0:  # and not to, but only when it runs
            y = y**5
    return y


def test_a_loop_that_begins_stays():
    d = adjoint.value_and_grad(once)
    assert d(1.5, 3) == (1.5**4, 4 * 1.5**3)
    assert d.check()
