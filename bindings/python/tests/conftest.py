"""Fixtures of all tests: the root of the project and the build folder."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / os.environ.get("PYMALLOC_BUILD", "build")


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def build():
    return BUILD
