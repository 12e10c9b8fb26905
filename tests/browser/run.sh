#!/bin/bash
# The report in a real browser: run.sh BUILD_DIR SOURCE_DIR. Screenshots are left in
# BUILD_DIR/tests/report_browser. Without Chromium and its driver: 77, which ctest shows as skipped.
set -euo pipefail
build=$(cd "$1" && pwd)
for tool in chromium chromedriver; do
  command -v "$tool" > /dev/null || {
    echo "NOT TESTED: the report in a browser: $tool is not installed (scripts/setup --test)"
    exit 77
  }
done

shots=$build/tests/report_browser
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$shots"
mkdir -p "$shots"
"$build/tests/pressroom_make_campaign" "$work/campaign" 52 5
"$build/bin/pressroom" report "$work/campaign" --no-figures
TMPDIR=$work HOME=$work "$build/tests/pressroom_report_browser" "$work/campaign/report.html" "$work"
cp "$work"/*.png "$shots"
