"""The page in a real browser, by its controls: what is shown, step by step."""

import math
import random
import time
from pathlib import Path

import pytest

import adjoint
from adjoint.explain.page.assemble import DEMONSTRATION
from adjoint.frontend.read import read
from tests.explain.page import browser
from tests.support import examples, load_formulas
from tests.support_javascript import close

pytestmark = browser.needed

WORKED = "(x1 - x2)**2 + cos(x1 + x2)"


def python_gradient(source, point):
    partials = adjoint.grad(source)(*point)
    return list(partials) if isinstance(partials, tuple) else [partials]


# -- the walkthrough

#: What the design says of its worked example: the node that is visited, and what its
#: operands have then.
STEPS = [
    ("y", {"y": "1", "t2": "1", "t4": "1"}, "# reverse sweep"),
    ("t2", {"t1": "−2"}, "t1_bar = 2.0 * t1"),
    ("t4", {"t3": "−0.14112"}, "t2_bar = -sin(t2)"),
    ("t1", {"x1": "−2 …", "x2": "2 …"}, "return y, "),
    ("t3", {"x1": "−2.14112", "x2": "1.85888"}, "return y, "),
]
VALUES = {"x1": "1", "x2": "2", "t1": "−1", "t2": "1", "t3": "3"}
VALUES |= {"t4": "−0.989992", "y": "0.0100075"}


def test_the_worked_example_step_by_step(shown):
    p = shown(WORKED)
    assert p.marked == ["forward"] and p.gradient == [None, None]
    assert set(p.nodes.values()) == {("", "")}
    p.click("forward")
    assert {name: v for name, (v, _) in p.nodes.items()} == VALUES
    assert {g for _, g in p.nodes.values()} == {""}
    assert "t1 = x1 - x2" in p.lines and "y = t1 * t1 + cos(t2)" in p.lines
    expected = dict.fromkeys(VALUES, "")
    texts = []
    for k, (node, arrived, line) in enumerate(STEPS, 1):
        assert p.marked == ["step"] and p.gradient == [None, None]
        p.click("step")
        expected |= arrived
        assert {name: g for name, (_, g) in p.nodes.items()} == expected
        active, receiving = p.active
        assert active == [node] and set(receiving) == set(arrived) - {"y"}
        assert p.text("progress-text") == f"{k} of 5 nodes"
        assert len(p.lines) == 1 and p.lines[0].startswith(line)
        texts.append(p.text("now"))
    assert "g(t2) × ∂t2/∂t1 = 1 × (2·t1 = −2) = −2" in texts[1]
    assert "g(x1): nothing yet, now −2, 1 still to come" in texts[3]
    assert "g(x1): −2 so far + (−0.14112) = −2.14112, complete" in texts[4]
    assert "g(x2): 2 so far + (−0.14112) = 1.85888, complete" in texts[4]
    exact = [-2 - math.sin(3), 2 - math.sin(3)]
    assert all(close(a, b, 1e-15) for a, b in zip(p.gradient, exact, strict=True))
    assert p.marked == ["descend"]
    for text in reversed(texts[:-1]):
        p.click("back")
        assert p.text("now") == text
    p.click("back", "back")
    assert set(p.nodes.values()) == {("", "")} and p.marked == ["forward"]


def test_central_differences_stand_beside_the_gradient(shown):
    p = shown(WORKED)
    p.click("forward", "all")
    rows = [row.split() for row in p.find("partials").text.splitlines()]
    assert [row[0] for row in rows] == ["x1", "x2"]
    for _, exact, central, error in rows:
        assert exact == central and 0 <= float(error.replace("−", "-")) < 1e-8


def test_play_goes_to_the_end_and_pauses(shown):
    p = shown("x*sin(x)")
    p.click("play")
    assert p.marked == ["play"] and p.find("play").text == "Pause"
    p.click("play")
    assert p.find("play").text == "Play" and p.gradient == [None]
    p.click("play")
    wait_until(lambda: p.gradient != [None])
    assert p.find("play").text == "Play"


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


# -- functions and inputs


def test_the_picker_and_the_demonstration(shown):
    p = shown(*DEMONSTRATION)
    for index, formula in enumerate(DEMONSTRATION):
        p.pick(index)
        assert p.marked == ["forward"] and p.gradient == [None, None]
        p.click("forward", "all")
        expected = python_gradient(formula, (1.0, 2.0))
        assert all(close(a, b) for a, b in zip(p.gradient, expected, strict=True))


