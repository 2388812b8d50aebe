"""The event file: whole lines only, nothing acknowledged is lost."""

from __future__ import annotations

import errno
import pickle
import string
import threading

import pytest

from blockwright.contracts.problems import BlockwrightError, catalogue, error, problem
from blockwright.contracts.work import Finished, Heartbeat, Progress
from blockwright.jobs.event_file import EventWriter, newest_of_passing, read_events
from blockwright.jobs.worker import put_in_words


def progress(done: int) -> Progress:
    return Progress(done_units=done, total_units=9, unit="rows")


def test_reading_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, attempt=2)
    writer.append(Heartbeat())
    first, offset = read_events(path, 0)
    writer.append(Finished(outcome="done"))
    second, end = read_events(path, offset)

    assert [line.event.type for line in first + second] == ["heartbeat", "finished"]
    assert {line.attempt for line in first + second} == {2}
    assert read_events(path, end) == ([], end)
    writer.close()


def test_a_line_that_a_crash_tore_off_waits_for_its_end(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, attempt=1)
    writer.append(Finished(outcome="done"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:-1])

    lines, offset = read_events(path, 0)
    assert len(lines) == 1
    assert offset == len(whole)
    path.write_bytes(whole + whole)
    assert len(read_events(path, offset)[0]) == 1
    writer.close()


def test_a_file_that_is_not_there_yet_holds_nothing(tmp_path):
    assert read_events(tmp_path / "none", 0) == ([], 0)


def test_a_line_that_is_no_event_is_refused(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"attempt": 1, "at": 0, "event": {"type": "format_disk"}}\n')
    with pytest.raises(BlockwrightError) as caught:
        read_events(path, 0)
    assert caught.value.problem.code == "job.events_unreadable"


def test_threads_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, attempt=1)
    threads = [
        threading.Thread(target=lambda: [writer.append(progress(i)) for i in range(200)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_events(path, 0)[0]) == 800
    writer.close()


def test_only_the_newest_of_what_passes_by_is_kept(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path, attempt=1)
    for event in (progress(1), Heartbeat(), progress(2), Finished(outcome="done")):
        writer.append(event)
    kept = newest_of_passing(read_events(path, 0)[0])
    assert [line.event for line in kept] == [Heartbeat(), progress(2), Finished(outcome="done")]
    writer.close()


def test_a_full_disk_is_put_in_words():
    full = OSError(errno.ENOSPC, "No space left on device")
    assert put_in_words(full).code == "job.disk_full"


def test_running_out_of_memory_is_put_in_words():
    assert put_in_words(MemoryError()).code == "job.out_of_memory"


def test_what_nobody_expected_is_told_with_its_kind():
    told = put_in_words(ZeroDivisionError("division by zero"))
    assert told.code == "job.crashed"
    assert "ZeroDivisionError: division by zero" in told.message
    assert "worker.log" in told.fix


@pytest.mark.parametrize("code", [c for c in catalogue() if c.startswith(("job.", "training."))])
def test_each_of_our_errors_survives_pickling(code):
    words = catalogue()[code]["en"]
    fields = (field for text in words.values() for field in string.Formatter().parse(text))
    names = {name for _, name, _, _ in fields if name}
    raised = error(code, **dict.fromkeys(names, "x"))
    assert pickle.loads(pickle.dumps(raised)).problem == problem(code, **dict.fromkeys(names, "x"))
