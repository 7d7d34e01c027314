"""What a page has shown, if only for a moment: the state of a process passes by itself."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page

from patience import LOOK_EVERY, PATIENCE

WATCH = """() => {
  window.shown = new Set();
  const look = () => {
    for (const each of document.querySelectorAll('.card, .trouble, .bot'))
      window.shown.add(each.textContent.replace(/\\s+/g, ' '));
  };
  new MutationObserver(look).observe(
    document.body, {subtree: true, childList: true, characterData: true});
}"""
SHOWN = "text => [...window.shown].some(each => each.includes(text))"


async def watch(page: Page) -> None:
    """Note from now on what a card, its trouble and the bot's state say."""
    await page.evaluate(WATCH)


async def saw(page: Page, *texts: str) -> None:
    """Wait until the page has shown all of *texts* since `watch`."""
    async with asyncio.timeout(PATIENCE):
        for text in texts:
            while not await page.evaluate(SHOWN, text):
                await asyncio.sleep(LOOK_EVERY)
