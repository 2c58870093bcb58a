from threading import Event, Thread, current_thread

from oidc_session.background import Background


class Succeeded(Background):
    """Gets news in the moment in which its first thread has found that there are none."""

    def __init__(self):
        super().__init__()
        self.first = self.thread = Thread(target=self.work)
        self.first_is_over = Event()

    def has_work(self):
        if current_thread() is not self.first:
            self.first_is_over.wait()
            return super().has_work()
        has_work = super().has_work()
        self.take_over((), {})
        return has_work


def test_thread_that_ends_leaves_alone_the_one_that_has_begun():
    working = Succeeded()
    working.first.start()
    working.first.join()
    second = working.thread
    working.first_is_over.set()
    assert second not in (None, working.first)
    second.join()
    assert working.thread is None
