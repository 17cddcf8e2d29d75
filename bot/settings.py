"""The settings: environment and ``.env`` to one frozen object. A wrong value stops the start with one clear line."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

PACKAGE: Final = Path(__file__).resolve().parent

EXAMPLES: Final[Mapping[str, str]] = {
    "REDIS_URL": "redis://:password@localhost:6379/0",
    "DATA_DIR": "data",
    "FLOWS_DIR": "flows",
    "KNOWLEDGE_DIR": "knowledge",
    "PUBLIC_URL": "https://chat.klinik.example",
    "TELEGRAM_TOKEN": "123456789:AAE-the-token-that-BotFather-gave",
    "TELEGRAM_API_URL": "http://127.0.0.1:8081",
    "TELEGRAM_WEBHOOK_SECRET": "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
    "TELEGRAM_RATE": "30",
    "TELEGRAM_STAFF_CHAT": "-1001234567890",
    "TELEGRAM_STAFF_RELAY": "1",
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "the-auth-token-of-the-console",
    "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
    "TWILIO_API_URL": "http://127.0.0.1:4010",
    "TWILIO_RATE": "80",
    "SECRET_KEY": "the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
    "RETENTION_DAYS": "30",
    "CLINIC": "clinic.yaml",
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "json",
}


class SettingsError(Exception):
    """A setting that can't be used; one line for the person who set it."""


class Settings(BaseModel):
    """What the program runs with. Field names are the settings' names in lower case."""

    model_config = ConfigDict(frozen=True)

    redis_url: str | None = None
    data_dir: Path = Path("data")
    flows_dir: Path = Field(default_factory=lambda: shipped("flows"))
    knowledge_dir: Path = Field(default_factory=lambda: shipped("knowledge"))
    clinic: Path | None = None
    public_url: str | None = None
    telegram_token: str | None = None
    telegram_api_url: str | None = None
    telegram_webhook_secret: str | None = Field(default=None, validate_default=True)
    telegram_rate: float = Field(default=30, ge=0, le=10_000)
    telegram_staff_chat: int | None = None
    telegram_staff_relay: bool = False
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = None
    twilio_whatsapp_from: str | None = None
    twilio_api_url: str | None = None
    twilio_rate: float = Field(default=80, ge=0, le=10_000)
    secret_key: str | None = None
    retention_days: int = Field(default=30, ge=1, le=3650)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str | None) -> str | None:
        schemes = ("redis://", "rediss://", "unix://", "redis+sentinel://", "redis+cluster://")
        if value is not None and not value.startswith(schemes):
            raise ValueError(f"must begin with one of {', '.join(schemes)}")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_scheme(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value.rstrip("/") if value else value

    @field_validator("telegram_token")
    @classmethod
    def _telegram_token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", value):
            raise ValueError("must be a number, a colon and letters, as @BotFather gives it")
        return value

    @field_validator("telegram_api_url", "twilio_api_url")
    @classmethod
    def _telegram_api(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/\s]", value):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/") if value else value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _telegram_secret(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("telegram_token") and info.data.get("public_url"):
            raise ValueError(
                "is required with PUBLIC_URL and TELEGRAM_TOKEN: Telegram then posts to us and must prove it"
            )
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
            raise ValueError("must be 1 to 256 letters, digits, _ or -")
        return value

    @field_validator("telegram_staff_chat", mode="before")
    @classmethod
    def _staff_chat(cls, value: object, info: ValidationInfo) -> object:
        if not re.fullmatch(r"-\d{1,18}", str(value)) or int(str(value)) == 0:
            raise ValueError("must be the number of a group, which is negative")
        if not info.data.get("telegram_token"):
            raise ValueError("is of no use without TELEGRAM_TOKEN")
        return value

    @field_validator("telegram_staff_relay", mode="before")
    @classmethod
    def _staff_relay(cls, value: object, info: ValidationInfo) -> object:
        if str(value) not in ("0", "1", "False", "True"):
            raise ValueError("must be 0 or 1")
        if str(value) in ("1", "True") and not info.data.get("telegram_staff_chat"):
            raise ValueError("is of no use without TELEGRAM_STAFF_CHAT")
        return value

    @field_validator("twilio_account_sid")
    @classmethod
    def _twilio_account(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"AC[0-9a-zA-Z]{32}", value):
            raise ValueError("must be AC and 32 letters or digits, as the console shows it")
        return value

    @field_validator("twilio_auth_token")
    @classmethod
    def _twilio_tokens(cls, value: str | None) -> str | None:
        if value is not None and not all(token.strip() for token in value.split(",")):
            raise ValueError("must be one token, or two with a comma between them while rotating")
        return value

    @field_validator("twilio_whatsapp_from")
    @classmethod
    def _twilio_sender(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"whatsapp:\+\d{6,15}", value):
            raise ValueError("must be whatsapp:+ and the sender's number with its country, digits only")
        return value

    @model_validator(mode="after")
    def _twilio_whole(self) -> "Settings":
        given = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_WHATSAPP_FROM": self.twilio_whatsapp_from,
        }
        missing = next((name for name, value in given.items() if value is None), None)
        if missing and any(given.values()):
            set_one = next(name for name, value in given.items() if value is not None)
            raise _error(missing, f"is required with {set_one}")
        if not missing and self.public_url is None:
            raise _error(
                "PUBLIC_URL", "is required with the TWILIO_ settings: Twilio signs the address that it posts to"
            )
        return self

    @field_validator("secret_key")
    @classmethod
    def _secret_length(cls, value: str | None) -> str | None:
        if value is not None and any(len(key) < 16 for key in value.split(",")):
            raise ValueError("is too short to keep a secret; 16 characters at least")
        return value

    @field_validator("flows_dir", "knowledge_dir")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError(f"there is no folder {value}")
        return value

    @field_validator("clinic")
    @classmethod
    def _file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    def secrets(self) -> list[str]:
        """The secrets, the one in force first, then old ones kept while rotating."""
        if self.secret_key is not None:
            return self.secret_key.split(",")
        if self.redis_url is not None:
            raise _error("SECRET_KEY", "is required with REDIS_URL, so that every process can read what another wrote")
        return [_kept_secret(self.data_dir)]


