"""The four kinds of widget: Explorer, Atlas, Board and Quiz."""

from lessons.widgets.atlas import Atlas, Layer, Locator
from lessons.widgets.board import Board, Scene
from lessons.widgets.explorer import Explorer
from lessons.widgets.quiz import Quiz, quiz

__all__ = ["Atlas", "Board", "Explorer", "Layer", "Locator", "Quiz", "Scene", "quiz"]
