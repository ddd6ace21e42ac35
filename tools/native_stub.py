"""Print the stub of the extension: ``python tools/native_stub.py > src/rheobase/_native.pyi``."""

import numpy as np

from rheobase import _native

names = [name for name in dir(_native) if isinstance(getattr(_native, name), np.ufunc)]
print("# Written by tools/native_stub.py from the extension itself.\nimport numpy as np\n")
print("isa: str\nisas: tuple[str, ...]\n")
print("def ufuncs_of(isa: str, /) -> dict[str, np.ufunc]: ...")
print("def add_bfloat16(dtype: np.dtype[np.generic], /) -> None: ...")
print("def bind(ufunc: np.ufunc, values: tuple[float, ...], /) -> np.ufunc: ...\n")
print("\n".join(f"{name}: np.ufunc" for name in names))
