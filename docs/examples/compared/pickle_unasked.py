"""A lambda as a task whose result nobody asks for"""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def save(path):
    with ProcessPoolExecutor(1) as executor:
        executor.submit(lambda: path.write_text("saved"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder) / "file")
        print((Path(folder) / "file").exists())
