"""By what way an object is pickled, which decides what can be."""

from __future__ import annotations

import enum


class Via(enum.Enum):
    """The ways."""

    PICKLE = "the pickle module"
    TASK = "sent to a process that runs already"
    MESSAGE = "sent through a queue, a pipe or a manager"
    START = "sent to a process when that is started"
    CLOUD = "cloudpickle, which joblib uses by default: functions and classes are fine"

    @property
    def starts_processes(self) -> bool:
        """Whether another process, which may not have run this one's main program, has to find names."""
        return self in {Via.TASK, Via.START}
