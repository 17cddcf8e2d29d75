"""Accounts and passwords, on a real Redis."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

from bot.desk import passwords
from bot.desk.accounts import ACCOUNTS, AccountError, Accounts
from bot.desk.passwords import Passwords, is_weak, one_time
from bot.store.sealing import Sealer
from bot.store.store import Store
from tests.desk.house import PASSWORD, quick_passwords

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, quick_passwords())


async def test_a_new_account_has_a_one_time_password_that_must_be_changed(accounts: Accounts) -> None:
    account, once = await accounts.add("rina", "clinician", AT, shown="Rina", title="perawat")
    assert account.label == "Rina, perawat"
    assert account.must_change
    assert (await accounts.verify("rina", once)) == account
    changed = await accounts.set_password("rina", once, PASSWORD)
    assert not changed.must_change
    assert await accounts.verify("rina", once) is None
    assert await accounts.verify("rina", PASSWORD) == changed


async def test_names_are_shown_even_where_none_was_given(accounts: Accounts) -> None:
    account, _ = await accounts.add("budi", "viewer", AT)
    assert account.label == "Budi, petugas klinik"


@pytest.mark.parametrize("name", ["", "Rina", "rina p", "-rina", "x" * 33, "rina\n", "rína", "../x", "a:b"])
async def test_a_wrong_username_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="name"):
        await accounts.add(name, "viewer", AT)


@pytest.mark.parametrize("shown", ["x" * 61, "Rina\u202etawarep", "Rina\x00", "\u200b"])
async def test_a_name_that_would_not_be_read_as_written_is_refused(accounts: Accounts, shown: str) -> None:
    with pytest.raises(AccountError, match="shown"):
        await accounts.add("rina", "viewer", AT, shown=shown)


async def test_a_name_is_given_once(accounts: Accounts) -> None:
    await accounts.add("rina", "viewer", AT)
    with pytest.raises(AccountError, match="taken"):
        await accounts.add("rina", "admin", AT)


async def test_the_first_admin_is_made_by_one_of_many_processes(accounts: Accounts) -> None:
    told = await asyncio.gather(*(accounts.ensure_admin(AT) for _ in range(8)))
    once = [password for password in told if password]
    assert len(once) == 1
    assert (await accounts.verify("admin", once[0])) is not None
    assert await accounts.ensure_admin(AT) is None


async def test_the_first_admin_is_made_beside_other_accounts_and_not_beside_an_admin(accounts: Accounts) -> None:
    await accounts.add("rina", "clinician", AT)
    assert await accounts.ensure_admin(AT)
    await accounts.set_role("rina", "admin")
    await accounts.set_role("admin", "viewer")
    assert await accounts.ensure_admin(AT) is None


async def test_changes_at_once_are_all_kept(accounts: Accounts) -> None:
    """One writes over what another has just written only where the write is not compared with what was read."""
    account, once = await accounts.add("rina", "viewer", AT)
    await asyncio.gather(
        accounts.set_disabled("rina", True),
        accounts.set_role("rina", "clinician"),
        accounts.set_shown("rina", "Rina S.", "perawat"),
        *(accounts.note_login(account, once, AT) for _ in range(10)),
    )
    now = await accounts.find("rina")
    assert now is not None
    assert (now.disabled, now.role, now.label, now.last_login) == (True, "clinician", "Rina S., perawat", AT)


@pytest.mark.parametrize("act", ["disable", "reset", "password"])
async def test_what_ends_sessions_changes_the_epoch(accounts: Accounts, act: str) -> None:
    account, once = await accounts.add("rina", "viewer", AT)
    acts: dict[str, Any] = {
        "disable": lambda: accounts.set_disabled("rina", True),
        "reset": lambda: accounts.reset("rina"),
        "password": lambda: accounts.set_password("rina", once, PASSWORD),
    }
    await acts[act]()
    now = await accounts.find("rina")
    assert now is not None
    assert now.epoch != account.epoch


async def test_a_disabled_account_does_not_log_in_and_an_enabled_one_does(accounts: Accounts) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    await accounts.set_disabled("rina", True)
    assert await accounts.verify("rina", once) is None
    await accounts.set_disabled("rina", False)
    assert await accounts.verify("rina", once) is not None


async def test_a_reset_during_a_change_of_password_wins(accounts: Accounts) -> None:
    """An intruder who is just changing the password does not get it past the admin's reset."""
    _, once = await accounts.add("rina", "viewer", AT)
    reset: list[str] = []

    class Slow(Passwords):
        async def hash(self, password: str) -> str:
            reset.append(await accounts.reset("rina"))
            return await super().hash(password)

    slow = Accounts(accounts._store, Slow(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    with pytest.raises(AccountError, match="wrong"):
        await slow.set_password("rina", once, PASSWORD)
    assert await accounts.verify("rina", reset[0]) is not None


async def test_unknown_names_and_disabled_accounts_cost_a_verification_of_the_same_kind(accounts: Accounts) -> None:
    verified: list[str] = []

    class Watching(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            verified.append(str(hash))
            return super().verify(hash, password)

    watched = Accounts(accounts._store, Passwords(Watching(time_cost=1, memory_cost=8, parallelism=1)))
    account, once = await watched.add("rina", "viewer", AT)
    await watched.verify("rina", once)
    await watched.verify("rina", "something else")
    await watched.verify("nobody", once)
    await watched.set_disabled("rina", True)
    await watched.verify("rina", once)
    dummy = watched._passwords.dummy
    assert verified == [account.hash, account.hash, dummy, dummy]
    assert dummy.rpartition("$")[0].rpartition("$")[0] == account.hash.rpartition("$")[0].rpartition("$")[0]
    assert len(dummy) == len(account.hash)


def test_the_real_cost_is_at_least_what_is_advised() -> None:
    """OWASP's cheat sheet: argon2id, 46 MiB and one pass, or 19 MiB and two."""
    found = PasswordHasher.from_parameters(__import__("argon2").extract_parameters(Passwords().dummy))
    assert found.type.name == "ID"
    assert found.memory_cost >= 47_104
    assert found.time_cost >= 1


async def test_a_hash_of_former_cost_is_made_anew_at_the_next_login(accounts: Accounts, store: Store) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    dearer = Accounts(store, Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    account = await dearer.verify("rina", once)
    assert account is not None
    await dearer.note_login(account, once, AT)
    renewed = await dearer.verify("rina", once)
    assert renewed is not None
    assert "m=16,t=2" in renewed.hash
    assert renewed.epoch == account.epoch, "nobody is logged out by it"


async def test_a_password_is_the_same_on_every_keyboard(accounts: Accounts) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    await accounts.set_password("rina", once, "café di pantai utara")
    assert await accounts.verify("rina", "cafe\u0301 di pantai utara") is not None


async def test_half_a_surrogate_in_a_password_is_only_wrong(accounts: Accounts) -> None:
    await accounts.add("rina", "viewer", AT)
    assert await accounts.verify("rina", "x\ud83d") is None


@pytest.mark.parametrize(
    "new",
    [
        "short",
        "aaaaaaaaaaaaaaa",
        "x" * 257,
        "rinarinarina",
        "Rina-2026-2026",
        "121212121212",
        "081234567890",
        "3171234567890001",
        "Password1234!",
        "katasandi12345",
        "QwertyUIOP123",
        "admin.klinik.2026",
        "KlinikSehat2026!",
    ],
)
async def test_a_weak_password_is_refused(accounts: Accounts, new: str) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    with pytest.raises(AccountError, match="weak"):
        await accounts.set_password("rina", once, new)


@pytest.mark.parametrize(
    "new", ["kuda laut biru", "Sembilan-belut!listrik", "payung7teh9kompor", "rumah sakit kuda nil"]
)
def test_words_that_nobody_puts_together_are_good(new: str) -> None:
    assert not is_weak(new, "rina")


async def test_the_old_password_is_no_new_one(accounts: Accounts) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    with pytest.raises(AccountError, match="same"):
        await accounts.set_password("rina", once, once)


def test_one_time_passwords_are_long_and_different() -> None:
    made = {one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 19 for password in made)
    assert not set("01ilo") & set(passwords.LETTERS)


async def test_accounts_outlive_a_rotation_of_the_key(store: Store) -> None:
    """A key in the middle may be taken away once the service has been started with the newest."""
    oldest, middle, newest = "the oldest secret", "the middle secret", "the newest secret"
    rotation = ([middle, oldest], [newest, middle, oldest], [newest, oldest])
    of = [Accounts(Store(store.redis, Sealer(keys), store.retention), quick_passwords()) for keys in rotation]
    password = await of[0].ensure_admin(AT)
    assert password
    assert await of[1].ensure_admin(AT) is None
    assert await of[2].verify("admin", password) is not None


async def test_an_account_that_can_not_be_read_is_no_account(accounts: Accounts, store: Store) -> None:
    _, once = await accounts.add("rina", "viewer", AT)
    await accounts.add("budi", "viewer", AT)
    field = store.sealer.name("account", "rina")
    await store.redis.hset(ACCOUNTS, field, b"broken")
    assert await accounts.verify("rina", once) is None
    assert [account.username for account in await accounts.list()] == ["budi"]
    with pytest.raises(AccountError, match="unknown"):
        await accounts.reset("rina")
    with pytest.raises(AccountError, match="taken"):
        await accounts.add("rina", "viewer", AT)


async def test_nothing_of_an_account_is_readable_at_rest(accounts: Accounts, store: Store) -> None:
    await accounts.add("rina", "viewer", AT, shown="Rina Sari")
    stored = await store.redis.hgetall(ACCOUNTS)
    everything = b"".join([*stored.keys(), *stored.values()])
    assert not any(word in everything for word in (b"rina", b"Rina", b"argon2", b"viewer"))
