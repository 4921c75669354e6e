# One image for every service; docker-compose.yml says which one a container runs.
FROM node:24-slim AS workspace
WORKDIR /wheelhouse
COPY . .
# Installed in place: Node runs TypeScript here, and refuses to below node_modules. The optional packages are Node and PostgreSQL
# for `npm start`; containers bring their own. The store stays in the builder's cache, so that only what is new is downloaded.
RUN --mount=type=cache,target=/store \
  npx --yes "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --prod --no-optional --store-dir=/store

FROM node:24-slim
ENV NODE_ENV=production APOLLO_TELEMETRY_DISABLED=true
WORKDIR /wheelhouse
# --chown: in a clone made under a strict umask the files are for their owner alone.
COPY --from=workspace --chown=node:node /wheelhouse .
USER node
EXPOSE 4000
CMD ["node", "router/main.ts", "--supergraph", "supergraph.graphql"]
