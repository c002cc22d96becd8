# The kit as an image: docker run --rm parley-conformance wss://signaling.example/parley
# Build from the root of the repository, after `npm pack -w schemas -w conformance --pack-destination packed`.
FROM node:22-bookworm-slim
WORKDIR /kit
COPY packed/*.tgz ./packed/
RUN npm install --no-audit --no-fund ./packed/*.tgz && rm -r packed && npm cache clean --force
USER 1000
WORKDIR /home/node
ENTRYPOINT ["node", "/kit/node_modules/@parley/conformance/dist/main.js"]
