"""``tanyakaki staff``: the accounts of the clinic desk."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from bot.desk.accounts import TITLE, Account, AccountError, Accounts, Problem, normal_username
from bot.desk.audit import Audit, Entry
from bot.desk.roles import ROLES
from bot.service import shared_redis_of, store_of
from bot.settings import load_settings
from bot.store.store import Store

PROBLEMS: Final[dict[Problem, str]] = {
    "name": "NAME must be 1 to 32 of a-z 0-9 . _ - and begin with a letter or digit; for example rina.p",
    "taken": "there is an account of that name; `tanyakaki staff list` shows all",
    "unknown": "there is no account of that name; `tanyakaki staff list` shows all",
    "shown": "--shown and --title must be one line of at most 60 characters",
}

Act = Callable[[Accounts], Awaitable[str]]


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("staff", help="accounts of the clinic desk")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    acts.add_parser("list", help="all accounts").set_defaults(run=run_list)
    adding = acts.add_parser("add", help="make an account; prints its one-time password")
    adding.add_argument("name", help="what the person logs in with: a-z 0-9 . _ -")
    adding.add_argument("--role", choices=ROLES, default="clinician", help="what the person may do (clinician)")
    adding.add_argument("--shown", default="", help='the name that patients read, for example "Rina"')
    adding.add_argument("--title", default="", help=f'what patients read behind it, for example perawat ("{TITLE}")')
    adding.set_defaults(run=run_add)
    for name, run, text in (
        ("disable", run_disable, "let nobody log in with it any more; who is logged in is out at once"),
        ("enable", run_enable, "let the person log in again"),
        ("reset", run_reset, "print a new one-time password; who is logged in is out at once"),
    ):
        act = acts.add_parser(name, help=text)
        act.add_argument("name", help="the account")
        act.set_defaults(run=run)
    linking = acts.add_parser("telegram", help="say who this is in the staff's group at Telegram")
    linking.add_argument("name", help="the account")
    linking.add_argument("number", type=int, help="the person's number at Telegram; 0 for none")
    linking.set_defaults(run=run_telegram)


def run_list(arguments: argparse.Namespace) -> int:
    async def tell(accounts: Accounts) -> str:
        everybody = await accounts.list()
        return "\n".join(map(_row, everybody)) or "there is no account yet; the first `tanyakaki serve` makes one"

    return _with_accounts(tell)


def run_add(arguments: argparse.Namespace) -> int:
    async def add(accounts: Accounts) -> str:
        account, password = await accounts.add(
            _name(arguments), arguments.role, datetime.now(UTC), shown=arguments.shown, title=arguments.title
        )
        return f"{account.username} ({account.label}), one-time password: {password}"

    return _with_accounts(add, "staff_add", arguments)


def run_disable(arguments: argparse.Namespace) -> int:
    async def disable(accounts: Accounts) -> str:
        return f"{(await accounts.set_disabled(_name(arguments), True)).username} is disabled"

    return _with_accounts(disable, "staff_disable", arguments)


def run_enable(arguments: argparse.Namespace) -> int:
    async def enable(accounts: Accounts) -> str:
        return f"{(await accounts.set_disabled(_name(arguments), False)).username} is enabled"

    return _with_accounts(enable, "staff_enable", arguments)


def run_reset(arguments: argparse.Namespace) -> int:
    async def reset(accounts: Accounts) -> str:
        return f"{_name(arguments)}, one-time password: {await accounts.reset(_name(arguments))}"

    return _with_accounts(reset, "staff_reset", arguments)


def run_telegram(arguments: argparse.Namespace) -> int:
    async def link(accounts: Accounts) -> str:
        account = await accounts.set_telegram(_name(arguments), arguments.number or None)
        return f"{account.username} is {account.telegram or 'nobody'} at Telegram"

    return _with_accounts(link, "staff_telegram", arguments)


def _with_accounts(act: Act, what: str = "", arguments: argparse.Namespace | None = None) -> int:
    """Do something to the accounts, tell it, and put it into the audit log."""
    settings = load_settings()

    async def run(redis_url: str) -> str:
        async with store_of(settings, redis_url) as store:
            told = await act(Accounts(store))
            if arguments is not None:
                await _note(store, what, _name(arguments))
            return told

    try:
        with shared_redis_of(settings) as redis_url:
            print(asyncio.run(run(redis_url)))
    except AccountError as error:
        print(f"tanyakaki: {PROBLEMS.get(error.problem, error.problem)}", file=sys.stderr)
        return 1
    return 0


async def _note(store: Store, what: str, name: str) -> None:
    await Audit(store).note(Entry(at=datetime.now(UTC), who=_operator(), what=what, detail=name))


def _operator() -> str:
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return "operator"


def _name(arguments: argparse.Namespace) -> str:
    return normal_username(arguments.name)


def _row(account: Account) -> str:
    notes = [account.role, *(["disabled"] if account.disabled else []), *(["one-time password"] * account.must_change)]
    seen = f"last log-in {account.last_login:%Y-%m-%d %H:%M} UTC" if account.last_login else "never logged in"
    return f"{account.username:<32}  {account.label}  ({', '.join(notes)}; {seen})"
