"""The portal's action API, as any client sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from .model import DataFile, Metadata

TIMEOUT = (10, 120)
"""Seconds to connect and to wait for an answer."""
NOT_FOUND = 404
FORBIDDEN = 403


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
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": token, "User-Agent": "ckanext-nd47 sample province"}
        )

    def call(self, action: str, subject: str, **arguments: Any) -> Any:
        """Return the result of an action.

        Args:
            action: name of the action.
            subject: what it is about, for messages.
            **arguments: the parameters of the action.

        Raises:
            LoadError: the portal refused, failed or did not answer.
        """
        return self._result(self._post(action, subject, json=arguments), subject)

    def find(self, action: str, subject: str, **arguments: Any) -> Any | None:
        """Return the result of an action, or None where the portal does not know the thing."""
        response = self._post(action, subject, json=arguments)
        return None if _is_unknown(response) else self._result(response, subject)

    def revise(
        self, dataset: str, subject: str, changes: Metadata, uploads: Mapping[str, DataFile]
    ) -> Any:
        """Change fields of a dataset and upload files to its resources, all in one transaction.

        Args:
            dataset: id of the dataset.
            subject: what it is about, for messages.
            changes: fields to set.
            uploads: files by the id of their resource.

        Raises:
            LoadError: the portal refused, failed or did not answer.
        """
        files = {
            f"update__resources__{resource}__upload": (file.filename, file.build(), file.mimetype)
            for resource, file in uploads.items()
        }
        fields = {f"update__{name}": content for name, content in changes.items()}
        body = {"match__id": dataset, **fields}
        return self._result(self._post("package_revise", subject, data=body, files=files), subject)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _post(self, action: str, subject: str, **body: Any) -> requests.Response:
        try:
            return self._session.post(
                f"{self.url}/api/3/action/{action}", timeout=TIMEOUT, allow_redirects=False, **body
            )
        except requests.Timeout as error:
            msg = f"{subject}: the portal at {self.url} took longer than {TIMEOUT[1]} seconds"
            raise LoadError(msg) from error
        except requests.RequestException as error:
            msg = f"{subject}: the portal at {self.url} does not answer; is it running?"
            raise LoadError(msg) from error

    def _result(self, response: requests.Response, subject: str) -> Any:
        answer = _answer(response)
        if answer.get("success"):
            return answer["result"]
        errors = answer.get("error")
        if isinstance(errors, dict) and errors.get("__type") == "Validation Error":
            msg = f"{subject}: the portal does not accept it: {'; '.join(_flatten(errors))}"
        elif response.status_code == FORBIDDEN:
            msg = f"{subject}: not allowed; the token must be a sysadmin's"
        elif isinstance(errors, dict) and "message" in errors:
            msg = f"{subject}: {errors['message']}"
        else:
            msg = (
                f"{subject}: the server at {self.url} answered with status {response.status_code} "
                "and no CKAN message; is a CKAN portal running there, and what does its log say?"
            )
        raise LoadError(msg)


def _answer(response: requests.Response) -> dict[str, Any]:
    """Return the JSON object of a response, or an empty one where there is none."""
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_unknown(response: requests.Response) -> bool:
    """Tell "no such thing" from a server that has no such address at all."""
    errors = _answer(response).get("error")
    return (
        response.status_code == NOT_FOUND
        and isinstance(errors, dict)
        and errors.get("__type") == "Not Found Error"
    )


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
