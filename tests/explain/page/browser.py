"""A headless Chromium, and the page in it as a person sees and uses it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from importlib.util import find_spec

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
DRIVER = shutil.which("chromedriver")

needed = pytest.mark.skipif(
    not (CHROMIUM and DRIVER and find_spec("selenium")),
    reason="Selenium, or Chromium with its chromedriver, is not installed",
)

#: Without these it does not run in a container, or asks for things on the network.
_FLAGS = """
--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
--disable-dev-shm-usage --disable-extensions --hide-scrollbars
""".split()


def start(profile: str):
    """A browser with a profile folder of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    return webdriver.Chrome(options=options, service=Service(DRIVER))


class Page:
    """A page that is open; what is done with it is done as by hand where that counts."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, fragment="", width=1280, height=900, dark=False):
        """Open a file at a size and in a colour scheme."""
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get("about:blank")
        self.driver.get(path.as_uri() + fragment)

    def command(self, name, arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def resize(self, width, height):
        size = dict(width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setDeviceMetricsOverride", size)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, id):
        return self.driver.find_element("id", id)

    def click(self, *ids):
        for id in ids:
            self.find(id).click()

    def press(self, *ids):
        """As `click`, but at once: where it is not the clicking that is tried."""
        for id in ids:
            self.run("document.getElementById(arguments[0]).click()", id)

    def pick(self, index):
        """Choose a function by the picker."""
        self.find("picker").find_elements("css selector", "option")[index].click()

    def type(self, field, text):
        """Put a text in the place of what a field holds."""
        self.run("arguments[0].select()", field)
        field.send_keys(text)

    def type_inputs(self, numbers: Sequence[float]):
        fields = self.driver.find_elements("css selector", "#sliders [type=number]")
        for field, number in zip(fields, numbers, strict=True):
            self.type(field, repr(number))

    def fill_inputs(self, numbers: Sequence[float]):
        """As `type_inputs`, but at once."""
        self.run(
            """
            const fields = document.querySelectorAll("#sliders [type=number]");
            arguments[0].forEach((number, k) => {
              fields[k].value = number;
              fields[k].dispatchEvent(new Event("input", { bubbles: true }));
            });""",
            [repr(number) for number in numbers],
        )

    def text(self, id):
        return self.run("return document.getElementById(arguments[0]).textContent", id)

    @property
    def marked(self):
        """The buttons that are marked as those that make sense next."""
        return self.run(
            "return [...document.querySelectorAll('button[aria-current]')].map(b => b.id)"
        )

    @property
    def nodes(self):
        """Of each node of the graph its name, and what is written of v and g."""
        rows = self.run("""
            const text = (group, kind) => group.querySelector("." + kind).textContent;
            return [...document.querySelectorAll("#drawing .node")].map((group) =>
              ["name", "v", "g"].map((kind) => text(group, kind)));""")
        return {
            name: (v.removeprefix("v "), g.removeprefix("g ")) for name, v, g in rows
        }

    @property
    def active(self):
        """The active node, and those that receive something."""
        return self.run("""
            const names = (kind) => [...document.querySelectorAll(`.node.${kind} .name`)]
              .map((name) => name.textContent);
            return [names("active"), names("receiving")];""")

    @property
    def lines(self):
        """The lines of the source that are highlighted."""
        found = self.run(
            "return [...document.querySelectorAll('.line.active')].map(l => l.textContent)"
        )
        return [line.strip() for line in found]

    @property
    def gradient(self):
        """The exact numbers of the gradient, None where they are blank."""
        cells = self.run(
            "return [...document.querySelectorAll('#partials .g')].map(c => c.dataset.number)"
        )
        return [None if cell is None else float(cell) for cell in cells]

    @property
    def inputs(self):
        """The numbers in the fields of the inputs."""
        return self.run(
            "return [...document.querySelectorAll('#sliders [type=number]')].map(f => f.value)"
        )

    @property
    def snapshot(self):
        """All that can be seen."""
        return self.run("""
            document.getElementById("spoken").textContent = "";
            return [document.querySelector("main").innerText,
              ...[...document.querySelectorAll("main input, main select")].map((f) => f.value),
              ...[...document.querySelectorAll(".node")].map((n) => [...n.classList].sort().join(" ")),
              ...[...document.querySelectorAll("button")].map((b) =>
                `${b.id} ${b.textContent} ${b.className} ${b.getAttribute("aria-disabled")}`),
              document.querySelectorAll("#plot .dot, #plot .arrow, #history .dot").length,
            ];""")

    @property
    def complaints(self):
        """What the browser has logged, and what was asked for besides the page."""
        found = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                ours = message["params"]["documentURL"].startswith("file:")
                address = message["params"]["request"]["url"]
                if ours and not address.startswith(("file:", "data:")):
                    found.append(address)
        return found
