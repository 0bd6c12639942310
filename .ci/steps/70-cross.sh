# The program builds for the other systems that people run it on, without a C compiler.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

for system in linux/arm64 darwin/arm64 windows/amd64; do
  echo "$system"
  GOOS=${system%/*} GOARCH=${system#*/} go build -o "$scratch/other" .
done
