"""One self-contained HTML page from the plain data of a comparison, and the files beside it."""

from ._files import prepare_directory, write
from ._page import render
from ._shapes import render_shapes, write_shapes

__all__ = ["prepare_directory", "render", "render_shapes", "write", "write_shapes"]
