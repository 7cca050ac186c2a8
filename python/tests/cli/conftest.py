"""Both command lines, and a project of a user."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cli_project import PYTHON_FOLDER, REPOSITORY, Project


@pytest.fixture(scope="session")
def node_cli(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line in Node as it ships: `dist` beside `python`."""
    esbuild = REPOSITORY / "node_modules" / ".bin" / "esbuild"
    if shutil.which("node") is None or not esbuild.exists():
        pytest.skip("needs node and the repository's packages")
    root = tmp_path_factory.mktemp("an extension")
    (root / "python").symlink_to(PYTHON_FOLDER)
    subprocess.run(
        [
            str(esbuild),
            "src/cli/main.ts",
            "--bundle",
            "--platform=node",
            "--format=cjs",
            "--target=node20",
            "--main-fields=module,main",
            "--log-level=warning",
            f"--outfile={root / 'dist' / 'cli.js'}",
        ],
        cwd=REPOSITORY,
        check=True,
    )
    (root / "dist" / "tfjs-preload.cjs").write_text("")
    return ["node", str(root / "dist" / "cli.js")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "a project"
    folder.mkdir()
    return Project(folder, [])


@pytest.fixture
def both(project: Project, node_cli: list[str]) -> Project:
    project.commands["node"] = node_cli
    return project
