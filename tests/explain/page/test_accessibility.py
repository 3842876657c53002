"""The page for those who do not see it, or have no mouse, or a small screen."""

from pathlib import Path

import pytest

from adjoint.explain.page.assemble import DEMONSTRATION
from tests.explain.page import browser

pytestmark = browser.needed

SCREENS = Path(__file__).parents[3] / "build" / "screens"
SIZES = {"wide": (1280, 900), "narrow": (375, 812)}
SCHEMES = {"light": False, "dark": True}

#: The contrast of each text with what is behind it (WCAG 2.1, 1.4.3), where it is too low.
CONTRAST = """
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const fill = getComputedStyle(e).backgroundColor;
      const [r, g, b, a = 1] = numbers(fill);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) =>
      c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const hidden = element.closest("script, noscript, .unseen, .skipped, option");
    if (!own || hidden || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGElement;
    const box = drawn && element.closest(".node")?.querySelector("rect");
    const ground = box ? numbers(getComputedStyle(box).fill).slice(0, 3) : behind(element);
    const [a, b] = [numbers(drawn ? style.fill : style.color).slice(0, 3), ground].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([element.textContent.slice(0, 40), ratio]);
  }
  return found;
"""


def worked(p):
    p.press("forward", "step", "step", "step", "step")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_contrast(shown, scheme):
    p = shown(DEMONSTRATION[2], "log(x)", dark=SCHEMES[scheme])
    assert p.run(CONTRAST) == []
    worked(p)
    p.run("document.querySelector('.node').dispatchEvent(new Event('click'))")
    assert p.run(CONTRAST) == []
    p.press("all", "descend")
    assert p.run(CONTRAST) == []
    p.pick(1)
    p.type_inputs([-1.0])
    p.click("forward")
    assert p.find("trouble").text and p.run(CONTRAST) == []


def test_every_control_has_a_name_and_a_role(shown):
    p = shown(*DEMONSTRATION)
    controls = p.driver.find_elements("css selector", "button, input, select, .node")
    assert len(controls) > 20
    for control in controls:
        assert control.accessible_name, control.get_attribute("outerHTML")
    roles = {control.aria_role for control in controls}
    assert roles <= {"button", "slider", "spinbutton", "combobox", "listbox"}
    names = [c.accessible_name for c in controls if c.tag_name != "g"]
    assert len(names) == len(set(names))


def test_the_structure_of_the_document(shown):
    p = shown(*DEMONSTRATION)
    assert p.run("return document.documentElement.lang") == "en"
    assert p.run("return document.title")
    levels = p.run(
        "return [...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName)"
    )
    assert levels[0] == "H1" and set(levels[1:]) == {"H2"}
    for tag in ("header", "main", "footer"):
        assert p.run("return document.querySelectorAll(arguments[0]).length", tag) == 1
    ids = p.run("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    refer = p.run(
        """return [...document.querySelectorAll("[aria-labelledby],[aria-describedby],[for]")]
        .flatMap((e) => ["aria-labelledby", "aria-describedby", "for"].map((a) => e.getAttribute(a)))
        .filter(Boolean)"""
    )
    assert set(refer) <= set(ids)


def test_each_step_is_spoken(shown):
    p = shown("(x1 - x2)**2 + cos(x1 + x2)")
    spoken = p.find("spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    p.click("step")
    assert "Press Forward first" in p.text("spoken")
    p.click("forward")
    assert p.text("spoken") == "Values computed: f is 0.0100075."
    p.click("step", "step")
    assert p.text("spoken") == (
        "Node 2 of 5: t2, adjoint 1. t1 receives 1 × (−2) = −2; g(t1): nothing yet, now −2."
    )
    p.click("all")
    assert "The gradient is −2.14112 by x1 and 1.85888 by x2." in p.text("spoken")
    node = p.driver.find_elements("css selector", ".node")[2]
    assert node.accessible_name == "t1 = x1 − x2, value −1, adjoint −2"


def test_everything_by_the_keyboard(shown):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    p = shown("x*y + sin(x)", "x*y")

    def press(*keys):
        for key in keys:
            ActionChains(p.driver).send_keys(key).perform()

    def focused():
        return p.run(
            """const e = document.activeElement;
            return e.id || e.dataset.node || e.getAttribute("aria-label") || e.tagName"""
        )

    order = []
    for _ in range(40):
        press(Keys.TAB)
        if focused() in ("BODY", "HTML") or focused() in order:
            break
        outline = p.run("""const e = document.activeElement;
            const seen = e.classList.contains("node") ? e.querySelector("rect") : e;
            const style = getComputedStyle(seen);
            return style.outlineStyle !== "none" || style.strokeWidth !== "1px" """)
        assert outline, f"the focus on {focused()} is not seen"
        order.append(focused())
    wanted = "share theme picker forward step back play all reset 0".split()
    wanted += ["input-0", "x, as a number", "input-1", "y, as a number"]
    wanted += "python across up rate rate-number descend run clear".split()
    assert [one for one in order if one in wanted] == wanted
    p.run("document.getElementById('forward').focus()")
    press(Keys.ENTER)
    p.run("document.getElementById('step').focus()")
    press(Keys.SPACE)
    assert p.text("progress-text") == "1 of 3 nodes" and focused() == "step"
    p.run("document.querySelector('.node').focus()")
    press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert focused() == "2" and p.find("selected").text.startswith("t1 = x·y, value 2")
    press(Keys.END)
    assert focused() == "4"
    press(Keys.HOME)
    assert focused() == "0"


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_is_wider_than_the_screen(shown, width):
    long = "sin(alpha_of_the_first)*exp(-beta_of_the_second**2/(2*gamma_of_the_third))"
    p = shown(DEMONSTRATION[1], long, width=width)
    for index in (0, 1):
        p.pick(index)
        p.press("forward", "step", "step", "all", "descend")
        wide = "return document.documentElement.scrollWidth - innerWidth"
        assert p.run(wide) <= 0
    small = p.run(
        """return [...document.querySelectorAll("button, select, [type=number]")]
        .map((e) => e.getBoundingClientRect()).filter((r) => r.height && r.height < 30).length"""
    )
    assert small == 0


def test_the_colours_can_be_chosen(shown):
    p = shown("x*x")
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = p.run(ground)
    p.click("theme", "theme")
    dark = p.run(ground)
    assert dark != light and p.find("theme").text == "Dark"
    p.click("theme")
    assert p.run(ground) == light


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_pictures_for_people(shown, size, scheme):
    width, height = SIZES[size]
    p = shown(*DEMONSTRATION, width=width, height=height, dark=SCHEMES[scheme])
    p.pick(2)
    SCREENS.mkdir(parents=True, exist_ok=True)
    for name, buttons in [
        ("begin", []),
        ("step", ["forward", "step", "step", "step", "step"]),
        ("descent", ["all", *["descend"] * 4]),
    ]:
        p.press(*buttons)
        p.resize(width, p.run("return document.documentElement.scrollHeight"))
        path = SCREENS / f"{name}-{size}-{scheme}.png"
        assert p.driver.save_screenshot(str(path)) and path.stat().st_size > 10_000
        p.resize(width, height)
