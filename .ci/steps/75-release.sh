# What a release consists of, for this system, installed in clean directories by the commands that README prints: the archive, the wheel with pip
# and with pipx, and Go from a clone. The checksums, the bill of materials and the answer of the vulnerability database are there, and a
# known vulnerability stops the release. The cross step builds the program for the other systems.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

root=$PWD system=$(go env GOOS)/$(go env GOARCH)
# The real database is asked by `make vulncheck`; this one is empty, and then has an entry about a module that the program calls.
python3 -B test/release/vulndb.py "$scratch/vulndb"
export VULNDB=file://$scratch/vulndb

build() { release/release.sh "$@" >"$scratch/log" 2>&1; }
build v0.1.0 "$scratch/release" "$system" || { cat "$scratch/log"; exit 1; }
cd "$scratch/release"
sha256sum --check --quiet SHA256SUMS
[[ $(wc -l <SHA256SUMS) == $(find . -type f ! -name SHA256SUMS | wc -l) ]]
grep -q '"name": "github.com/jackc/pgx/v5"' ./*.cdx.json
grep -q 'No vulnerabilities found' vulnerabilities.txt

# README's commands are those of Linux on amd64.
wheel=$(echo ./*.whl)
pipx=$(cached_python "$root/test/release/requirements.txt")
mkdir "$scratch/go"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIPX_HOME=$scratch/pipx PIPX_BIN_DIR=$scratch/pipx-bin GOBIN=$scratch/go
python3 -m venv "$scratch/env"
PATH=$scratch/env/bin:$PATH:$(dirname "$pipx")
python3 -B "$root/test/release/commands.py" "$root/README.md" Install >"$scratch/commands"
sed -i "s/linux-amd64/${system/\//-}/g; s#\./singular_[^ ]*\.whl#$wheel#g" "$scratch/commands"
# Not by git, which refuses a repository of another user.
mkdir "$scratch/clone"
tar -C "$root" --exclude=./.git --exclude=./bench/.data -cf - . | tar -C "$scratch/clone" -xf -
sed -i "s#^go install#cd $scratch/clone \&\& GOPATH=$(go env GOPATH) GOCACHE=$(go env GOCACHE) GOFLAGS='$GOFLAGS' go install#" "$scratch/commands"
bash -euxo pipefail "$scratch/commands" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
grep -qx 'target-postgres v0.1.0' "$scratch/log"
for installed in env/bin pipx-bin; do
  [[ $("$scratch/$installed/target-postgres" --version) == 'target-postgres v0.1.0' ]]
done
[[ $("$scratch/go/target-postgres" --version) == 'target-postgres '* ]]
python3 -m pip uninstall --quiet --yes singular-target-postgres
[[ ! -e $scratch/env/bin/target-postgres ]]

# Between two releases the version is what git says; Python has another form of it.
cd "$root"
VULNCHECK=no build v1.2.3-4-gabcdef0 "$scratch/between" "$system" || { cat "$scratch/log"; exit 1; }
python3 -m pip install --quiet "$scratch"/between/*.whl
[[ $(target-postgres --version) == 'target-postgres v1.2.3-4-gabcdef0' ]]
python3 -m pip show singular-target-postgres >"$scratch/show"
grep -qx 'Version: 1.2.3.post4+gabcdef0' "$scratch/show"

python3 -B test/release/vulndb.py "$scratch/vulndb" github.com/jackc/pgx/v5
if build v0.1.0 "$scratch/vulnerable" "$system"; then
  cat "$scratch/log"
  echo 'a release with a known vulnerability was built' >&2
  exit 1
fi
grep -q 'GO-2026-0001' "$scratch/vulnerable/vulnerabilities.txt"
echo 'archive, wheel, pipx, a clone, checksums, bill of materials and vulnerabilities are good'
