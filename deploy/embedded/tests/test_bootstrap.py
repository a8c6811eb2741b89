"""Setting a bare machine up."""

import ast
import fcntl
import inspect
import stat
import sys
from pathlib import Path

import pytest

from siaga_embedded import bootstrap
from siaga_embedded.bootstrap import CouldNotSetUp, Probe, SetUp, choose_interpreter, probe

ENOUGH = bootstrap.SPACE_NEEDED


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_an_interpreter_that_exists_but_does_not_run_is_passed_over(tmp_path: Path) -> None:
    shim = probe(str(script(tmp_path, "python3.13", "echo 'pyenv: version not installed' >&2; exit 127")))
    assert shim.version is None
    assert choose_interpreter([shim, Probe("python3.12", (3, 12), has_venv=True)]) == "python3.12"


def test_the_running_interpreter_is_recognised() -> None:
    found = probe(sys.executable)
    assert found.version == sys.version_info[:2]
    assert found.has_venv


def test_a_command_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert probe(str(tmp_path / "python3")).version is None


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_another_python_gets_one_sentence_and_exit_code_two(version: tuple[int, int]) -> None:
    with pytest.raises(CouldNotSetUp) as refused:
        choose_interpreter([Probe("python3", version, has_venv=True)])
    assert refused.value.exit_code == 2
    assert "{}.{}".format(*version) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_python_at_all_gets_one_sentence_too() -> None:
    with pytest.raises(CouldNotSetUp, match=r"3\.11, 3\.12 atau 3\.13"):
        choose_interpreter([])


def test_a_missing_venv_module_is_named_with_the_package_that_brings_it() -> None:
    with pytest.raises(CouldNotSetUp, match=r"python3\.12-venv") as refused:
        choose_interpreter([Probe("python3", (3, 12), has_venv=False)])
    assert refused.value.exit_code == 2


def test_english_is_spoken_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_LANG", "en")
    with pytest.raises(CouldNotSetUp, match="Install one of them"):
        choose_interpreter([])


def test_any_python_3_can_read_it_in_order_to_be_refused() -> None:
    ast.parse(inspect.getsource(bootstrap), feature_version=(3, 7))


def test_a_full_disk_is_refused_before_anything_is_begun(tmp_path: Path) -> None:
    with pytest.raises(CouldNotSetUp, match="12 MB") as refused:
        bootstrap.require_space(tmp_path, free=lambda _: 12_000_000)
    assert refused.value.exit_code == bootstrap.NO_SPACE


class TestSteps:
    """The steps of a set-up, with the programs they call written down instead of run."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "requirements.lock").write_text("aiokafka==0.14.0 \\\n    --hash=sha256:00\n")
        package = tmp_path / "services" / "intake"
        (package / "src").mkdir(parents=True)
        (package / "pyproject.toml").write_text("[project]\n")
        jars = tmp_path / "deploy" / "embedded" / "src" / "siaga_embedded" / "jars.lock"
        jars.parent.mkdir(parents=True)
        jars.write_text("org.apache.kafka:kafka_2.13:4.3.1 00\n")
        python = tmp_path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        return tmp_path

    @pytest.fixture
    def called(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        calls: list[str] = []
        monkeypatch.setattr(SetUp, "_call", lambda _, command: calls.append(" ".join(command)))
        monkeypatch.setattr(bootstrap, "require_space", lambda _: None)
        return calls

    def test_the_first_run_installs_with_hashes_then_the_own_packages_then_the_jars(
        self, root: Path, called: list[str]
    ) -> None:
        said: list[str] = []
        SetUp(root, said.append).run()
        assert ["--require-hashes" in called[0], "--no-deps" in called[1], "jars" in called[2]] == [True] * 3
        assert "detik" in said[-1]

    def test_the_second_run_costs_nothing_and_says_nothing(self, root: Path, called: list[str]) -> None:
        SetUp(root, lambda _: None).run()
        called.clear()
        said: list[str] = []
        SetUp(root, said.append).run()
        assert (called, said) == ([], [])

    def test_a_changed_lock_installs_the_packages_again_and_nothing_else(
        self, root: Path, called: list[str]
    ) -> None:
        SetUp(root, lambda _: None).run()
        called.clear()
        (root / "requirements.lock").write_text("aiokafka==0.15.0\n")
        SetUp(root, lambda _: None).run()
        assert len(called) == 1
        assert "requirements.lock" in called[0]

    def test_an_interrupted_step_is_done_again(
        self, root: Path, called: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(_: SetUp, __: list[str]) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as moment:
            moment.setattr(SetUp, "_call", interrupted)
            with pytest.raises(KeyboardInterrupt):
                SetUp(root, lambda _: None).run()
        SetUp(root, lambda _: None).run()
        assert len(called) == 3

    def test_cleaning_is_refused_while_it_runs_and_removes_all_afterwards(self, root: Path) -> None:
        (root / ".siaga").mkdir()
        with (root / ".siaga" / "run.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(CouldNotSetUp, match="Ctrl-C"):
                bootstrap.clean(root)
        bootstrap.clean(root)
        assert not (root / ".venv").exists()
        assert not (root / ".siaga").exists()
        assert (root / "services").exists()

    def test_cleaning_removes_what_the_bench_and_the_tools_made_and_nothing_that_was_written(
        self, root: Path
    ) -> None:
        made = (
            ".siaga/logs/setup.log",
            "bench/out/report.md",
            ".pytest_cache/v/cache/lastfailed",
            "services/intake/src/__pycache__/main.pyc",
        )
        written = ("bench/report.py", "services/intake/src/main.py", ".git/__pycache__/kept")
        for name in (*made, *written):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        bootstrap.clean(root)
        assert [name for name in made if (root / name).parent.exists()] == []
        assert [name for name in written if not (root / name).is_file()] == []


def test_a_step_that_fails_says_why_and_where_to_read_more(tmp_path: Path) -> None:
    setup = SetUp(tmp_path, lambda _: None)
    failing = script(
        tmp_path, "pip", "echo 'ERROR: No matching distribution'; echo 'hint: see above'; exit 1"
    )
    with pytest.raises(CouldNotSetUp, match=r"No matching distribution.*setup\.log") as refused:
        setup._call([str(failing)])
    assert refused.value.exit_code == bootstrap.SETUP_FAILED
