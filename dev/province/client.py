"""The portal's action API, as any client sees it."""

from __future__ import annotations

import io
from typing import Any

import ckanapi
import requests
from ckanapi.errors import CKANAPIError, NotAuthorized, NotFound, ValidationError

from .model import DataFile, Metadata

TIMEOUT = (10, 120)
"""Seconds to connect and to wait for an answer."""


class LoadError(RuntimeError):
    """The portal refused something; the message names the thing and the fields."""


class Portal:
    """Calls actions of one portal with one API token.

    Args:
        url: the portal's address.
        token: an API token of a sysadmin: only a sysadmin may create a draft by the API.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._ckan = ckanapi.RemoteCKAN(self.url, apikey=token, user_agent="nd47-sample-province")

    def call(self, action: str, subject: str, **arguments: Any) -> Any:
        """Return the result of an action.

        Args:
            action: name of the action.
            subject: what it is about, for messages.
            **arguments: the parameters of the action.

        Raises:
            LoadError: the portal refused, failed or did not answer.
        """
        return self._send(action, subject, arguments, None)

    def find(self, action: str, subject: str, **arguments: Any) -> Any | None:
        """Return the result of an action, or None where the portal does not know the thing."""
        try:
            return self._ckan.call_action(action, arguments, requests_kwargs={"timeout": TIMEOUT})
        except NotFound:
            return None
        except (CKANAPIError, requests.RequestException) as error:
            raise LoadError(self._explain(subject, error)) from error

    def upload(self, dataset: str, file: DataFile, fields: Metadata) -> Any:
        """Add a resource with its file to a dataset."""
        stream = io.BytesIO(file.build())
        files = {"upload": (file.filename, stream, file.mimetype)}
        subject = f"dataset {dataset}, file {file.filename}"
        return self._send("resource_create", subject, {"package_id": dataset, **fields}, files)

    def close(self) -> None:
        """Close the connections."""
        self._ckan.close()

    def _send(
        self, action: str, subject: str, arguments: Metadata, files: dict[str, Any] | None
    ) -> Any:
        try:
            return self._ckan.call_action(
                action, arguments, files=files, requests_kwargs={"timeout": TIMEOUT}
            )
        except (CKANAPIError, requests.RequestException) as error:
            raise LoadError(self._explain(subject, error)) from error

    def _explain(self, subject: str, error: Exception) -> str:
        if isinstance(error, ValidationError):
            fields = "; ".join(_flatten(error.error_dict))
            return f"{subject}: the portal does not accept it: {fields}"
        if isinstance(error, NotAuthorized):
            return f"{subject}: not allowed; the token must be a sysadmin's"
        if isinstance(error, requests.ConnectionError):
            return f"{subject}: the portal at {self.url} does not answer; is it running?"
        if isinstance(error, requests.Timeout):
            return f"{subject}: the portal at {self.url} took longer than {TIMEOUT[1]} seconds"
        return f"{subject}: {error}"


def _flatten(errors: Any, path: str = "") -> list[str]:
    """Turn CKAN's nested errors into 'field: message' lines; repeating groups get a number."""
    if isinstance(errors, dict):
        return [
            line
            for key, inner in errors.items()
            if not str(key).startswith("__")
            for line in _flatten(inner, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(errors, list) and any(isinstance(e, dict) for e in errors):
        return [
            line
            for number, inner in enumerate(errors, start=1)
            for line in _flatten(inner, f"{path}[{number}]")
        ]
    messages = errors if isinstance(errors, list) else [errors]
    return [f"{path}: {message}" for message in messages]