def test_sliders_and_number_fields(shown):
    from selenium.webdriver.common.keys import Keys

    p = shown("x^2+z^2")
    p.click("forward", "all")
    assert p.gradient == [2, 4]
    slider = p.find("input-0")
    slider.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert close(p.gradient[0], 2.04) and p.inputs == ["1.02", "2"]
    slider.send_keys(Keys.END)
    assert p.gradient == [6, 4]
    slider.send_keys(Keys.HOME)
    assert p.gradient == [-6, 4]
    p.type_inputs([0.25, -1e3])
    assert p.gradient == [0.5, -2000] and p.nodes["x"][0] == "0.25"
    field = p.driver.find_elements("css selector", "#sliders [type=number]")[0]
    p.type(field, "-")
    assert field.get_attribute("aria-invalid") == "true" and p.gradient[0] == 0.5
    field.send_keys(Keys.TAB)
    assert field.get_attribute("value") == "0.25"


TEN = [
    "I.6.2b",
    "I.9.18",
    "I.15.3x",
    "I.29.16",
    "I.30.5",
    "I.32.17",
    "I.40.1",
    "I.50.26",
]
TEN += ["II.35.21", "III.4.33"]


def test_ten_formulas_of_the_table_give_pythons_gradient(shown):
    cases = [case for case in load_formulas() if case.id in TEN]
    assert len(cases) == 10
    p = shown(*[case.formula for case in cases])
    for index, case in enumerate(cases):
        names = read(case.formula).parameter_names
        source = random.Random(case.id)
        point = [round(source.uniform(*case.ranges[name]), 2) for name in names]
        p.pick(index)
        p.fill_inputs(point)
        assert [float(number) for number in p.inputs] == point
        p.press("forward", "all")
        expected = python_gradient(case.formula, point)
        assert all(close(a, b) for a, b in zip(p.gradient, expected, strict=True))


def test_a_branch_follows_the_inputs(shown):
    p = shown("x*y if x > 0 else sqrt(y) + y")
    p.click("forward", "all")
    assert p.gradient == [2, 1] and p.nodes["t3"] == ("", "")
    p.type_inputs([-1.0, 4.0])
    assert p.gradient == [0, 1.25] and p.nodes["t2"] == ("", "")
    assert p.nodes["t1"][0] == "False"


def test_where_there_is_no_number_it_says_so(shown):
    p = shown("log(x) + 1/y")
    p.type_inputs([-1.0, 2.0])
    p.click("forward")
    assert "log(x) has no finite value for x = −1" in p.find("trouble").text
    assert p.marked == ["reset"] and p.nodes["t1"][0] == "nan"
    p.click("step", "all")
    assert p.gradient == [None, None]
    p.type_inputs([2.0, 0.0])
    assert "has no finite value for y = 0 (here it is ∞" in p.find("trouble").text
    p.type_inputs([2.0, 0.5])
    assert p.find("trouble").text == "" and p.marked == ["step"]
    p.click("all")
    assert p.gradient == [0.5, -4]


def test_exceptions_of_the_users_own_are_shown(shown, tmp_path):
    path = tmp_path / "guarded.py"
    path.write_text(
        "def f(x: float, y: float):\n    if x < 0:\n"
        "        raise ValueError('negative')\n    return x*y\n"
    )
    p = shown(f"{path}:f")
    p.click("forward", "all")
    assert p.gradient == [2, 1]
    p.type_inputs([-1.0, 2.0])
    assert 'The function raises ValueError("negative") here.' in p.find("trouble").text
    assert p.gradient == [None, None] and p.marked == ["reset"]


def test_an_infinite_derivative_is_shown(shown):
    p = shown("sqrt(x)")
    p.type_inputs([0.0])
    p.click("forward", "all")
    assert p.gradient == [math.inf] and "∞" in p.text("now")
    p.click("descend")
    assert "not finite" in p.text("preview")


# -- gradient descent


def history(p):
    """The values by iteration, as the address of the page repeats them."""
    return p.run("return document.querySelectorAll('#history .dot').length")


def value_of(p):
    return float(p.nodes["y"][0].replace("−", "-"))


def test_descent_goes_downhill(shown):
    p = shown("(x-z)^2+cos(x+z)")
    p.click("forward", "all")
    before = value_of(p)
    assert p.run("return document.querySelectorAll('#plot .arrow').length") == 1
    for k in range(1, 6):
        foreseen = p.text("preview").split("→ ")[1]
        p.click("descend")
        assert p.nodes["y"][0] == foreseen and value_of(p) < before
        assert history(p) == k + 1 and p.marked == ["descend"]
        before = value_of(p)
    p.click("run")
    assert p.marked == ["run"] and p.find("run").text == "Pause"
    wait_until(lambda: history(p) > 12)
    p.click("run")
    assert value_of(p) < before
    count = history(p)
    time.sleep(0.3)
    assert history(p) == count
    p.click("clear")
    assert history(p) == 0
    # near a minimum: cos'(x + z) = 0 where x = z and x + z = pi
    assert abs(value_of(p) + 1) < 0.05


