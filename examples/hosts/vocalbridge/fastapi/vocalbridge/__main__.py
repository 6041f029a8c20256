"""python -m vocalbridge serves; python -m vocalbridge seed fills the store and prints API keys."""

import sys

import uvicorn

from .app import create_app
from .log import log_to_stdout
from .seed import seed
from .service import open_service
from .settings import Settings

FAREWELL_SECONDS = 10
"""How long requests under way may take once the host is told to stop."""


def main() -> None:
    arguments = sys.argv[1:]
    if arguments not in ([], ["seed"]):
        sys.exit("usage: python -m vocalbridge [seed]")
    settings = Settings.of_environment()
    if arguments:
        seed(settings)
        return
    log_to_stdout()
    uvicorn.run(
        create_app(open_service(settings)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_SECONDS,
    )


main()
