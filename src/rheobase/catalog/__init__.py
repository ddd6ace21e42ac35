"""THE declarations: one for each activation of ``native/activations.inc``, by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from .._activation import Activation, Declaration, registry
from .._custom import custom, is_pair
from .._errors import InputError, InputTypeError, suggest
from ._classic import CLASSIC
from ._piecewise import PIECEWISE
from ._self_gated import SELF_GATED
from ._shrink import SHRINK
from ._sigmoids import SIGMOIDS
from ._smooth import SMOOTH
from ._waves import WAVES

ActivationLike = str | Activation | tuple[Callable[..., Any], Callable[..., Any]]

DECLARATIONS = (*CLASSIC, *PIECEWISE, *SMOOTH, *SELF_GATED, *SIGMOIDS, *SHRINK, *WAVES)


class Catalog(Mapping[str, Activation]):
    """Every `Activation` by name (aliases are found too, but not listed).

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.catalog["logistic"]
    sigmoid
    >>> "relu" in rb.catalog
    True
    """

    def __init__(self, declarations: tuple[Declaration, ...]) -> None:
        self._by_name = {declaration.name: Activation(declaration) for declaration in declarations}
        self._aliases = {alias: d.name for d in declarations for alias in d.aliases}
        registry.update(self._by_name)
        registry.update({alias: self._by_name[name] for alias, name in self._aliases.items()})

    def __getitem__(self, name: str) -> Activation:
        found = self._by_name.get(self._aliases.get(name, name))
        if found is None:
            raise InputError(
                f"unknown activation {name!r}.{suggest(str(name), [*self._by_name, *self._aliases])} "
                f"Known: {', '.join(self._by_name)}."
            )
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return the activation, or ``default`` for an unknown name."""
        try:
            return self[name]
        except InputError:
            return default

    def __contains__(self, name: object) -> bool:
        return name in self._by_name or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Catalog({', '.join(self._by_name)})"


catalog = Catalog(DECLARATIONS)


def activation(name: ActivationLike, /, **params: float) -> Activation:
    """Return an activation bound to parameters.

    Parameters
    ----------
    name : str, Activation or pair of callables
        A name or alias of the catalogue, or an activation (then only ``params`` are replaced), or a tuple
        of two NumPy callables, as `custom` takes them.
    **params : float
        Parameters; those left out keep their values.

    Raises
    ------
    InputError
        The name is unknown (the nearest known one is suggested), or a parameter is not finite or has no
        meaning.

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.activation("leaky_relu", negative_slope=0.2)
    leaky_relu(negative_slope=0.2)
    >>> rb.activation("linear")
    identity
    """
    if isinstance(name, str):
        name = catalog[name]
    if is_pair(name):
        name = custom(*name)
    if not isinstance(name, Activation):
        raise InputTypeError(
            f"activation({name!r:.60}): expected a name, an Activation, or a tuple of two callables, "
            "value and derivative. A formula becomes an Activation by rheobase.custom."
        )
    return name.bind(**params) if params else name


def is_one(given: object) -> TypeGuard[ActivationLike]:
    """Whether this stands for one activation, and not for one of each layer."""
    return isinstance(given, (str, Activation)) or is_pair(given)
