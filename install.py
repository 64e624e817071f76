"""Makes .venv ready to run or to test, with one clear line for whatever is missing; needs only Python's own library."""

import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
NEEDED_MB = {"run": 400, "test": 900}


def stop(problem, cure):
    """Says what is missing with the cure beside it, then ends with status 1."""
    sys.stderr.write("\nSet-up stopped: %s\n  -> %s\n" % (problem, cure))
    sys.exit(1)


def say(text):
    sys.stderr.write("[set-up] %s\n" % text)
    sys.stderr.flush()


def check_machine(purpose):
    """Stops early when Python is too old, a module is missing or the disk is full."""
    if sys.version_info < (3, 11):
        stop(
            "Python 3.11 or newer is needed, this is %d.%d." % sys.version_info[:2],
            "install python3.11 (or newer), then: make PYTHON=python3.11 " + purpose,
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop("Python's venv module is missing.", "on Debian or Ubuntu: sudo apt-get install python3-venv")
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MB[purpose]:
        stop(
            "the disk is nearly full: %d MB free, about %d MB needed." % (free, NEEDED_MB[purpose]),
            "free some space or clone the project on another disk.",
        )


def lock_for(purpose):
    return os.path.join(ROOT, "lock.txt" if purpose == "run" else "lock-test.txt")


def wanted(purpose):
    """The fingerprint of everything the environment is made from."""
    digest = hashlib.sha256((sys.version + ROOT).encode())
    for name in (lock_for(purpose), os.path.join(ROOT, "pyproject.toml")):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def ready(purpose):
    for other in {"run": ("run", "test"), "test": ("test",)}[purpose]:
        stamp = os.path.join(VENV, "ready-" + other)
        if os.path.exists(stamp) and os.path.exists(PYTHON):
            with open(stamp) as file:
                if file.read() == wanted(other):
                    return True
    return False


def call(arguments, problem, cure):
    """Runs one installer step; on failure shows the end of its words."""
    done = subprocess.run(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-12:]) + "\n")
        if "No space left" in done.stdout:
            stop("the disk is full.", "free some space, then run the same command again.")
        stop(problem, cure)


def install(purpose):
    """Builds the environment from the hash-locked list."""
    began = time.monotonic()
    offline = "check the network (or the proxy setting), then run the same command again: it goes on where it stopped."
    if not os.path.exists(PYTHON):
        say("1/3 making the environment .venv")
        call([sys.executable, "-m", "venv", VENV], "the environment could not be made.", "remove .venv and try again.")
    say("2/3 fetching the packages of %s (about a minute the first time)" % os.path.basename(lock_for(purpose)))
    call([PYTHON, "-m", "pip", "install", "-q", "uv"], "the package index cannot be reached.", offline)
    call(
        [
            os.path.join(BIN, "uv"),
            "pip",
            "install",
            "-q",
            "--compile-bytecode",  # or every start would read the sources where Python may not write beside them
            "--python",
            PYTHON,
            "--require-hashes",
            "-r",
            lock_for(purpose),
        ],
        "a package could not be fetched.",
        offline,
    )
    say("3/3 making the command .venv/bin/nhipcau")
    call(
        [
            os.path.join(BIN, "uv"),
            "pip",
            "install",
            "-q",
            "--python",
            PYTHON,
            "--no-deps",
            "--no-build-isolation",
            "-e",
            ".",
        ],
        "the command could not be made.",
        "remove .venv and try again.",
    )
    rooms = sorted(name for name in os.listdir(ROOT) if os.path.exists(os.path.join(ROOT, name, "__init__.py")))
    call([PYTHON, "-m", "compileall", "-q", *rooms], "the program could not be compiled.", "get the files anew.")
    with open(os.path.join(VENV, "ready-" + purpose), "w") as file:
        file.write(wanted(purpose))
    say("ready in %.0f s" % (time.monotonic() - began))


def main():
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if ready(purpose):
        return
    check_machine(purpose)
    try:
        install(purpose)
    except OSError as error:
        stop("the disk or a file refused: %s." % error, "check free space and rights of this folder.")


if __name__ == "__main__":
    main()
