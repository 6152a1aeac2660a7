"""What bind.py and the C compiler make of the engine's headers."""

from typing import Any

ffi: Any
lib: Any
