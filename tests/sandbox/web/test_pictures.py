"""The pages' pictures, made by a visitor who plays one call.

``RINGOUT_PICTURES=1 uv run pytest -n 0 tests/sandbox/web/test_pictures.py`` makes those in
docs/pictures anew, at the demo's usual pace; without it they go nowhere, in a hurry.
"""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser

from checkout import ROOT
from visitor import NARROW, Theme, Visitor, a_browser, a_demo, a_visitor

pytestmark = pytest.mark.browser

IS_FOR_GOOD = bool(os.environ.get("RINGOUT_PICTURES"))
PICTURES = ROOT / "docs" / "pictures"
PACE = () if IS_FOR_GOOD else ("--fast",)
SCALE = 2 if IS_FOR_GOOD else 1
EFFORT = 6 if IS_FOR_GOOD else 0
FILM_WIDTH = 960
MOST_BYTES = 1_000_000


async def taken(visitor: Visitor) -> Image.Image:
    """Return what the visitor sees, with nothing that blinks."""
    await asyncio.sleep(0.3 if IS_FOR_GOOD else 0)
    shot = await visitor.page.screenshot(animations="disabled", caret="hide")
    return Image.open(io.BytesIO(shot)).convert("RGB")


def keep(image: Image.Image, folder: Path, name: str) -> None:
    """Write a still picture in the 256 colors that it has most of.

    A page is made of few: what is between them is at the edges of letters.
    """
    count = image.width * image.height
    often = sorted(image.getcolors(count) or [], reverse=True)[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, color in often for part in _rgb(color)])
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(folder / name, optimize=True)


def _rgb(color: object) -> tuple[int, int, int]:
    assert isinstance(color, tuple)
    red, green, blue = color
    return red, green, blue


class Film:
    """Pictures one after the other, each with its time on the screen."""

    def __init__(self) -> None:
        self._frames: list[Image.Image] = []
        self._times: list[int] = []

    async def add(self, visitor: Visitor, seconds: float) -> None:
        """Take one more."""
        shot = await taken(visitor)
        height = round(shot.height * FILM_WIDTH / shot.width)
        self._frames.append(shot.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS))
        self._times.append(round(seconds * 1000))

    def keep(self, path: Path) -> None:
        """Write all of them as one animation that plays forever."""
        first, *others = self._frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self._times,
            loop=0,
            quality=82,
            method=EFFORT,
        )


async def begin(visitor: Visitor, film: Film) -> None:
    """Play a call from the first letter until people talk."""
    page = visitor.page
    box = page.get_by_label("Message #sales", exact=True)
    await film.add(visitor, 1.5)
    await box.press_sequentially("/ring")
    await film.add(visitor, 1.0)
    await box.fill("/ringout (415) 555-0142")
    await film.add(visitor, 1.0)
    await box.press("Enter")
    await visitor.sees(visitor.card, "ringing")
    await film.add(visitor, 1.8)
    await visitor.on_phone("Your phone", "Answer")
    await visitor.sees(visitor.card, "answered", "ringing")
    await film.add(visitor, 1.8)
    await visitor.on_phone("Other party", "Answer")
    await visitor.sees(visitor.card, "Talking with")
    await asyncio.sleep(7 if IS_FOR_GOOD else 0)
    await film.add(visitor, 1.8)


async def hanging_up(visitor: Visitor) -> Image.Image:
    """Return the question that ``Hang up`` asks; the call goes on."""
    await visitor.presses("Hang up", within=visitor.card)
    question = visitor.page.get_by_role("dialog", name="Hang up?")
    await question.wait_for()
    shot = await taken(visitor)
    await visitor.presses("Keep the call", within=question)
    return shot


async def dialing(visitor: Visitor) -> Image.Image:
    """Return the dialer with what it suggests: a colleague has connected, too."""
    await visitor.goes_to("sales")
    await visitor.is_("Bob Baker")
    await visitor.connects("Bob")
    await visitor.is_("Ann Archer")
    await visitor.chooses(
        "Shortcuts", "Place a call", within=visitor.page.locator("main")
    )
    form = visitor.page.get_by_role("dialog", name="Place a call")
    field = form.get_by_role("combobox", name="Call", exact=True)
    await field.press("ArrowDown")
    await visitor.sees(form.get_by_role("listbox"), "Called before", "Bob Baker")
    await visitor.page.mouse.move(0, 0)
    shot = await taken(visitor)
    await field.press("Escape")
    await visitor.presses("Cancel", within=form)
    return shot


async def end(visitor: Visitor, film: Film) -> None:
    """Play it on until its results stand in the thread."""
    await visitor.on_phone("Your phone", "Hang up")
    if IS_FOR_GOOD:  # in a hurry it may be over before anybody has looked
        await visitor.sees(visitor.card, "not confirmed yet")
    await film.add(visitor, 1.5)
    await visitor.sees(visitor.card, "Talked for", "1 reply")
    await film.add(visitor, 1.5)
    await visitor.opens_thread()
    await visitor.sees(visitor.thread, "Talk time")
    await visitor.page.mouse.move(0, 0)
    await film.add(visitor, 4.0)


async def from_afar(browser: Browser, address: str, theme: Theme) -> Image.Image:
    """Return the page as a telephone shows it in mid-call."""
    async with a_visitor(
        browser, address, size=NARROW, theme=theme, scale=SCALE
    ) as visitor:
        await visitor.sees(visitor.card, "Talking with")
        return await taken(visitor)


