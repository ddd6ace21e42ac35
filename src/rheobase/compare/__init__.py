"""Which activation does this data want? A fair comparison, and an honest answer."""

from ._comparison import Comparison, compare, compare_problem
from ._data import Problem, array_problem, load_digits_problem, read_problem
from ._many import ManyComparison, compare_many
from ._study import make_study

__all__ = [
    "Comparison",
    "ManyComparison",
    "Problem",
    "array_problem",
    "compare",
    "compare_many",
    "compare_problem",
    "load_digits_problem",
    "make_study",
    "read_problem",
]
