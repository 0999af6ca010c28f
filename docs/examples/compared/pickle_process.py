"""A nested function as the target of a process"""

import multiprocessing


def succeeds(code):
    def work():
        raise SystemExit(code)

    process = multiprocessing.Process(target=work)
    process.start()
    process.join()
    return process.exitcode == code


if __name__ == "__main__":
    try:
        for method in ("fork", "spawn"):
            multiprocessing.set_start_method(method, force=True)
            done = succeeds(3)
        print(done)
    except Exception:
        print(False)
