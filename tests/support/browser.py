"""A real browser for the pages: Chromium without a window, with a profile of its own and no way out of this machine."""

import html
import re
import shutil
import subprocess
from pathlib import Path

from tests.support.servers import need

_SECONDS = 60
_QUIET = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"]


class Browser:
    """`folder` holds the profile and what is made."""

    def __init__(self, folder: Path) -> None:
        names = ("chromium", "chromium-browser", "google-chrome")
        self._program = need(next(filter(None, map(shutil.which, names)), None), "chromium")
        self._folder = folder

    def screenshot(self, page: Path, width: int = 1200, height: int = 2000, *, dark: bool = False) -> Path:
        """A picture (PNG) of the page's first `height` pixels."""
        picture = self._folder / f"{page.stem}-{width}x{height}{'-dark' if dark else ''}.png"
        scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
        self._run(page, f"--screenshot={picture}", f"--window-size={width},{height}", *scheme)
        return picture

    def dom(self, page: Path) -> str:
        """The page as HTML after its scripts have run."""
        return self._run(page, "--dump-dom").stdout

    def complaints(self, page: Path) -> list[str]:
        """What the page writes to the console: errors of scripts, what its security policy refused."""
        told = self._run(page, "--dump-dom", "--enable-logging=stderr").stderr
        return [line for line in told.splitlines() if ":CONSOLE" in line]

    def asked(self, page: Path, width: int, script: str) -> str:
        """What `script` - the body of a function of the page's `document` - returns, as text, in a window of `width` pixels."""
        frame = self._folder / "frame.html"
        frame.write_text(
            f'<iframe style="border:0;width:{width}px;height:4000px" srcdoc="{html.escape(page.read_text("utf-8"))}"></iframe>'
            f"<script>const frame = document.querySelector('iframe'); const asked = (document) => {{ {script} }};"
            "frame.onload = () => { document.title = asked(frame.contentDocument); };</script>",
            "utf-8",
        )
        return html.unescape(re.findall(r"<title>(.*?)</title>", self.dom(frame))[-1])

    def _run(self, page: Path, *options: str) -> "subprocess.CompletedProcess[str]":
        command = [self._program, *_QUIET, f"--user-data-dir={self._folder / 'profile'}", *options, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
