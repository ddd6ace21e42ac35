"""One self-contained HTML page from the plain data of a comparison, and the files beside it."""

from ._files import prepare_directory, write
from ._page import render

__all__ = ["prepare_directory", "render", "write"]
