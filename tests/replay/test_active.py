"""Which session a call belongs to, in tasks and threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from pytest_llmreplay.replay.active import active, any_active, find
from pytest_llmreplay.replay.judges import JudgeCalls, JudgeSession
from pytest_llmreplay.replay.session import ReplaySession


def session() -> ReplaySession:
    return ReplaySession(lambda: (), signal=RuntimeError)


def test_none_is_active_outside() -> None:
    assert find() is None
    assert not any_active()
    with active(session()):
        assert any_active()
    assert find() is None
    assert not any_active()


def test_the_inner_one_of_two() -> None:
    one, two = session(), session()
    with active(one):
        with active(two):
            assert find() is two
        assert find() is one


def test_a_thread_that_does_not_carry_it_gets_the_only_one() -> None:
    one, two = session(), session()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(find).result()
        with active(one):
            assert pool.submit(find).result() is one
            with active(two):
                assert pool.submit(find).result() is None


def test_tasks_carry_it() -> None:
    async def main() -> list[ReplaySession | None]:
        return list(await asyncio.gather(asyncio.to_thread(find), asyncio.create_task(asyncio.sleep(0, find()))))

    one = session()
    with active(one), active(session()), active(one):
        assert asyncio.run(main()) == [one, one]


def test_a_session_that_has_ended_is_not_found_by_an_old_context() -> None:
    with active(session()):
        old = copy_context()
    assert old.run(find) is None
    new = session()
    with active(new):
        assert old.run(find) is new


def test_a_thread_of_an_evaluator_that_does_not_carry_it_gets_the_judges() -> None:
    run, judges = session(), JudgeSession(JudgeCalls(), asks=False, signal=RuntimeError)
    with ThreadPoolExecutor(1) as pool, active(run):
        pool.submit(find).result()
        with active(judges):
            assert pool.submit(find).result() is judges
            with active(session()):
                assert pool.submit(find).result() is None
        assert pool.submit(find).result() is run


def test_an_evaluator_that_was_given_up_does_not_ask_the_application_s_session() -> None:
    judges = JudgeSession(JudgeCalls(), asks=False, signal=RuntimeError)
    with active(judges):
        old = copy_context()
    with active(session()):
        assert old.run(find) is judges
