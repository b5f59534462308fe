"""YAML configuration that people write: loaded safely, checked against a schema, refused with the line number."""

from __future__ import annotations

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from mediamonitor.errors import ConfigurationError

MAX_BYTES = 1_000_000
"""A hand-written file is far smaller; the limit keeps a hostile one from filling memory."""

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """Base of every configuration record: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases (no "billion laughs") and without repeated keys (the last would win in silence)."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                "YAML aliases (*name) are not allowed",
                self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, AttributeError) as error:  # such as 2022-13-45, or !!bool perhaps
            raise yaml.constructor.ConstructorError(
                None, None, f"{str(node.value)[:80]!r} cannot be read ({error})", node.start_mark
            ) from None


def _line_of(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest node that `path` reaches."""
    line = node.start_mark.line + 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


class LoadedYaml:
    """A parsed file that still knows its lines, so that later checks can name them too."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        if len(text.encode()) > MAX_BYTES:
            raise ConfigurationError(
                f"{name}: larger than {MAX_BYTES:,} bytes; split it or remove what is not configuration"
            )
        try:
            loader = _Loader(text)
            root = loader.get_single_node()
            self.data = loader.construct_document(root) if root is not None else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigurationError(f"{name}, line {line}: {error.problem}") from None
        except RecursionError:
            raise ConfigurationError(f"{name}: not readable as YAML: nested too deeply") from None
        except yaml.YAMLError as error:
            raise ConfigurationError(f"{name}: not readable as YAML: {str(error).splitlines()[0]}") from None
        self._root = root

    def error(self, path: tuple[int | str, ...], message: str) -> ConfigurationError:
        """A ConfigurationError that names the file and the line of `path`."""
        line = _line_of(self._root, path) if self._root is not None else 1
        return ConfigurationError(f"{self.name}, line {line}: {message}")

    def check(self, model: type[Model]) -> Model:
        """The content as `model`. Raises ConfigurationError with the line of the first thing that is wrong."""
        if not isinstance(self.data, dict):
            raise ConfigurationError(
                f"{self.name}, line 1: expected keys such as 'version:', found {type(self.data).__name__}"
            )
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors()[0]
            path = tuple(step for step in first["loc"] if isinstance(step, (int, str)))
            if first["type"] == "extra_forbidden":
                raise self.error(path, f"unknown key {path[-1]!r}; remove it or check its spelling") from None
            if first["type"] == "missing":
                raise self.error(path[:-1], f"the key {path[-1]!r} is missing") from None
            message = first["msg"].removeprefix("Value error, ")
            where = ".".join(str(step) for step in path)
            raise self.error(path, f"{where}: {message}" if where else message) from None


def read_config_text(path: str, what: str) -> str:
    """The text of a configuration file. Raises ConfigurationError when it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{what} not found: {path}; create it or point the setting at the right file"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