def test_the_step_size(shown):
    p = shown("x^2+z^2")
    p.click("forward", "all")
    p.type(p.find("rate-number"), "0.25")
    p.click("descend")
    assert p.inputs == ["0.5", "1"]
    p.type(p.find("rate-number"), "7")  # not between 0.001 and 1
    p.click("descend")
    assert p.inputs == ["0.25", "0.5"]


def test_two_of_three_inputs_are_plotted(shown):
    p = shown("x*x + 2*y*y + z*z")
    assert "held: z" in p.text("held")
    p.find("up").find_elements("css selector", "option")[2].click()
    assert "held: y" in p.text("held")
    p.find("across").find_elements("css selector", "option")[
        2
    ].click()  # they change places
    assert p.run("return [across.value, up.value]") == ["2", "0"]


def test_a_function_of_one_input_is_drawn_as_a_curve(shown):
    p = shown("x*x - x")
    p.click("forward", "all", "descend")
    assert p.run("return document.querySelectorAll('#plot .curve').length") == 1
    assert history(p) == 2


@pytest.mark.parametrize("formula", ["f(x) = x", "f(x, y) = 3", "f(x, y) = x"])
def test_functions_without_operations(shown, formula):
    p = shown(formula)
    p.click("forward")
    expected = python_gradient(formula, [1.0, 2.0][: formula.count(",") + 1])
    assert p.gradient == expected


# -- the address


def test_an_address_holds_a_moment(shown):
    p = shown(*DEMONSTRATION)
    p.pick(2)
    p.type_inputs([0.5, -1.25])
    p.click("forward", "step", "step")
    p.type(p.find("rate-number"), "0.05")
    p.run("document.activeElement.blur()")
    seen = p.snapshot
    wait_until(lambda: "step=3&rate=0.05&" in p.driver.current_url)
    address = p.driver.current_url
    p.driver.get("about:blank")
    p.driver.get(address)
    assert p.snapshot == seen
    p.click("all", "descend", "descend")
    wait_until(lambda: p.driver.current_url.count(";") == 2)
    seen, address = p.snapshot, p.driver.current_url
    p.driver.get("about:blank")
    p.driver.get(address)
    assert p.snapshot == seen


WRONG = [
    "#f=9&at=1,2",
    "#at=1",
    "#at=a,b&step=-1&rate=5&axes=0,0",
    "#%%%&&=&f",
    "#step=1e9",
]


@pytest.mark.parametrize("fragment", WRONG)
def test_a_wrong_address_is_as_none(shown, fragment):
    p = shown(*DEMONSTRATION, fragment=fragment)
    assert p.marked == ["forward"] and p.inputs == ["1", "2"]


# -- reset


def snapshots(p, count):
    """What each function looks like at the beginning."""
    found = []
    for index in range(count):
        p.pick(index)
        found.append(p.snapshot)
    return found


#: Presses buttons, types into fields, chooses and selects, at random.
WALK = """
  const [seed, count] = arguments;
  let x = seed;
  const random = (n) => { x = (x * 48271) % 2147483647; return x % n; };
  const visible = (e) => e.offsetParent !== null;
  for (let i = 0; i < count; i++) {
    const buttons = [...document.querySelectorAll("main button")].filter(visible);
    const fields = [...document.querySelectorAll("main input")];
    const selects = [...document.querySelectorAll("main select")].filter(visible);
    const what = random(10);
    if (what < 6) buttons[random(buttons.length)].click();
    else if (what < 8) {
      const field = fields[random(fields.length)];
      field.focus();
      field.value = ["", "0", "-2.5", "1e9", "1e308", "-1", "0.001", "3"][random(8)];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (what < 9) {
      const select = selects[random(selects.length)];
      select.selectedIndex = random(select.options.length);
      select.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
      const nodes = [...document.querySelectorAll(".node")];
      nodes[random(nodes.length)].dispatchEvent(new Event("click"));
    }
  }
"""


def test_reset_returns_from_everywhere(shown):
    sources = [DEMONSTRATION[1], "log(x)/y + sqrt(z)", "x if x > 0 else exp(x*x)"]
    p = shown(*sources)
    beginnings = snapshots(p, len(sources))
    for seed in range(1, 1 + examples(7)):
        p.run(WALK, seed, 40)
        p.click("reset")
        picked = int(p.run("return document.getElementById('picker').value"))
        assert p.snapshot == beginnings[picked], seed
        assert p.marked == ["forward"]


def test_the_page_of_the_examples(shown):
    p = shown("x")
    p.open(Path(__file__).parents[3] / "examples" / "page.html")
    p.click("forward", "all")
    exact = [-2 - math.sin(3), 2 - math.sin(3)]
    assert all(close(a, b) for a, b in zip(p.gradient, exact, strict=True))
