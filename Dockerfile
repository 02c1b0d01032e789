# Two images from one file: `docker build --target cpu .` and `docker build --target cuda .`
ARG NODE_VERSION=22

FROM node:${NODE_VERSION}-bookworm-slim AS source
WORKDIR /easel
COPY package.json package-lock.json .npmrc ./
# No script of a package, and not yet our own: the sources come after, so that this layer lasts.
RUN npm ci --omit=dev --ignore-scripts
COPY bin bin
COPY bot bot
COPY commands commands
COPY config config
COPY inference inference
COPY models models
RUN node bin/compile.js

# ONNX Runtime's CUDA libraries are not in its package: its own install step fetches them.
FROM source AS source-cuda
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install

# No init process before it: that would keep the secrets of the container in its environment, which the engine can read.
FROM node:${NODE_VERSION}-bookworm-slim AS cpu
RUN apt-get update && apt-get install -y --no-install-recommends libvulkan1 fontconfig-config fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --home-dir /data --uid 10001 easel && install -d -m 700 -o easel -g easel /data /data/bot
WORKDIR /easel
COPY --from=source /easel /easel
USER easel
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=3000 MONITOR_PORT=9464 NODE_ENV=production
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "bin/easel.js"]
CMD ["serve"]

FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04 AS cuda
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=source /usr/local/bin/node /usr/local/bin/node
RUN useradd --system --create-home --home-dir /data --uid 10001 easel && install -d -m 700 -o easel -g easel /data /data/bot
WORKDIR /easel
COPY --from=source-cuda /easel /easel
USER easel
ENV DATA_DIR=/data HOST=0.0.0.0 MONITOR_PORT=9464 PROVIDER=cuda NODE_ENV=production
VOLUME /data
ENTRYPOINT ["node", "bin/easel.js"]
CMD ["worker"]
