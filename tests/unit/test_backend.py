"""Workers compute with JAX where a GPU and its JAX are there, else with TensorFlow."""

from __future__ import annotations

import pytest

from blockwright.jobs import backend
from blockwright.jobs.backend import keras_backend


@pytest.fixture
def gpus(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    (tmp_path / "0000:01:00.0").mkdir()
    return tmp_path


def test_a_gpu_needs_its_plugin(gpus, monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda _name: None)
    assert keras_backend(gpus) == "tensorflow"
    monkeypatch.setattr(backend, "find_spec", lambda name: name == "jax_cuda12_plugin")
    assert keras_backend(gpus) == "jax"


def test_a_plugin_needs_a_gpu(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda _name: object())
    assert keras_backend(tmp_path) == "tensorflow"
    assert keras_backend(tmp_path / "none") == "tensorflow"


def test_what_the_environment_names_is_taken(gpus, monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda _name: object())
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert keras_backend(gpus) == "tensorflow"
