# The container image is really built and run, without a container engine: buildah does both in a chroot. spec, check and
# a write of real messages go from inside the image, as its own user, to a server on this machine.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need buildah buildah
with_postgres bash test/container/run.sh
