# syntax=docker/dockerfile:1.7
# One image for every role: the subcommand decides (serve, work, migrate, …).
#   docker build -t auto-grader .            CPU grading
#   docker build --build-arg FEATURES=wgpu -t auto-grader:gpu .

FROM rust:1.95-slim-bookworm AS build
ARG FEATURES=""
WORKDIR /src
# Only what decides which tools are installed, so that a change of the sources does not install them again.
COPY Cargo.toml Cargo.lock ./
COPY scripts scripts
RUN scripts/setup.sh run && scripts/fetch-model.sh
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    scripts/build.sh && \
    mkdir -p /out && \
    cp target/release/auto-grader target/release/hash.txt /out/ && \
    cp -r target/site /out/site && \
    cp -rL /root/.cache/auto-grader/models /out/models

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Auto-Grader" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates && \
    rm -rf /var/lib/apt/lists/* && \
    install -d -o www-data -g www-data /var/lib/auto-grader /var/log/auto-grader /data
COPY --from=build /out /opt/auto-grader
COPY deploy/docker/healthcheck.sh /opt/auto-grader/healthcheck.sh
ENV ADDR=0.0.0.0:3000 \
    DATA_DIR=/var/lib/auto-grader \
    SITE_ROOT=/opt/auto-grader/site \
    AUTO_GRADER_MODEL_DIR=/opt/auto-grader/models/all-MiniLM-L6-v2
WORKDIR /var/lib/auto-grader
# www-data, whom logrotate makes new log files for.
USER 33:33
VOLUME /var/lib/auto-grader
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/auto-grader/healthcheck.sh"]
ENTRYPOINT ["/opt/auto-grader/auto-grader"]
CMD ["serve"]