def shipped(folder: str) -> Path:
    """The content that ships with the program: inside the wheel, or beside the package in a checkout."""
    packed = PACKAGE / "_shipped" / folder
    return packed if packed.is_dir() else PACKAGE.parent / folder


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; the environment outranks ``.env``. Raises ``SettingsError``."""
    values: dict[str, Any] = {**_dotenv(), **os.environ} if environment is None else dict(environment)
    known = {name: values[name.upper()] for name in Settings.model_fields if values.get(name.upper())}
    try:
        return Settings(**known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _error(str(first["loc"][0]).upper(), _plain(first["msg"])) from None


def _dotenv() -> dict[str, str | None]:
    """What ``.env`` in this folder sets."""
    try:
        return dotenv_values(".env")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise SettingsError(f".env can't be read ({why}); is it yours, and a text file?") from None


def _error(name: str, problem: str) -> SettingsError:
    return SettingsError(f"{name} {problem}; for example {name}={EXAMPLES[name]}")


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message if message.startswith(("must", "is ", "there")) else message[0].lower() + message[1:]


def unwritable(folder: Path, error: OSError) -> str:
    """What to tell of a ``DATA_DIR`` that can't be written."""
    return f"DATA_DIR {folder} can't be written ({error.strerror}); make it yours, or set DATA_DIR to another folder"


def _kept_secret(folder: Path) -> str:
    """The secret of an embedded store, made once and readable by its owner alone."""
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            _write_new(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(unwritable(folder, error)) from None


def _write_new(path: Path, text: str) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(text)
