"""Neurons and dense networks on NumPy alone; many networks train in the same calls."""

from ._network import Dense, Network
from ._neuron import Neuron
from ._optimizers import SGD, Adam, Optimizer
from ._training import PROBE, History, train

__all__ = ["PROBE", "SGD", "Adam", "Dense", "History", "Network", "Neuron", "Optimizer", "train"]
