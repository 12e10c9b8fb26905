#!/bin/bash
# The Python package, tested by one of the modules beside this script: run.sh BUILD_DIR SOURCE_DIR
# MODULE. Takes the first Python of $PRESSROOM_PYTHON, python3 and /usr/bin/python3 that has pandas;
# without pandas what needs it is skipped, and the line "NOT TESTED" says so, as without Python.
source "$(dirname "$0")/../cli/common.sh"
[ $# -eq 3 ] || fail "usage: $0 BUILD_DIR SOURCE_DIR MODULE"

python=
for candidate in ${PRESSROOM_PYTHON:-} python3 /usr/bin/python3; do
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2> /dev/null || continue
  python=${python:-$candidate}
  ! "$candidate" -c 'import pandas' 2> /dev/null || { python=$candidate && break; }
done
if [ -z "$python" ]; then
  echo "NOT TESTED: the Python package ($3): there is no Python 3.9 or later here"
  exit 0
fi
version=$("$python" -c 'import pandas; print(pandas.__version__)' 2> /dev/null) ||
  echo "NOT TESTED: frames of the Python package ($3): there is no pandas (python3-pandas) here"
echo "Python: $("$python" --version), pandas ${version:-none}"

export PRESSROOM=$pressroom PYTHONPATH=$source/runner/python:$source/tests/python
export PYTHONDONTWRITEBYTECODE=1 HOME=$work
export TEST_BUILD=$build TEST_SOURCE=$source TEST_TINY=$tiny TEST_PROSE=$prose TEST_PLUGINS=$plugins
"$python" -W error::FutureWarning -m unittest -v "$3" 2> err || fail "$(cat err)"
grep -E '^Ran|skipped' err || true
echo "python/$3: passed"
