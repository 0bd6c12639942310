# A real browser draws the page of --summary, on a telephone's width.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need chromium chromium
TEST_BROWSER=$(command -v chromium) go test -count=1 ./internal/report
