"""scikit-learn classes on the network; needs scikit-learn."""

from .._errors import require

require("study", "sklearn")

from ._classifier import MLPClassifier  # noqa: E402
from ._regressor import MLPRegressor  # noqa: E402
from ._saving import load  # noqa: E402

__all__ = ["MLPClassifier", "MLPRegressor", "load"]
