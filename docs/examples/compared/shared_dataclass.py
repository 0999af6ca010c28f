"""A field of a dataclass with a mutable object"""

import io
from dataclasses import dataclass


@dataclass
class Report:
    text: io.StringIO = io.StringIO()


Report().text.write("a")
print(Report().text.getvalue() == "")
