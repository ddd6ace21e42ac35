"""Which activation does this data want? A fair comparison, and an honest answer."""

from ._comparison import compare, compare_problem
from ._data import array_problem, load_digits_problem
from ._many import compare_many
from ._problem import Problem
from ._result import Comparison, ManyComparison
from ._rows import with_folds
from ._shapes import ShapesComparison, compare_shapes, compare_shapes_problem, shape_name
from ._study import make_study
from ._tables import read_problem
from ._words import LANGUAGES, in_words

__all__ = [
    "LANGUAGES",
    "Comparison",
    "ManyComparison",
    "Problem",
    "ShapesComparison",
    "array_problem",
    "compare",
    "compare_many",
    "compare_problem",
    "compare_shapes",
    "compare_shapes_problem",
    "in_words",
    "load_digits_problem",
    "make_study",
    "read_problem",
    "shape_name",
    "with_folds",
]
