"""Which activation does this data want? A fair comparison, and an honest answer."""

from ._comparison import Comparison, compare, compare_problem
from ._data import Problem, array_problem, load_digits_problem, read_problem
from ._study import make_study

__all__ = [
    "Comparison",
    "Problem",
    "array_problem",
    "compare",
    "compare_problem",
    "load_digits_problem",
    "make_study",
    "read_problem",
]
