"""The bounds of other tests hold where they should, and break where they should."""

import time

import pytest
from pace import bounded, quickest_bounded


def busy(cpu_s):
    """Uses the processor for so long."""
    until = time.process_time() + cpu_s
    while time.process_time() < until:
        pass


def test_bound_is_broken_by_work_that_takes_far_longer():
    with pytest.raises(AssertionError, match="the bound is 0.005 s"), bounded(0.005):
        busy(0.5)


def test_bound_does_not_count_waiting():
    with bounded(0.1):
        time.sleep(0.2)


def test_bound_passes_an_error_on():
    with pytest.raises(ValueError, match="of the work"), bounded(1):
        raise ValueError("of the work")


def test_one_slow_try_is_forgiven():
    times = iter([0.5, 0.0])
    quickest_bounded(0.005, lambda: busy(next(times)), tries=2)


def test_tries_that_are_all_slow_are_not_forgiven():
    tried = []
    with pytest.raises(AssertionError, match="the bound is"):
        quickest_bounded(0.005, lambda: (tried.append(1), busy(0.3)), tries=2)
    assert len(tried) == 2
