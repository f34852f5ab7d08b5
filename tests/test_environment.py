from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version

from vispera import environment


def test_it_names_what_numbers_depend_on(tmp_path, monkeypatch):
    (tmp_path / "requirements.lock").write_bytes(b"numpy==2.4\n")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    told = environment.describe(tmp_path, threads=2)
    assert told["lock"] == hashlib.sha256(b"numpy==2.4\n").hexdigest()
    assert told["python"] == platform.python_version()
    assert told["threads"] == 2
    assert told["thread_variables"]["OMP_NUM_THREADS"] == "2"
    assert told["hash_seed"] == "7"
    assert told["cpu"]
    assert told["cpus"] >= told["cpus_usable"] >= 1
    assert json.loads(json.dumps(told)) == told


def test_without_a_lock_its_hash_is_missing(tmp_path):
    assert environment.describe(tmp_path)["lock"] is None


def test_packages_have_the_versions_that_are_installed():
    packages = environment.packages()
    assert list(packages) == sorted(packages)
    for name in ("catboost", "numpy", "pandas", "scikit-learn", "hydra-core", "vispera"):
        assert packages[name] == version(name)
