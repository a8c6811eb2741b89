"""What a newer program wrote into a document survives an older one that does not know it."""

from typing import Any


def keep_unknown(stored: Any, known: Any, new: Any) -> Any:
    """Return `new` with what `stored` holds and `known` does not.

    Args:
        stored: the value as it was found in the store.
        known: the same value after this program read and wrote it: what this program knows.
        new: the value that shall be saved.
    """
    if stored == known:
        return new
    if isinstance(stored, dict) and isinstance(known, dict) and isinstance(new, dict):
        return _keep_in_mapping(stored, known, new)
    if isinstance(stored, list) and isinstance(known, list) and isinstance(new, list):
        return _keep_in_list(stored, known, new)
    return new


def _keep_in_mapping(stored: dict[str, Any], known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in stored.items() if name not in known and name not in new}
    merged = {
        name: keep_unknown(stored[name], known[name], value) if name in stored and name in known else value
        for name, value in new.items()
    }
    return {**kept, **merged}


def _keep_in_list(stored: list[Any], known: list[Any], new: list[Any]) -> list[Any]:
    """Match items by the name they carry; lists of the domain only grow or change in place."""
    places = {_name_of(item): place for place, item in enumerate(known) if _name_of(item) is not None}
    return [
        keep_unknown(stored[places[name]], known[places[name]], item)
        if (name := _name_of(item)) in places
        else item
        for item in new
    ]


def _name_of(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    for name, value in item.items():
        if (name == "id" or name.endswith("_id")) and isinstance(value, str):
            return f"{name}={value}"
    return None
