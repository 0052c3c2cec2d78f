# syntax=docker/dockerfile:1
# The server as an image: no root, no write outside of /data and /tmp, git
# because repositories are read with it, and the program's own health check.
# docs/operations.md says how it is run.

ARG GO_VERSION=1.26
ARG NODE_VERSION=22
ARG ALPINE_VERSION=3.22

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-alpine AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --loglevel=error
COPY web/ ./
RUN npm run --silent build

# The grammars are C. Linked with musl, the program needs no library of the
# image that it runs in.
FROM golang:${GO_VERSION}-alpine AS build
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 go build -buildvcs=false -trimpath -tags netgo,osusergo \
    -ldflags "-s -w -linkmode external -extldflags -static -X github.com/rampforgeai/rampforge/internal/cli.version=${VERSION}" \
    -o /out/rampforge ./cmd/rampforge

FROM alpine:${ALPINE_VERSION}
RUN apk add --no-cache ca-certificates git tzdata \
    && addgroup -S -g 10001 rampforge \
    && adduser -S -D -H -u 10001 -G rampforge -h /data rampforge \
    && install -d -o rampforge -g rampforge -m 0700 /data
COPY --from=build /out/rampforge /usr/local/bin/rampforge
LABEL org.opencontainers.image.title="RampForge" \
      org.opencontainers.image.description="Gives a newcomer to a team a true picture of its code and work" \
      org.opencontainers.image.licenses="Apache-2.0"
# Numbers, so that an orchestrator can see that this is not root.
USER 10001:10001
ENV API_HOST=0.0.0.0 \
    API_PORT=8000 \
    DATA_DIR=/data \
    HOME=/data \
    LOG_FORMAT=json \
    ALLOW_LOCAL_REPOSITORIES=false
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/rampforge", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/rampforge"]
CMD ["serve"]
