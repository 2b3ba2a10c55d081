# The image that tasks run in. The worker itself is not in it: the driver mounts the compiled binary.
# `./farhand` builds it with the base that it finds: the public one, or one made of the distribution's packages.
ARG BASE=debian:bookworm-slim
FROM ${BASE}

# What a coding agent reaches for: search, JSON, archives, and the compilers that native npm and pip packages need.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      git ca-certificates curl jq ripgrep procps less unzip xz-utils libcap2-bin \
      python3 python3-venv python3-pip nodejs npm build-essential \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives /var/log/apt /var/log/dpkg.log

# The host's trusted authorities, empty where it has no bundle. A host behind TLS inspection trusts one more than
# Debian does, and what runs in a sandbox has to trust it too.
COPY host-ca.crt /tmp/host-ca.crt
RUN if [ -s /tmp/host-ca.crt ]; then cp /tmp/host-ca.crt /etc/ssl/certs/ca-certificates.crt; fi \
 && rm /tmp/host-ca.crt
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    GIT_SSL_CAINFO=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    LANG=C.UTF-8

# A new volume takes the owner of the folder that it is mounted on.
RUN groupadd --gid 10001 agent \
 && useradd --uid 10001 --gid 10001 --create-home --shell /bin/bash agent \
 && install -d -o 10001 -g 10001 -m 0755 /workspace

# Nothing may raise its user's rights: no setuid or setgid bit, no capability of a file. The build fails if one is left.
RUN find / -xdev -perm /6000 ! -type l -exec chmod a-s {} + \
 && getcap -r / 2>/dev/null | sed 's/ [^ ]*$//' | xargs -r -d '\n' -n 1 setcap -r \
 && left="$(find / -xdev -perm /6000 ! -type l; getcap -r / 2>/dev/null)" \
 && if [ -n "$left" ]; then echo "these raise rights: $left"; exit 1; fi

USER 10001:10001
WORKDIR /workspace
