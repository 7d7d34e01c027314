"""A bare Bolt bot as a process: it acks one command and does nothing else.

``default`` is Bolt's default; ``inline`` acks at once (``process_before_response``), as
our bot does. Both use Bolt's own adapters.
"""

from __future__ import annotations

import argparse
import asyncio
import logging

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from children import say


async def serve(options: argparse.Namespace) -> None:
    """Ack until killed."""
    client = AsyncWebClient(token=options.token, base_url=options.api)
    app = AsyncApp(
        client=client,
        signing_secret=options.secret,
        process_before_response=options.inline,
    )

    @app.command("/ringout")
    async def _ringout(ack: AsyncAck) -> None:
        await ack()

    if options.socket:
        handler = AsyncSocketModeHandler(app, options.app_token, web_client=client)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        say(ready="")
    else:
        runner = web.AppRunner(app.web_app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        say(ready=f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    await asyncio.Event().wait()


def main() -> None:
    """Read the arguments, and serve."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--api")
    parser.add_argument("--token")
    parser.add_argument("--app-token")
    parser.add_argument("--secret")
    parser.add_argument("--socket", action="store_true")
    parser.add_argument("--inline", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
