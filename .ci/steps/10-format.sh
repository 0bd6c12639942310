# Go files are gofmt's; scripts at least parse. The root has no tests: those of the whole program are under test/.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

unformatted=$(gofmt -l .)
if [[ -n $unformatted ]]; then
  printf 'gofmt would change:\n%s\n' "$unformatted"
  exit 1
fi
if compgen -G '*_test.go'; then
  echo 'tests of the whole program belong into test/e2e, tests of documents into test/docs'
  exit 1
fi
bash -n .ci/run .ci/lib.sh .ci/steps/*.sh release/*.sh
find bench release test -name '*.py' -exec python3 -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path, encoding="utf-8").read(), path)
' {} +
