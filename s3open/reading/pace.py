"""How many connections to read with: what the link has shown so far decides.

S3 gives one connection some 80 MB/s, after 20 ms; a store next door gives it more than
this machine can take. So the first bytes are received by the reader itself, on one
connection, and timed. Where that is slow several are used, and more of them as long as
that brings more.
"""

from __future__ import annotations

from s3open.spool import BLOCK

# A connection that gives as much (bytes per second) leaves nothing to be gained: here
# handing bytes from thread to thread costs more than waiting for them.
_FAST = 400e6

# More connections have to bring at least so much more.
_WORTH_IT = 1.15

# For one who goes on, and for one who has shown that he does: (connections, blocks).
# A part of 2 MiB takes S3's 20 ms and twice as long to arrive: longer ones would need
# more memory to keep as many connections busy, shorter ones would wait more.
_STEPS = ((16, 1), (48, 2))


class Pace:
    """What is known of one file's link. Not thread-safe.

    Args:
        connections: to use at most.
        memory: bytes that may be on their way, or waiting to be read.
    """

    def __init__(self, connections: int, memory: int) -> None:
        self._most = connections
        # The reader stands in one block, and has just left another.
        self._room = memory // BLOCK - 4
        self._alone = 0.0
        self._step = 0
        self._settled = True
        self._best = 0.0
        self._since = (0, 0.0)

    @property
    def connections(self) -> int:
        """How many to use."""
        return min(_STEPS[self._step][0], self._most, self._room)

    @property
    def part(self) -> int:
        """Bytes to ask for on each connection at once: whole blocks."""
        fitting = self._room // self.connections
        return max(1, min(_STEPS[self._step][1], fitting)) * BLOCK

    @property
    def window(self) -> int:
        """Bytes to have on their way, or waiting, in front of the reader."""
        wanted = self.connections * self.part
        # A part that is done makes way for another before the reader has come to it.
        return min(wanted + wanted // 4, max(wanted, (self._room - 2) * BLOCK))

    @property
    def pays(self) -> bool:
        """Whether several connections will bring more than one."""
        return self._most > 1 and self._room > 1 and 0 < self._alone < _FAST

    def alone(self, count: int, seconds: float) -> None:
        """Note that one connection brought *count* bytes in *seconds*."""
        if count >= BLOCK // 2:
            self._alone = count / max(seconds, 1e-9)

    def start(self, position: int, now: float, *, all_out: bool) -> None:
        """Note that several are used from now on; *all_out*: it is known for how much.

        Who reads on step by step may stop any moment, so it begins with few.
        """
        self._step = len(_STEPS) - 1 if all_out else 0
        self._settled = all_out
        self._best = self._alone
        self._since = (position, now)

    def reached(self, position: int, now: float) -> None:
        """Note how far the reader has come, and use more connections if they pay."""
        start, since = self._since
        if self._settled or position - start < self.window:
            return
        rate = (position - start) / max(now - since, 1e-9)
        self._since = (position, now)
        if rate > self._best * _WORTH_IT:
            self._best = rate
            self._settled = self._step == len(_STEPS) - 1
            self._step += not self._settled
        else:
            self._settled = True
            self._step = max(0, self._step - 1)
