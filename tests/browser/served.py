"""``tanyakaki serve`` as a process of its own, on a folder of its own."""

import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.pace import PATIENCE
from tests.redis_servers import free_port

COMMAND = Path(sys.executable).with_name("tanyakaki")
STARTS_WITHIN = PATIENCE


@dataclass
class Served:
    """The service; it can be stopped and started again on what it has kept."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "DATA_DIR": str(self.folder / "data")}
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port)], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._is_ready():
            said = (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")
            assert self.process.poll() is None, f"serve ended by itself:\n{said}"
            assert time.monotonic() < deadline, f"serve is not ready after {STARTS_WITHIN} s:\n{said}"
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
