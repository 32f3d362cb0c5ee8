"""What breaks in a thread is told at the end, and stops nobody."""

from threading import Event

from chaos.crew import Crew


def test_what_breaks_is_kept_and_the_others_go_on() -> None:
    went_on, done = Event(), list[int]()

    def breaks(at: int) -> None:
        done.append(at)
        raise ValueError("no such thing")

    with Crew(callers=1) as crew:
        crew.do("callers", breaks, 1)
        crew.do("callers", done.append, 2)
        crew.do("callers", went_on.set)
        assert went_on.wait(30)
    assert done == [1, 2]
    assert crew.failures == ["callers: ValueError in breaks: no such thing"]


def test_it_is_known_who_is_still_at_work() -> None:
    let_go, ended = Event(), Event()
    with Crew(look=1, sweep=1) as crew:
        crew.do("look", let_go.wait, 30)
        crew.do("look", ended.set)
        assert (crew.at_work("look"), crew.at_work("sweep")) == (2, 0)
        let_go.set()
        assert ended.wait(30)
