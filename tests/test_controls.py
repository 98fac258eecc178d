"""Each control of each widget in the built book, moved by keyboard: what changes is right by its data."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from browser import visit

HTML = Path(__file__).parents[1] / "_build/html"
VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]'
STATE = 'script[type="application/vnd.jupyter.widget-state+json"]'
PAGES = sorted(path for path in (HTML / "notebooks").glob("*.html") if VIEW.split('"')[1] in path.read_text(encoding="utf-8"))

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def test_every_lesson_of_the_book_has_widgets_to_move():
    lessons = sorted((HTML.parents[1] / "notebooks").glob("[0-9][0-9]-*.ipynb"))
    assert [path.stem for path in PAGES] == [path.stem for path in lessons], "build the book first: make book SERVE=0"


@pytest.fixture
def opened(chromium, path):
    with visit(chromium, path.as_uri()) as seen:
        yield seen
        assert seen.complaints == []


def states(page: Page) -> dict[str, dict]:
    """The saved state of each widget that has a name or a title, by title."""
    saved = json.loads(page.locator(STATE).first.text_content())["state"]
    return {state["title"]: state for state in (model["state"] for model in saved.values()) if state.get("title")}


def widgets(page: Page, kind: str) -> list[Locator]:
    return page.locator(f".aras-{kind}").all()


def state_of(widget: Locator) -> dict:
    return states(widget.page)[widget.locator(".aras-title").text_content()]


def said(widget: Locator) -> str:
    return widget.locator("[role=status]").text_content()


def press_to(page: Page, control: Locator, key: str, times: int) -> None:
    control.focus()
    for _ in range(times):
        page.keyboard.press(key)


def set_control(widget: Locator, index: int, control: Locator) -> None:
    """Bring a range or a select to a position with the keys a reader has."""
    press_to(widget.page, control, "Home", 1)
    press_to(widget.page, control, "ArrowRight" if control.evaluate("node => node.type") == "range" else "ArrowDown", index)


@each_page
def test_an_explorer_shows_for_each_choice_its_own_picture_words_and_row(opened):
    for widget in widgets(opened.page, "explorer"):
        state = state_of(widget)
        controls = widget.locator("input[type=range], select").all()
        assert len(controls) == len(state["controls"])
        for key, frame in state["frames"].items():
            for index, control in zip(map(int, key.split(",")), controls, strict=True):
                set_control(widget, index, control)
            assert said(widget) == frame["says"]
            picture = widget.locator("img.aras-picture")
            assert picture.get_attribute("alt") == frame["alt"]
            picture.evaluate("node => node.decode()")
            assert picture.evaluate("node => node.naturalWidth") > 300
            current = widget.locator("tr.aras-current > *").all_text_contents()
            assert current == ["–" if cell is None else _as_text(cell) for cell in frame["row"].values()]


def _as_text(value: object) -> str:
    # JavaScript writes a whole number without a point.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@each_page
def test_a_map_shows_at_each_step_the_status_that_its_table_holds(opened):
    for widget in widgets(opened.page, "atlas"):
        drawing = state_of(widget)["drawing"]
        if len(drawing["steps"]) < 2:
            continue
        slider = widget.locator("input[type=range]")
        for number, step in enumerate(drawing["steps"]):
            set_control(widget, number, slider)
            assert step["says"] in said(widget)
            assert step["date"] in slider.get_attribute("aria-valuetext")
            if step["precision"] and step["precision"] != "day":
                assert step["precision"] in slider.get_attribute("aria-valuetext")
            for layer in drawing["layers"]:
                wanted = [feature["status"][number] or "" for feature in layer["features"] if feature.get("status")]
                if wanted:
                    shown = widget.locator(f"path.aras-look-{layer['look']}[data-status]").evaluate_all("all => all.map(one => one.dataset.status)")
                    assert all(status in shown for status in wanted)
        back = widget.locator(".aras-step button").first
        back.focus()
        opened.page.keyboard.press("Enter")
        assert slider.input_value() == str(len(drawing["steps"]) - 2)


@each_page
def test_a_map_says_for_each_choice_what_was_computed_for_it(opened):
    for widget in widgets(opened.page, "atlas"):
        drawing = state_of(widget)["drawing"]
        if not drawing["choices"]:
            continue
        menu = widget.get_by_label(drawing["choices"]["label"])
        step = state_of(widget)["step"]
        for number in range(len(drawing["choices"]["options"])):
            set_control(widget, number, menu)
            assert drawing["says"][step if len(drawing["says"]) > 1 else 0][number] in said(widget)


@each_page
def test_layers_of_a_map_go_and_come_back(opened):
    for widget in widgets(opened.page, "atlas"):
        for box in widget.locator(".aras-ticks input").all():
            before = widget.locator("svg.aras-map > g").evaluate_all("all => all.map(one => one.style.display)")
            box.focus()
            opened.page.keyboard.press("Space")
            after = widget.locator("svg.aras-map > g").evaluate_all("all => all.map(one => one.style.display)")
            assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
            opened.page.keyboard.press("Space")
            assert widget.locator("svg.aras-map > g").evaluate_all("all => all.map(one => one.style.display)") == before


@each_page
def test_arrow_keys_walk_the_features_of_a_map_and_each_says_what_it_is(opened):
    for widget in widgets(opened.page, "atlas"):
        first = widget.locator("svg.aras-map [tabindex='0']")
        if first.count() == 0:
            continue
        assert first.count() == 1, "one stop for the Tab key"
        first.focus()
        heard = set()
        for _ in range(min(5, widget.locator("svg.aras-map [role=img]").count())):
            label = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
            assert label and said(widget) == label
            heard.add(opened.page.evaluate("document.activeElement.outerHTML"))
            opened.page.keyboard.press("ArrowRight")
        assert len(heard) > 1


@each_page
def test_the_names_of_places_follow_the_menu_and_stay_when_the_page_is_opened_again(opened):
    for widget in [widget for widget in widgets(opened.page, "atlas") if widget.get_by_label("Place names").count()]:
        menu = widget.get_by_label("Place names")
        set_control(widget, 0, menu)
        pairs = _labels(widget)
        assert any(" / " in text for text, *_ in pairs)
        set_control(widget, 2, menu)
        armenian = _labels(widget)
        assert any(re.search("[\u0530-\u058f]", text) and lang == "hy" for text, lang, _ in armenian)
        set_control(widget, 4, menu)
        persian = _labels(widget)
        assert any(re.search("[\u0600-\u06ff]", text) and lang == "fa" and way == "rtl" for text, lang, way in persian)
        _open_again(opened.page)
        assert _labels(widget) == persian
        set_control(widget, 0, widget.get_by_label("Place names"))


def _open_again(page: Page) -> None:
    """Come back to the page as a reader does: a moment later, when the browser has put away what it was to keep."""
    page.wait_for_timeout(1000)
    page.reload()
    page.wait_for_function("document.documentElement.dataset.arasReady !== undefined")


def _labels(widget: Locator) -> list[tuple[str, str, str]]:
    """Text, language and direction of the labels that are shown."""
    return [
        tuple(each)
        for each in widget.locator("svg.aras-map text").evaluate_all(
            "all => all.filter(one => one.style.display !== 'none').map(one => [one.textContent, one.lang || one.getAttribute('lang'), one.getAttribute('direction')])"
        )
    ]


@each_page
def test_labels_of_a_map_never_collide_or_leave_it(chromium, path):
    for width in (390, 1280):
        with visit(chromium, path.as_uri(), width=width) as seen:
            for widget in widgets(seen.page, "atlas"):
                boxes = widget.locator("svg.aras-map text").evaluate_all(
                    "all => all.filter(one => one.style.display !== 'none').map(one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom, one.textContent] })"
                )
                edge = widget.locator("svg.aras-map").bounding_box()
                for i, a in enumerate(boxes):
                    assert a[0] >= edge["x"] - 2 and a[2] <= edge["x"] + edge["width"] + 2, a[4]
                    for b in boxes[i + 1 :]:
                        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
                        assert across < 3 or down < 5, f"{a[4]} and {b[4]} at {width} px"


@each_page
def test_a_sum_is_spoken_as_it_is_counted(opened):
    for widget in widgets(opened.page, "board"):
        board = state_of(widget)["board"]
        if board["mode"] != "sum":
            continue
        for number, each in enumerate(board["sets"]):
            set_control(widget, number, widget.locator("select"))
            boxes = widget.locator(".aras-ticks input")
            for box in [boxes.nth(index) for index in range(boxes.count())]:
                if not box.is_checked():
                    box.focus()
                    opened.page.keyboard.press("Space")
            values = [card["value"] for card in each["cards"]]
            assert f"{_two(sum(values))} {board['unit']}" in said(widget)
            boxes.first.focus()
            opened.page.keyboard.press("Space")
            assert f"{_two(sum(values[1:]))} {board['unit']}" in said(widget)
            verdict = "it adds up" if abs(sum(values[1:]) - board["whole"]) < 0.005 else "it does not add up"
            assert verdict in said(widget)
            opened.page.keyboard.press("Space")
            assert opened.page.evaluate("document.activeElement.type") == "checkbox", "the focus stays"


def _two(value: float) -> str:
    return f"{round(value + 1e-9, 2):g}"


@each_page
def test_cards_are_sorted_and_then_explain_themselves(opened):
    for widget in widgets(opened.page, "board"):
        board = state_of(widget)["board"]
        if board["mode"] != "sort":
            continue
        cards = widget.locator(".aras-card").all()
        assert len(cards) == len(board["cards"])
        for card in cards:
            assert card.locator(".aras-answer").text_content() == ""
            card.locator("input").first.focus()
            opened.page.keyboard.press("Space")
        same = sum(card["bin"] == 0 for card in board["cards"])
        assert f"All {len(cards)} are placed; {same} as we would" in said(widget)
        for card, held in zip(cards, board["cards"], strict=True):
            assert held["why"] in card.locator(".aras-answer").text_content()
        widget.get_by_role("button", name="Start again").focus()
        opened.page.keyboard.press("Enter")
        assert f"0 of {len(cards)} placed" in said(widget)


@each_page
def test_each_answer_of_a_check_explains_itself_and_the_last_is_remembered(opened):
    count = opened.page.locator(".aras-quiz").count()
    assert count >= 5
    for number in range(count):
        widget = opened.page.locator(".aras-quiz").nth(number)
        saved = json.loads(opened.page.locator(STATE).first.text_content())["state"].values()
        name = widget.get_attribute("id")
        item = next(model["state"]["item"] for model in saved if model["state"].get("name") == name)
        widget.locator("input").first.focus()
        for index, choice in enumerate(item["choices"]):
            opened.page.keyboard.press("Space" if index == 0 else "ArrowDown")
            feedback = widget.locator(".aras-feedback").text_content()
            assert feedback == choice.get("feedback", "")
            if item["kind"] == "check":
                assert said(widget) == ("That holds." if choice["right"] else "Look again.")
    _open_again(opened.page)
    for number in range(count):
        assert opened.page.locator(".aras-quiz").nth(number).locator("input").last.is_checked()


@each_page
def test_a_located_point_moves_with_what_is_typed_and_says_how_far_things_are(opened):
    for widget in widgets(opened.page, "atlas"):
        locator = state_of(widget)["drawing"]["locator"]
        if not locator:
            continue
        rows = widget.locator(".aras-distances tbody tr")
        assert rows.count() == len(locator["points"])
        printed = said(widget)
        seconds = widget.get_by_label("seconds").first
        seconds.focus()
        seconds.fill("0")
        opened.page.keyboard.press("Tab")
        assert said(widget) != printed and "as typed" in said(widget)
        seconds.fill("99")
        opened.page.keyboard.press("Tab")
        assert "must be a number from 0 to 59.9" in widget.locator("[role=alert]").text_content()
        for name, word in {"Swap the two": "swapped", "Drop the seconds": "without seconds", "As printed": "as printed"}.items():
            widget.get_by_role("button", name=name).focus()
            opened.page.keyboard.press("Enter")
            assert f"Point {word}" in said(widget)
        assert said(widget) == printed


@each_page
def test_every_control_is_big_enough_and_shows_its_focus(opened):
    for control in opened.page.locator(".aras-widget button:visible, .aras-widget select:visible, .aras-widget summary:visible").all():
        box = control.bounding_box()
        assert box["height"] >= 43.5 and box["width"] >= 43.5
    for control in opened.page.locator(".aras-widget button:visible, .aras-widget select:visible").all()[:8]:
        control.focus()
        opened.page.keyboard.press("Shift+Tab")
        opened.page.keyboard.press("Tab")
        assert control.evaluate("node => getComputedStyle(node).outlineStyle") != "none"
