"""What a bot process of the tests runs first.

Nothing of a dead process's lands late here, so nobody needs to wait for it.
"""

from datetime import timedelta

from bot.storage import farewells, statements

statements.UNDER_WAY = timedelta(seconds=0.2)
farewells.TURN = timedelta(seconds=0.2)
