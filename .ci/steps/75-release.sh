# What a release consists of, for this system: the archive unpacks and runs, the wheel installs and loads, the checksums and
# the bill of materials are there. The cross step builds the program for the others.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

system=$(go env GOOS)/$(go env GOARCH)
release/release.sh v1.2.3-4-gabcdef0 "$scratch/release" "$system" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
cd "$scratch/release"
sha256sum --check --quiet SHA256SUMS
tar -xzf target-postgres-*.tar.gz
[[ $(./target-postgres-*/target-postgres --version) == 'target-postgres v1.2.3-4-gabcdef0' ]]
grep -q '"name": "github.com/jackc/pgx/v5"' ./*.cdx.json
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check --no-index ./*.whl
[[ $(env/bin/target-postgres --version) == 'target-postgres v1.2.3-4-gabcdef0' ]]
env/bin/python -m pip show singular-target-postgres >show
grep -qx 'Version: 1.2.3.post4+gabcdef0' show
env/bin/python -m pip uninstall --quiet --yes singular-target-postgres
[[ ! -e env/bin/target-postgres ]]
echo 'archive, wheel, checksums and bill of materials are good'
