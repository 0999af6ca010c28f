"""Tasks of a pool whose results nobody asks for: no error is raised, and nothing is done."""

import tempfile
from multiprocessing import Pool
from pathlib import Path
import functools


def write(folder, name):
    (folder / name).write_text(f"This is {name}.")


def write_all(folder, names):
    """Write one file for each name."""

    with Pool(1) as pool:
        for name in names:
            pool.apply_async(functools.partial(write, folder), (name,))  # PIT401
        pool.close()
        pool.join()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        write_all(Path(made), ["first.txt", "second.txt"])
        print("files:", sorted(path.name for path in Path(made).iterdir()))
