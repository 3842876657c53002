"""One browser for all tests of a process, and pages to open in it."""

import pytest

from adjoint.explain.page.assemble import page
from adjoint.frontend.read import read
from tests.explain.page import browser


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    started = browser.start(str(tmp_path_factory.mktemp("profile")))
    yield started
    started.quit()


@pytest.fixture
def shown(driver, tmp_path):
    """Opens a page of some sources; no test may leave a complaint of the browser."""
    one = browser.Page(driver)

    def show(*sources, fragment="", point=None, ranges=None, **view):
        path = tmp_path / "page.html"
        programs = [read(source) for source in sources]
        path.write_text(page(programs, point, ranges), encoding="utf-8")
        one.open(path, fragment, **view)
        return one

    one.driver.get_log("browser")
    one.driver.get_log("performance")
    yield show
    assert one.complaints == []
