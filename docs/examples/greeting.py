"""A nested function as the target of a process: that only works where processes are started by fork."""

import multiprocessing


def greet(name):
    """Greet somebody from another process."""

    def say():
        print("hello,", name)

    process = multiprocessing.Process(target=say)  # PIT402
    process.start()
    process.join()


if __name__ == "__main__":
    for method in ("fork", "spawn"):
        multiprocessing.set_start_method(method, force=True)
        print("started by", method)
        try:
            greet("world")
        except Exception:
            print("the process could not be started")