async def at_home(visitor: Visitor) -> Image.Image:
    """Return the Home tab of somebody who has called, and has connected since."""
    await visitor.connects()
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    home = visitor.page.get_by_role("region", name="Home")
    await visitor.sees(home, "calling as Ann Archer", "you: answered")
    await visitor.page.mouse.move(0, 0)
    return await taken(visitor)


async def is_called_back(visitor: Visitor) -> Image.Image:
    """Have a call missed that leaves a voicemail; return the card that Bob has taken."""
    await visitor.presses("Other party: Call us")
    await visitor.presses("Shared phone: Voicemail")
    card = visitor.page.locator(".middle .message", has_text="Missed call from")
    await visitor.sees(card, "left a voicemail")
    await visitor.is_("Bob Baker")
    await visitor.presses("I'll take it", within=card)
    await visitor.sees(card, "has it")
    await visitor.is_("Ann Archer")
    await visitor.page.mouse.move(0, 0)
    shot = await taken(visitor)
    await visitor.is_("Bob Baker")
    await visitor.presses("Call back", within=card)
    await visitor.on_phone("Your phone", "Answer")
    await visitor.on_phone("Other party", "Answer")
    await visitor.sees(visitor.card, "Talking with")
    await visitor.on_phone("Your phone", "Hang up")
    await visitor.sees(card, "called back")
    return shot


async def summed_up(visitor: Visitor) -> Image.Image:
    """Return a digest, with the hook's newest event open beside it."""
    await visitor.presses("Post digest")
    await visitor.page.get_by_role("figure", name="Calls by day").wait_for()
    await visitor.presses("Hook")
    event = visitor.page.locator(".request", has_text="call.ended")
    await event.locator("summary").click()
    await visitor.page.mouse.move(0, 0)
    return await taken(visitor)


@pytest.mark.parametrize("theme", ["light", "dark"] if IS_FOR_GOOD else ["light"])
async def test_pictures_of_a_missed_call_and_a_digest(
    theme: Theme, tmp_path: Path
) -> None:
    """A demo of their own: who was just called does not call."""
    folder = PICTURES if IS_FOR_GOOD else tmp_path
    async with (
        a_browser() as browser,
        a_demo(*PACE) as address,
        a_visitor(browser, address, theme=theme, scale=SCALE) as visitor,
    ):
        pictures = {
            f"missed-{theme}.png": await is_called_back(visitor),
            f"digest-{theme}.png": await summed_up(visitor),
        }
    for name, image in pictures.items():
        keep(image, folder, name)
        assert (folder / name).stat().st_size < MOST_BYTES


async def at_the_desk(visitor: Visitor) -> Image.Image:
    """Return the desk of an admin who has narrowed a rule."""
    await visitor.is_("Bob Baker")
    await visitor.goes_to("RingOut")
    await visitor.presses("Home")
    home = visitor.page.get_by_role("region", name="Home")
    await visitor.sees(home, "Admin desk")
    await home.get_by_role("button", name="Change…").nth(2).click()
    form = visitor.page.get_by_role("dialog", name="Rules")
    await form.get_by_label("Calls a day").fill("40,400")
    await visitor.presses("Save", within=form)
    await visitor.sees(home, "40 a person, 400 for everybody")
    heading = home.get_by_text("Admin desk", exact=True)
    await heading.evaluate("element => element.scrollIntoView()")
    await visitor.page.mouse.move(0, 0)
    return await taken(visitor)


@pytest.mark.parametrize("theme", ["light", "dark"] if IS_FOR_GOOD else ["light"])
async def test_a_picture_of_the_admins_desk(theme: Theme, tmp_path: Path) -> None:
    """A demo of its own: nobody else's pictures have its rules."""
    folder = PICTURES if IS_FOR_GOOD else tmp_path
    async with (
        a_browser() as browser,
        a_demo(*PACE) as address,
        a_visitor(browser, address, theme=theme, scale=SCALE) as visitor,
    ):
        keep(await at_the_desk(visitor), folder, f"desk-{theme}.png")
    assert (folder / f"desk-{theme}.png").stat().st_size < MOST_BYTES


@pytest.mark.parametrize("theme", ["light", "dark"] if IS_FOR_GOOD else ["light"])
async def test_the_pictures_can_be_made(theme: Theme, tmp_path: Path) -> None:
    """One call, seen wide, narrow, and as a film that fits into a README."""
    folder = PICTURES if IS_FOR_GOOD else tmp_path
    folder.mkdir(exist_ok=True)
    film = Film()
    async with (
        a_browser() as browser,
        a_demo(*PACE) as address,
        a_visitor(browser, address, theme=theme, scale=SCALE) as visitor,
    ):
        await begin(visitor, film)
        keep(await from_afar(browser, address, theme), folder, f"narrow-{theme}.png")
        keep(await hanging_up(visitor), folder, f"hang-up-{theme}.png")
        await end(visitor, film)
        keep(await taken(visitor), folder, f"call-{theme}.png")
        await visitor.types("/callstatus last 10")
        await visitor.presses("Close the thread")
        await visitor.page.get_by_role("table").wait_for()
        await visitor.page.mouse.move(0, 0)
        keep(await taken(visitor), folder, f"list-{theme}.png")
        keep(await at_home(visitor), folder, f"home-{theme}.png")
        keep(await dialing(visitor), folder, f"dialer-{theme}.png")
    film.keep(folder / f"call-{theme}.webp")

    sizes = {path.name: path.stat().st_size for path in folder.glob(f"*-{theme}.*")}
    stills = ("call", "dialer", "hang-up", "home", "list", "narrow")
    assert sizes.keys() >= {f"{each}-{theme}.png" for each in stills}
    assert f"call-{theme}.webp" in sizes
    assert max(sizes.values()) < MOST_BYTES
