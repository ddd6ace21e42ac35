"""The truth about the kernels: an oracle of their own, judgement in ULP, and the record of it."""

from ._oracle import PARTS, exact, fast
from ._record import Key, Record
from ._run import DTYPES, Result, verify
from ._ulp import ulp_errors

__all__ = ["DTYPES", "PARTS", "Key", "Record", "Result", "exact", "fast", "ulp_errors", "verify"]
