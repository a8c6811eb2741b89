"""Where the contracts and what is made of them lie in a checkout."""

from dataclasses import dataclass
from pathlib import Path

from shared_schemas.topics import CONTRACTS_DIR


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that the checks read and the generators write.

    Attributes:
        contracts: holds topics/, schemas/ and examples/.
        root: the repository, which holds services/, tenants/ and docs/.
    """

    contracts: Path
    root: Path

    @property
    def topics(self) -> Path:
        """One YAML file per topic."""
        return self.contracts / "topics"

    @property
    def schemas(self) -> Path:
        """One generated JSON Schema per topic and major version."""
        return self.contracts / "schemas"

    @property
    def retired(self) -> Path:
        """Names the schemas that went, and since when; so that their going is a decision, not a slip."""
        return self.contracts / "retired.yaml"

    @property
    def examples(self) -> Path:
        """One folder per topic, in it one per major version, in it one file per example."""
        return self.contracts / "examples"

    @property
    def tenant_schema(self) -> Path:
        """The generated JSON Schema of tenants/*.yaml."""
        return self.root / "tenants" / "tenant.schema.json"

    @property
    def event_docs(self) -> Path:
        """The generated pages about events."""
        return self.root / "docs" / "events"

    def name_of(self, path: Path) -> str:
        """Return a path as people read it: from the repository's root where it lies inside."""
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)


def this_checkout() -> Places:
    """Return the places of the checkout that this package is imported from."""
    return Places(CONTRACTS_DIR, CONTRACTS_DIR.parents[1])
