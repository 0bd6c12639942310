# The image of the Airbyte destination: one static binary and what it cannot carry, run by a user who is not root.
#
#   make image            builds the binaries of amd64 and arm64 into dist/, and the images from them
#
# It is FROM scratch and runs nothing while it is built: no base image has to be fetched, and any machine can build the image
# of any architecture. The time zones are in the binary (-tags timetzdata).
FROM scratch

ARG TARGETARCH=amd64
ARG VERSION=dev

COPY dist/root/etc/ /etc/
# /tmp, in a folder of its own so that it keeps its mode.
COPY dist/root/temporary/ /
# Airbyte mounts configuration and catalog here, and the user must own it.
COPY --chown=1000:1000 dist/root/airbyte/ /airbyte/
COPY dist/linux-${TARGETARCH}/target-postgres /usr/local/bin/target-postgres

ENV HOME=/airbyte AIRBYTE_ENTRYPOINT=/usr/local/bin/target-postgres
WORKDIR /airbyte
USER airbyte
ENTRYPOINT ["/usr/local/bin/target-postgres"]

LABEL io.airbyte.name=target-postgres/destination-postgres
LABEL io.airbyte.version=${VERSION}
