# Shared by bin/run and bin/test: a virtual environment in .venv with one lock file installed. POSIX sh.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv="$root/.venv"

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# The first Python of at least 3.11 that starts; PYTHON names another.
find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it, or name it, as in PYTHON=/path/to/python3 bin/run."
}

# Debian's python3 comes without the pip that a virtual environment starts with.
make_venv() {
    python=$(find_python) || exit 1
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
            say "Installing $package, which this Python lacks ..."
            { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$package"; } >/dev/null 2>&1 ||
                fail "$package could not be installed: install it and start again."
        else
            fail "This Python cannot make virtual environments: install $package (sudo apt-get install $package) and start again."
        fi
    fi
    say "Making a virtual environment in .venv ..."
    "$python" -m venv --clear "$venv" || fail "The virtual environment could not be made in $venv."
}

# ensure_installed LOCK: install requirements/LOCK.txt unless that very file is installed already.
ensure_installed() {
    lock="$root/requirements/$1.txt"
    stamp="$venv/installed-$1.txt"
    if cmp -s "$lock" "$stamp" && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    # A half-made environment, or one whose Python is gone, is made anew.
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
    # The lock is complete, so nothing need be resolved: that is most of the time.
    say "Installing what requirements/$1.txt lists (once; a minute or two) ..."
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-deps -r "$lock" ||
        fail "The installation failed: what pip said stands above. Start again once it is solved."
    cp "$lock" "$stamp"
    # The developers' set holds the product's, at the same versions.
    if [ "$1" = dev ]; then
        cp "$root/requirements/embedded.txt" "$venv/installed-embedded.txt"
    fi
}
