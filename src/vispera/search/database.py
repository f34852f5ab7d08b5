"""A database as a search's memory, by its URL: opened, shared turn by turn, and lost in one clear line.

Optuna makes its tables and numbers its trials rightly when several processes write at once; what it does not
know is that two searchers must not draw the same trial, nor one more than was asked for. For that they wait
for each other's turn: on a row of the study, or on a file beside SQLite's, which locks no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vispera.errors import UsageError, VisperaError
from vispera.search.journal import locked

EXAMPLE = "search.storage=postgresql+psycopg://USER@HOST/DATABASE"
PACKAGES = {"psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}
"""What to install for a driver, where it is not called as it is imported."""
ATTEMPTS = 3
GONE_MINUTES = 2
"""After so long without a word PostgreSQL takes a turn away: its host has vanished."""


def database(url: str) -> Any:
    """Optuna's storage in a database, with its tables; UsageError with what to type if it cannot be used."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import IntegrityError, ProgrammingError

    made = _class()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return made(url, engine_kwargs={"pool_pre_ping": True})
        except Exception as refusal:  # whatever a driver raises, and however it is missing
            # another searcher may have been a moment faster in making the tables
            beaten = isinstance(refusal, IntegrityError | ProgrammingError | StorageInternalError)
            exists = "already exists" in str(refusal)  # SQLite's way to say so
            if not (beaten or exists) or attempt == ATTEMPTS:
                raise UsageError(f"search.storage: {_refused(url, refusal)}") from None
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def reached() -> Iterator[None]:
    """Says in one line that the database was lost, if it is while the block lasts.

    Raises
    ------
    VisperaError
        In the place of what Optuna raises, with how to go on.
    """
    from optuna.exceptions import StorageInternalError

    try:
        yield
    except StorageInternalError as lost:
        raise VisperaError(
            f"search.storage: the database was lost: {_said(lost.__cause__ or lost)}; the trials that had "
            "ended are kept there: when it is back, type the same again"
        ) from None


def _class() -> Any:
    from optuna.exceptions import StorageInternalError
    from optuna.storages import RDBStorage
    from optuna.storages._rdb.models import StudyUserAttributeModel as Attribute
    from sqlalchemy import select, text
    from sqlalchemy.exc import SQLAlchemyError

    class Database(RDBStorage):
        """Optuna's storage, in which searchers wait for each other's turn."""

        @contextmanager
        def turn(self, study: int) -> Iterator[None]:
            """No other searcher of the study is in such a block, on any host."""
            if self.engine.dialect.name == "sqlite":
                with locked(f"{self.engine.url.database}.turn"):
                    yield
                return
            # not the study's own row: Optuna locks that one from another connection
            row = select(Attribute.study_id).where(Attribute.study_id == study, Attribute.key == "batch")
            try:
                with self.engine.begin() as connection:
                    if self.engine.dialect.name == "postgresql":
                        limit = f"SET LOCAL idle_in_transaction_session_timeout = '{GONE_MINUTES}min'"
                        connection.execute(text(limit))
                    connection.execute(row.with_for_update()).all()
                    yield
            except SQLAlchemyError as lost:
                raise StorageInternalError(str(lost)) from lost

    return Database


def _refused(url: str, refusal: Exception) -> str:
    """Why a database cannot be used, and what to type; quotes nothing that may hold a password."""
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    scheme = url.partition("://")[0]
    if isinstance(refusal, ImportError):
        module = getattr(refusal.__cause__, "name", None) or scheme.partition("+")[2] or scheme
        package = PACKAGES.get(module, module)
        return f"{scheme} needs a driver that is missing; type: python -m pip install '{package}'"
    if isinstance(refusal, NoSuchModuleError):
        return f"'{scheme}' is no database that SQLAlchemy knows; type something like {EXAMPLE}"
    if isinstance(refusal, ArgumentError | ValueError):
        return f"this is no URL of a database; type something like {EXAMPLE}"
    said = _said(refusal)
    if isinstance(refusal, DBAPIError) and "password" in said:
        return f"{said}; put the right one into ~/.pgpass or the variable PGPASSWORD and type the same again"
    return f"cannot be used: {said}; see that it runs and lets you in, and type the same again"


def _said(refusal: BaseException) -> str:
    """What a driver says, in one line."""
    told = str(getattr(refusal, "orig", None) or refusal) or type(refusal).__name__
    return " ".join(told.split()).rstrip(".;")
