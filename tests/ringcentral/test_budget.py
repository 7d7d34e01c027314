"""The budget, against a server that counts: never too many, never starved."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from bot.ringcentral.budget import Budget
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.transport.wire import Rate

HEAVY = [Purpose.PLACE, Purpose.CANCEL, Purpose.LOG, Purpose.HISTORY]
WINDOW = 60.0


class Server:
    """RingCentral's side of one group: a sliding window, and its headers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.hits: deque[float] = deque()

    def ask(self, now: float) -> Rate:
        """Take a request; return the headers of its answer."""
        while self.hits and self.hits[0] <= now - WINDOW:
            self.hits.popleft()
        self.hits.append(now)
        left = max(self.limit - len(self.hits), 0)
        return Rate("heavy", self.limit, left, WINDOW)


def let_through(budget: Budget, server: Server, purpose: Purpose, now: float) -> bool:
    """Send a request if the budget admits it."""
    if budget.ready_in(purpose, now) > 0:
        return False
    budget.take(purpose, now)
    budget.done(purpose, now, server.ask(now))
    return True


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.sampled_from(HEAVY), st.floats(0, 20)), max_size=150),
)
def test_never_more_than_the_limit_in_any_window(
    limit: int, asked: list[tuple[Purpose, float]]
) -> None:
    """A 429 blocks all requests for a minute; no sequence of requests may cause one."""
    budget, server, now = Budget(), Server(limit), 0.0
    for purpose, pause in asked:
        now += pause
        let_through(budget, server, purpose, now)

        assert len(server.hits) <= limit


@given(st.floats(0, 59), st.sampled_from(HEAVY))
def test_nothing_passes_inside_a_penalty(after: float, purpose: Purpose) -> None:
    """Every request during the penalty would restart it."""
    budget = Budget()
    budget.penalty(Purpose.LOG, 0.0, 60.0, "heavy")

    assert budget.ready_in(purpose, after) == 60.0 - after
    assert budget.ready_in(purpose, 60.0) == 0


def test_reads_never_take_what_a_new_call_needs() -> None:
    """However many reads there are, three new calls can be placed at once."""
    budget, server = Budget(), Server(10)
    reads = sum(let_through(budget, server, Purpose.LOG, 0.1 * n) for n in range(20))
    placed = sum(let_through(budget, server, Purpose.PLACE, 4.0) for _ in range(20))

    assert (reads, placed) == (7, 3)


def test_however_much_is_read_a_person_gets_a_list() -> None:
    """Results are read for in the background; somebody looks at the list."""
    budget, server = Budget(), Server(10)
    reads = sum(let_through(budget, server, Purpose.LOG, 0.1 * n) for n in range(20))
    lists = sum(let_through(budget, server, Purpose.HISTORY, 3.0) for _ in range(20))

    assert (reads, lists) == (7, 1)


def test_reads_keep_to_their_share_while_calls_are_placed() -> None:
    """Where Heavy is not mostly free, six of its ten requests are for new calls."""
    budget, server = Budget(), Server(10)
    placed = sum(let_through(budget, server, Purpose.PLACE, 0.1 * n) for n in range(3))
    reads = sum(let_through(budget, server, Purpose.LOG, 1 + 0.1 * n) for n in range(9))

    assert (placed, reads) == (3, 4)


def test_reads_go_on_under_a_flood_of_calls() -> None:
    """Otherwise no call would ever get its result."""
    budget, server, now = Budget(), Server(10), 0.0
    reads = 0
    for _ in range(300):
        now += 1.0
        let_through(budget, server, Purpose.PLACE, now)
        reads += let_through(budget, server, Purpose.LOG, now)

    assert reads >= 4


def test_looks_for_missed_calls_leave_half_to_calls() -> None:
    """They can wait for minutes; a person who presses a button can't."""
    budget, server = Budget(), Server(10)
    looks = sum(let_through(budget, server, Purpose.MISSED, 0.1 * n) for n in range(9))
    assert looks == 2

    budget, server = Budget(), Server(10)
    for n in range(5):
        let_through(budget, server, Purpose.PLACE, 0.1 * n)
    assert budget.ready_in(Purpose.MISSED, 1.0) > 50
    assert let_through(budget, server, Purpose.PLACE, 1.0)


def test_what_another_process_used_counts() -> None:
    """The credential is shared; the headers tell."""
    budget = Budget()
    budget.take(Purpose.PLACE, 0.0)
    budget.done(Purpose.PLACE, 0.0, Rate("heavy", 10, 0, WINDOW))

    assert budget.ready_in(Purpose.CANCEL, 1.0) > 50


def test_a_purpose_of_a_newer_program_is_another_programs_use() -> None:
    """Processes are replaced one by one, and share the row meanwhile."""
    budget = Budget()
    for purpose in (Purpose.PLACE, Purpose.CANCEL):
        budget.take(purpose, 0.0)
    budget.done(Purpose.CANCEL, 0.0, Rate("heavy", 10, 8, WINDOW))

    older = Budget.load(budget.dump().replace("PLACE", "WHATEVER"))

    assert older.left()["heavy"] == budget.left()["heavy"] == (2, 10)
    assert Budget.load(older.dump()).left() == older.left()


def test_a_first_answer_that_is_slow_holds_nobody_up_for_long() -> None:
    """Only an answer tells the limit; until there is one, requests go one by one."""
    budget = Budget()
    sent = []
    for tenth in range(100):
        if budget.ready_in(Purpose.PLACE, tenth / 10) <= 0:
            budget.take(Purpose.PLACE, tenth / 10)
            sent.append(tenth)

    assert sent == list(range(0, 100, 10))


def test_log_ins_are_limited_like_everything_else() -> None:
    """Five a minute; a sixth would close them for a minute, and a seventh for longer."""
    budget = Budget()
    for left in range(4, -1, -1):
        assert budget.ready_in(Purpose.SIGN_IN, 1.0) == 0
        budget.take(Purpose.SIGN_IN, 1.0)
        budget.done(Purpose.SIGN_IN, 1.0, Rate("auth", 5, left, WINDOW))

    assert budget.ready_in(Purpose.SIGN_IN, 2.0) == WINDOW - 1
    assert budget.ready_in(Purpose.STATUS, 2.0) == 0


def test_limits_cut_in_mid_run_are_learned_from_the_next_answer() -> None:
    """RingCentral may change them per app, at any time."""
    budget = Budget()
    server = Server(9)
    assert let_through(budget, server, Purpose.PLACE, 0.0)
    server.limit = 3
    passed = sum(let_through(budget, server, Purpose.PLACE, 1.0) for _ in range(9))

    assert passed <= 2


def test_polls_share_the_budget_and_slow_down_together() -> None:
    """Ten calls on one user: each every 15 s, by the limits that it told."""
    budget = Budget()
    assert budget.poll_interval(10) == 0
    budget.take(Purpose.STATUS, 0.0)
    budget.done(Purpose.STATUS, 0.0, Rate("light", 50, 49, WINDOW))

    assert budget.poll_interval(10) == 15.0
    assert budget.left()["light"] == (1, 50)


def test_the_group_that_the_headers_name_is_the_one_that_counts() -> None:
    """Documents and servers differ; the server decides."""
    budget = Budget()
    budget.take(Purpose.STATUS, 0.0)
    budget.done(Purpose.STATUS, 0.0, Rate("medium", 1, 0, WINDOW))

    assert budget.ready_in(Purpose.STATUS, 1.0) > 0
    assert budget.ready_in(Purpose.ACCOUNT, 1.0) == 0
