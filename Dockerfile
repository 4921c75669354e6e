# One image for every service; docker-compose.yml says which one a container runs.
FROM node:24-slim AS workspace
WORKDIR /wheelhouse
COPY . .
# Installed in place: Node runs TypeScript here, and refuses to below node_modules. The optional packages are Node and PostgreSQL
# for `npm start`; containers bring their own. The store stays in the builder's cache, so that only what is new is downloaded.
RUN --mount=type=cache,target=/store \
  npx --yes "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --prod --no-optional --store-dir=/store

# The console is built with all packages, and what comes of it is files alone.
FROM node:24-slim AS console
WORKDIR /wheelhouse
COPY . .
RUN --mount=type=cache,target=/store \
  npx --yes "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --store-dir=/store \
  && node console/build.ts

FROM node:24-slim
ENV NODE_ENV=production APOLLO_TELEMETRY_DISABLED=true
# For pings. A container without capabilities can't even start a program whose file has some: these send over the kernel's
# unprivileged ping sockets, which container engines allow by default (net.ipv4.ping_group_range).
RUN apt-get update \
  && apt-get install --yes --no-install-recommends fping iputils-ping \
  && rm -rf /var/lib/apt/lists/* \
  && chmod u-s /usr/bin/fping /usr/bin/ping \
  && if command -v setcap; then setcap -r /usr/bin/fping || true; setcap -r /usr/bin/ping || true; fi
WORKDIR /wheelhouse
# --chown: in a clone made under a strict umask the files are for their owner alone.
COPY --from=workspace --chown=node:node /wheelhouse .
COPY --from=console --chown=node:node /wheelhouse/console/dist console/dist
USER node
EXPOSE 4000
CMD ["node", "router/main.ts", "--supergraph", "supergraph.graphql"]
