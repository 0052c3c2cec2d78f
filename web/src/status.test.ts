import { describe, expect, it } from "vitest";
import { askStatus, readStatus, type Fetch } from "./status";

const answer = (body: unknown, status = 200): Fetch => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status }));

describe("readStatus", () => {
  it("shows an operational server and its parts in a stable order", () => {
    const status = readStatus({
      api_version: "v1",
      status: "operational",
      components: { queue: { status: "healthy", latency_ms: 1 }, database: "ok", ai: "not_configured" },
    });
    expect(status).toEqual({
      state: "operational",
      text: "This server is up and ready (API v1).",
      components: [
        { name: "ai", status: "not configured", healthy: true },
        { name: "database", status: "ok", healthy: true },
        { name: "queue", status: "healthy", healthy: true },
      ],
    });
  });

  it("names the parts that do not work", () => {
    const status = readStatus({ status: "degraded", components: { cache: { status: "unhealthy" }, queue: "ok" } });
    expect(status.state).toBe("degraded");
    expect(status.text).toBe("This server is up, but not all of it works: look at cache.");
  });

  it("leaves out parts that say nothing", () => {
    const status = readStatus({ status: "operational", components: { cache: {}, queue: 7, database: "" } });
    expect(status.components).toEqual([]);
  });

  it.each([[null], ["operational"], [[]], [{}], [{ status: "fine" }], [{ message: "It works!" }]])(
    "does not guess at %j",
    (body) => {
      expect(readStatus(body)).toEqual({
        state: "degraded",
        text: "This server answered, but not as RampForge does.",
        components: [],
      });
    },
  );
});

describe("askStatus", () => {
  it("asks the status call and reads its answer", async () => {
    let asked = "";
    const status = await askStatus((url, init) => {
      asked = url;
      return answer({ status: "operational", components: {} })(url, init);
    });
    expect(asked).toBe("/api/v1/status");
    expect(status.state).toBe("operational");
  });

  it("reads the body of a 503 as well", async () => {
    const status = await askStatus(answer({ status: "degraded", components: { database: "down" } }, 503));
    expect(status.text).toContain("look at database");
  });

  it("says so when nothing answers", async () => {
    const status = await askStatus(() => Promise.reject(new TypeError("fetch failed")));
    expect(status.state).toBe("unreachable");
    expect(status.text).toContain("did not answer");
  });

  it("says so when the answer is not JSON", async () => {
    const status = await askStatus(() => Promise.resolve(new Response("<html>")));
    expect(status.state).toBe("unreachable");
  });

  it("gives up after its time", async () => {
    const never: Fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const status = await askStatus(never, 20);
    expect(status.state).toBe("unreachable");
    expect(status.text).toContain("did not answer within");
  });
});
