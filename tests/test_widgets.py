"""The four kinds of widget, by their data: what an author may ask for, and what a reader is told."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from lessons import data, figures, maps
from lessons.widgets import Atlas, Board, Explorer, Layer, Locator, quiz
from lessons.widgets.atlas import path
from lessons.widgets.base import VIEW, plain
from lessons.widgets.explorer import BOOK
from lessons.widgets.quiz import Quiz, items

VIEWS = {"Near": (45.4, 38.7, 48.0, 40.6), "Far": (43.0, 38.0, 50.0, 42.0)}


def bar(height: int, word: str = "a"):
    fig, ax = figures.new(
        alt=f"A bar of {height}.", caption=f"The bar {word} is {height} high.", tables=["districts"],
        name="fig-00-bar", row={"word": word, "height": height},
    )
    ax.bar([word], [height])
    return fig


def square(west: float, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": ["s"], "says": ["A square"]}, geometry=[shapely.box(west, 39, west + 1, 40)], crs=crs)


def atlas(**changes: object) -> Atlas:
    settings = {
        "title": "A map", "as_of": "2020", "tables": ["districts"], "views": VIEWS,
        "layers": [Layer("s", "Square", square(46), "unit", says="says")],
    }
    return Atlas(**settings | changes)


def pie(**values: float) -> pd.DataFrame:
    return pd.DataFrame({"label": list(values), "value": list(values.values()), "shown": [f"{v:g}%" for v in values.values()]})


class TestFigures:
    @pytest.mark.parametrize("missing", ["alt", "caption", "tables", "name"])
    def test_a_figure_without_description_or_source_is_refused_with_what_to_write(self, missing):
        given = {"alt": "A bar.", "caption": "A bar.", "tables": ["districts"], "name": "fig-00-x"}
        with pytest.raises(ValueError, match=f"write {missing}="):
            figures.new(**given | {missing: ""})

    def test_a_figure_of_an_unknown_table_is_refused(self):
        with pytest.raises(data.UnknownName):
            figures.new(alt="A.", caption="A.", tables=["distrits"], name="fig-00-x")

    def test_a_figure_shows_its_text_caption_source_and_data_link(self):
        html = bar(3).to_html()
        assert 'alt="A bar of 3."' in html and "The bar a is 3 high." in html
        assert 'href="../data/layers/districts.parquet"' in html and "Licence:" in html and "As of" in html

    def test_text_of_a_figure_never_becomes_markup(self):
        fig, _ = figures.new(alt='"><script>x</script>', caption="<b>x</b>", tables=["districts"], name="fig-00-x")
        assert "<script>" not in fig.to_html() and "<b>x" not in fig.to_html()


class TestExplorer:
    def test_live_it_draws_only_what_is_looked_at(self, monkeypatch):
        monkeypatch.delenv(BOOK, raising=False)
        explorer = Explorer(bar, title="Bars", height=[1, 2, 3])
        assert len(explorer.frames) == 1
        explorer.choose(height=3)
        assert explorer.frame["says"] == "The bar a is 3 high." and len(explorer.frames) == 2

    def test_in_the_book_every_state_is_there_with_picture_text_and_row(self, monkeypatch):
        monkeypatch.setenv(BOOK, "1")
        explorer = Explorer(bar, title="Bars", height=[1, 2], word=["a", "b"])
        assert set(explorer.frames) == {"0,0", "0,1", "1,0", "1,1"}
        for key, frame in explorer.frames.items():
            height, word = [1, 2][int(key[0])], ["a", "b"][int(key[2])]
            assert frame["row"] == {"word": word, "height": height}
            assert frame["alt"] == f"A bar of {height}." and frame["image"][4:12] == b"ftypavif"

    def test_an_unknown_choice_lists_the_known_ones(self):
        explorer = Explorer(bar, title="Bars", height=[1, 2])
        with pytest.raises(ValueError, match="'height' cannot be 9; it can be 1, 2"):
            explorer.choose(height=9)
        with pytest.raises(ValueError, match="no control 'size'; the controls are height"):
            explorer.choose(size=1)
        with pytest.raises(ValueError, match="there is no number 5"):
            explorer.choice = [5]
        assert explorer.choice == [0]

    def test_controls_that_choose_nothing_are_refused(self):
        with pytest.raises(ValueError, match="one to three controls"):
            Explorer(bar, title="Bars")
        with pytest.raises(ValueError, match="at least two values"):
            Explorer(bar, title="Bars", height=[1])


class TestAtlas:
    def test_a_point_is_drawn_where_proj_puts_it(self):
        point = gpd.GeoDataFrame({"id": ["p"]}, geometry=[shapely.Point(46.7528, 39.8177)], crs="EPSG:4326")
        drawn = atlas(layers=[Layer("p", "Point", point, "town")])
        feature, projection = drawn.drawing["layers"][0]["features"][0], drawn.drawing["projection"]
        crs = maps.equal_area(projection["lon0"], projection["lat0"])
        x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(46.7528, 39.8177)
        assert feature["x"] == pytest.approx((x - projection["x0"]) * projection["scale"], abs=1)
        assert feature["y"] == pytest.approx((projection["y0"] - y) * projection["scale"], abs=1)

    def test_paths_keep_the_shape_within_half_a_unit_and_close_their_rings(self):
        drawn = path(shapely.Polygon([(0.4, 0), (10, 0), (10, 10.4)], [[(8, 1), (9, 1), (9, 2)]]))
        assert drawn == "M0 0l10 0 0 10-10-10zM8 1l1 0 0 1-1-1z"

    def test_neighbours_still_share_their_border_after_simplifying(self):
        drawn = atlas(layers=[Layer("d", "Districts", data.load("districts"), "unit")])
        assert [feature["id"] for feature in drawn.drawing["layers"][0]["features"]] == data.load("districts")["id"].to_list()

    def test_status_follows_the_step(self):
        status = pd.DataFrame({"a": [None], "b": ["held"]}, index=["s"])
        steps = pd.DataFrame({"date": ["1991", "1993-07"], "precision": ["year", "month"], "says": ["Before.", "After."]})
        drawn = atlas(
            layers=[Layer("s", "Square", square(46), "unit", status=status)], steps=steps,
            classes={"held": ("Held", "orange", "lines")},
        )
        assert drawn.status("s") == {"s": None}
        drawn.step = 1
        assert drawn.status("s") == {"s": "held"}

    def test_a_layer_is_drawn_only_during_its_steps(self):
        steps = pd.DataFrame({"date": ["1990", "1994"], "precision": "year", "says": ["Before.", "After."]})
        drawn = atlas(layers=[Layer("s", "Square", square(46), "front", during=(1, 1))], steps=steps)
        assert drawn.drawing["layers"][0]["during"] == [1, 1]
        assert "<path" not in drawn.static_html()
        drawn.step = 1
        assert "<path" in drawn.static_html()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"layers": [Layer("s", "S", square(46), "castle")]}, "cannot look like 'castle'"),
            ({"layers": [Layer("s", "S", square(46, crs=None), "unit")]}, "has no CRS"),
            ({"layers": [Layer("s", "S", square(46), "unit", views=("Moon",))]}, "Moon"),
            ({"views": {}}, "no view"),
            ({"layers": [Layer("s", "S", square(46), "unit", status=pd.DataFrame({"a": ["held"]}, index=["s"]))]}, "held"),
            ({"layers": [Layer("s", "S", square(46), "unit", during=(0, 2))]}, "the steps run from 0 to 0"),
            ({"classes": {"held": ("Held", "mauve", "lines")}}, "needs a colour of"),
            ({"says": [["a"], ["b"]]}, "says must be 1 lists of 1"),
        ],
    )
    def test_a_map_that_cannot_be_drawn_says_why(self, change, message):
        with pytest.raises(ValueError, match=message):
            atlas(**change)

    def test_a_step_that_does_not_exist_is_refused(self):
        drawn = atlas()
        with pytest.raises(ValueError, match="no number 4"):
            drawn.step = 4

    def test_without_scripts_the_map_is_a_picture_with_its_words(self):
        fallback = atlas(says=[["The square is empty."]], table=pd.DataFrame({"a": [1]})).fallback_html()
        assert "<svg" in fallback and "The square is empty." in fallback and "<table" in fallback

    def test_the_locator_gives_the_browser_both_points_and_what_is_near(self):
        near = pd.DataFrame({"label": ["Dam"], "lon": [47.0], "lat": [39.2], "precision_km": [None]})
        drawn = atlas(locator=Locator(('39°08\'26.6"N', '46°57\'15.6"E'), near, 4.0))
        assert drawn.drawing["locator"]["points"] == [{"label": "Dam", "lon": 47.0, "lat": 39.2, "precisionKm": None}]
        assert "7.67" in drawn.fallback_html() and "aras-tolerance" in drawn.fallback_html()

    @pytest.mark.parametrize(
        ("start", "border", "message"),
        [("39.14 N", "", "'39.14 N' is no coordinate in degrees"), ("39°08'26.6\"N", "fence", "the layer 'fence'")],
    )
    def test_a_locator_that_cannot_work_is_refused(self, start, border, message):
        near = pd.DataFrame({"label": ["Dam"], "lon": [47.0], "lat": [39.2], "precision_km": [None]})
        with pytest.raises(ValueError, match=message):
            atlas(locator=Locator((start, '46°57\'15.6"E'), near, 4.0, border=border))


class TestBoard:
    def test_the_total_is_the_sum_of_what_is_ticked(self):
        board = Board.sum({"Pie": pie(a=61, b=41)}, chooser="Source", legend="Groups", title="Add", start={"Pie": ["b"]})
        assert board.total() == 61
        board.out = [[]]
        assert board.total() == 102

    def test_a_board_that_cannot_add_says_why(self):
        with pytest.raises(ValueError, match="no column shown"):
            Board.sum({"Pie": pie(a=1).drop(columns="shown")}, chooser="S", legend="G", title="T")
        with pytest.raises(ValueError, match="without a number"):
            Board.sum({"Pie": pie(a=float("nan"))}, chooser="S", legend="G", title="T")
        with pytest.raises(ValueError, match="no group 'z'"):
            Board.sum({"Pie": pie(a=1)}, chooser="S", legend="G", title="T", start={"Pie": ["z"]})
        board = Board.sum({"Pie": pie(a=1)}, chooser="S", legend="G", title="T")
        with pytest.raises(ValueError, match="no number 3"):
            board.picked = 3

    def test_cards_go_into_known_bins_only(self):
        cards = pd.DataFrame({"text": ["A bridge."], "bin": ["Maybe"], "why": ["It is seen."]})
        with pytest.raises(ValueError, match="'Maybe'; the bins are Shown, Not shown"):
            Board.sort(cards, bins=["Shown", "Not shown"], title="Sort")
        board = Board.sort(cards.assign(bin="Shown"), bins=["Shown", "Not shown"], title="Sort")
        assert board.placed == [-1] and "It is seen." in board.static_html()


class TestQuiz:
    def test_every_item_of_every_lesson_explains_each_of_its_answers(self):
        lessons = sorted(file.name[:2] for file in (data.folder() / "checks").glob("*.toml"))
        assert lessons
        for lesson in lessons:
            for identifier, item in items(lesson).items():
                assert identifier.startswith(f"{lesson}-")
                assert len({choice["text"] for choice in item["choices"]}) == len(item["choices"])

    def test_an_unknown_item_lists_the_near_ones(self, tmp_path, monkeypatch):
        _write_item(tmp_path, monkeypatch)
        with pytest.raises(ValueError, match="Did you mean 99-total"):
            quiz("99-totl", share=1)

    def test_a_number_that_is_not_given_is_asked_for(self, tmp_path, monkeypatch):
        _write_item(tmp_path, monkeypatch)
        with pytest.raises(ValueError, match="needs the numbers share"):
            quiz("99-total")
        assert quiz("99-total", share=102).item["question"] == "Why 102?"

    def test_an_item_without_feedback_is_refused(self, tmp_path, monkeypatch):
        _write_item(tmp_path, monkeypatch, feedback="")
        with pytest.raises(ValueError, match="needs right = true or false, and a feedback"):
            items("99")

    def test_a_prediction_reveals_nothing(self, tmp_path, monkeypatch):
        _write_item(tmp_path, monkeypatch, kind="predict")
        shown = quiz("99-total", share=102)
        assert all(set(choice) == {"text"} for choice in shown.item["choices"])


def _write_item(folder, monkeypatch, kind: str = "check", feedback: str = "Because.") -> None:
    (folder / "checks").mkdir()
    choices = "".join(
        f'[["99-total".choices]]\ntext = "{text}"\nright = {right}\nfeedback = "{feedback}"\n'
        for text, right in {"Rounding": "false", "Rows were added": "true"}.items()
    )
    (folder / "checks" / "99-x.toml").write_text(f'["99-total"]\nkind = "{kind}"\nquestion = "Why {{share}}?"\n{choices}')
    monkeypatch.setenv("LESSONS_DATA", str(folder))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Explorer(bar, title="T <b>", height=[1, 2]),
        lambda: atlas(title="T <b>"),
        lambda: Board.sum({"P <b>": pie(a=1)}, chooser="S", legend="G", title="T <b>"),
        lambda: Quiz(title="T <b>", item={"id": "x", "kind": "check", "question": "<b>?", "choices": []}),
    ],
    ids=["explorer", "atlas", "board", "quiz"],
)
def test_every_widget_has_a_picture_without_scripts_and_its_text_is_never_markup(make):
    content, metadata = make()._repr_mimebundle_()
    assert VIEW in content and "T &lt;b&gt;" in metadata[VIEW]["fallback_html"]
    assert "<b>" not in metadata[VIEW]["fallback_html"]


def test_a_widget_without_title_is_refused():
    with pytest.raises(ValueError, match="has no title"):
        Explorer(bar, title="", height=[1, 2])


def test_table_cells_reach_the_browser_as_plain_values():
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "d": pd.to_datetime(["1993-07-23", None])})
    assert [[plain(cell) for cell in row] for row in frame.itertuples(index=False)] == [[1, "1993-07-23"], [None, None]]
