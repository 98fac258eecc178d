"""What the tests of assignments share: reading a notebook, running its cells, a course of its own."""
