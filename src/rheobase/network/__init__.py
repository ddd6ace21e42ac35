"""Neurons and dense networks on NumPy alone; many networks train in the same calls."""

from ._dropout import Dropout
from ._heads import Head
from ._layer import Dense
from ._network import Network, hidden_activation
from ._neuron import Neuron
from ._optimizers import SGD, Adam, Optimizer, State
from ._regression import LOSSES, regression_head
from ._training import PROBE, History, train

__all__ = [
    "LOSSES",
    "PROBE",
    "SGD",
    "Adam",
    "Dense",
    "Dropout",
    "Head",
    "History",
    "Network",
    "Neuron",
    "Optimizer",
    "State",
    "hidden_activation",
    "regression_head",
    "train",
]
