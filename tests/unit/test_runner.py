"""Workers: every point once, whoever dies; and what threads they use."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
import sweep_tasks
from hypothesis import given
from hypothesis import strategies as st

from wignerness.analysis import InProcess, Processes
from wignerness.analysis.outcome import Findings
from wignerness.analysis.runner import Backlog, _Crew
from wignerness.errors import SweepError


def collected(executor, task, indices):
    pairs = [pair for delivery in executor.run(task, indices) for pair in delivery]
    assert len(pairs) == len({index for index, _ in pairs})
    return dict(pairs)


def failed(content):
    try:
        return Findings({0: content}).forms[0].message
    except ValueError:
        return ""


@given(st.sets(st.integers(0, 199)), st.integers(1, 64), st.sets(st.integers(0, 199), max_size=5))
def test_the_backlog_accounts_for_every_point(indices, chunk, deadly):
    backlog, done, given_up = Backlog(sorted(indices), chunk), [], []
    while backlog:
        taken = backlog.take()
        assert taken
        if deadly & set(taken):
            given_up += backlog.died(taken)
        else:
            done += taken
            backlog.done(len(taken), 0.01)
    assert sorted(done) == sorted(indices - deadly)
    assert sorted(given_up) == sorted(indices & deadly)


def test_chunks_grow_to_a_quarter_of_a_second():
    backlog = Backlog(range(10_000))
    sizes = []
    for _ in range(12):
        taken = backlog.take()
        sizes.append(len(taken))
        backlog.done(len(taken), 0.01 * len(taken))
    assert sizes[:5] == [1, 2, 4, 8, 16]
    assert sizes[-1] == 25


def test_in_process_and_processes_deliver_the_same():
    expected = {index: str(index).encode() for index in range(50)}
    assert collected(InProcess(), sweep_tasks.Echo(), range(50)) == expected
    assert collected(Processes(2), sweep_tasks.Echo(), range(50)) == expected
    assert collected(Processes(3, chunk=7), sweep_tasks.Echo(), range(50)) == expected
    assert collected(Processes(2), sweep_tasks.Echo(), []) == {}


def test_poison_points_are_found_and_nothing_else_is_lost():
    results = collected(Processes(2, chunk=4), sweep_tasks.Echo(deadly=[5, 13]), range(16))
    assert sorted(results) == list(range(16))
    assert {index for index, content in results.items() if failed(content)} == {5, 13}
    assert "signal 9" in failed(results[5])


def test_a_point_whose_worker_dies_once_is_tried_again(tmp_path):
    results = collected(Processes(1, chunk=1), sweep_tasks.Echo(deadly=[3], flag=str(tmp_path / "died")), range(6))
    assert results == {index: str(index).encode() for index in range(6)}
    assert (tmp_path / "died").exists()


def test_workers_killed_from_outside_are_replaced(rng):
    import multiprocessing

    killed = []

    def kill_now_and_then(stop):
        while not stop.wait(0.3):
            children = [child.pid for child in multiprocessing.active_children()]
            if children and len(killed) < 4:
                killed.append(int(rng.choice(children)))
                os.kill(killed[-1], signal.SIGKILL)

    stop = threading.Event()
    killer = threading.Thread(target=kill_now_and_then, args=(stop,))
    killer.start()
    try:
        results = collected(Processes(2, chunk=4), sweep_tasks.SlowEcho(), range(300))
    finally:
        stop.set()
        killer.join()
    assert killed
    assert results == {index: str(index).encode() for index in range(300)}


def test_workers_that_cannot_start_are_an_error(capfd):
    with pytest.raises(SweepError, match="__main__"):
        collected(Processes(1), sweep_tasks.Unimportable(), range(3))
    capfd.readouterr()


def test_what_cannot_travel_is_refused_before_anything_starts():
    with pytest.raises(SweepError, match="top of a module"):
        collected(Processes(1), lambda indices: [], range(3))


@pytest.mark.parametrize("field", ["workers", "chunk"])
def test_numbers_of_workers_and_points_are_positive(field):
    with pytest.raises(SweepError, match=field):
        Processes(**{field: 0})


def test_no_process_is_left_behind():
    import multiprocessing

    deliveries = Processes(2, chunk=1).run(sweep_tasks.Echo(), range(100))
    next(deliveries)
    deliveries.close()
    time.sleep(0.1)
    assert multiprocessing.active_children() == []


def test_what_a_worker_died_of_is_told_as_it_was():
    found = collected(Processes(1, chunk=2), sweep_tasks.Raising(), range(4))
    assert found[3] == b"3"
    assert failed(found[2]) == "Its worker process died of it 2 times (exit code 1)."


def test_workers_that_are_starting_do_not_hear_ctrl_c():
    with _Crew(sweep_tasks.Echo(), 1) as crew:
        backlog = Backlog([7])
        crew.hand_out(backlog)
        (member,) = crew._members
        os.kill(member.process.pid, signal.SIGINT)
        assert member.receive() == []
        crew.hand_out(backlog)
        assert list(crew.collect(backlog)) == [[(7, b"7")]]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
