# The server, with the command line and the compiled worker in it. Build it from the repository's root:
#   docker build -f deploy/coordinator.Dockerfile -t farhand/coordinator .
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
ARG BUN_VERSION=1.4.5
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates nodejs npm
# A machine behind TLS inspection puts its authorities into deploy/host-ca.crt; elsewhere there is no such file.
COPY LICENSE deploy/host-ca.cr[t] /tmp/
RUN if [ -s /tmp/host-ca.crt ]; then cp /tmp/host-ca.crt /etc/ssl/certs/ca-certificates.crt; fi
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN npm install --global --no-audit --no-fund "bun@${BUN_VERSION}" \
 && cp "$(npm root --global)/bun/bin/bun.exe" /usr/local/bin/bun-program \
 && /usr/local/bin/bun-program --version
WORKDIR /opt/farhand
COPY . .
RUN bun-program install --frozen-lockfile --production \
 && bun-program packages/worker/build.ts /opt/farhand/build/worker
# What the app is built with is not needed to serve it.
RUN bun-program packages/cli/src/main.ts app build web \
 && rm -rf packages/mobile/node_modules
# What is left of this stage can be found by it and removed.
LABEL farhand.stage=build

FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives /var/log/apt /var/log/dpkg.log \
 && groupadd --gid 10002 farhand \
 && useradd --uid 10002 --gid 10002 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin farhand \
 && find / -xdev -perm /6000 -type f -exec chmod a-s {} +
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/bin/bun-program /usr/local/bin/bun
COPY --from=build /opt/farhand /opt/farhand
COPY deploy/entrypoint.sh /usr/local/bin/farhand
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    GIT_SSL_CAINFO=/etc/ssl/certs/ca-certificates.crt \
    FARHAND_HOME=/srv/farhand \
    HOME=/tmp \
    LANG=C.UTF-8
WORKDIR /opt/farhand
EXPOSE 8787
ENTRYPOINT ["/usr/local/bin/farhand"]
CMD ["up"]
