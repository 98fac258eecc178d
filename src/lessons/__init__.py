"""Across the Aras: the helper package behind the lessons, the widgets and the book."""
