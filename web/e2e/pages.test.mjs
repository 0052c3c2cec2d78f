// Runs the real program and looks at its pages in a real browser.
//   npm run e2e        needs ../bin/rampforge (make build) and Chromium
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const program = resolve(import.meta.dirname, "../../bin/rampforge");
const repository = resolve(import.meta.dirname, "../..");
const dir = mkdtempSync(join(tmpdir(), "rampforge-e2e-"));
const account = { email: "ada@example.com", password: "correct horse battery", name: "Ada Example" };

let browser, server, base, frontEnd;

/** A port that nothing listens on. */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

before(async () => {
  // A front end of another origin, as the existing one is in development.
  frontEnd = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>Front end</title>"));
  await new Promise((done) => frontEnd.listen(0, "localhost", done));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH, HOME: dir, DATA_DIR: join(dir, "data"), API_PORT: String(port), DEBUG: "true", BCRYPT_COST: "4", LOG_LEVEL: "WARN",
    CORS_ORIGINS: `http://localhost:${frontEnd.address().port}`, LOCAL_REPOSITORY_ROOTS: repository,
  };
  server = spawn(program, ["serve"], { env, stdio: ["ignore", "ignore", "inherit"] });
  const deadline = Date.now() + 60_000;
  for (;;) {
    const ready = await fetch(`${base}/api/health/ready`).then((r) => r.ok, () => false);
    if (ready) break;
    assert.ok(Date.now() < deadline && server.exitCode === null, "the server did not come up");
    await new Promise((done) => setTimeout(done, 50));
  }
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  frontEnd?.close();
  if (server && server.exitCode === null) {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGINT");
    assert.equal(await ended, 0, "the server did not end by itself");
  }
  rmSync(dir, { recursive: true, force: true });
});

/** Opens a page and collects what went wrong in it and what it asked for elsewhere. */
async function open(url, options = {}) {
  const page = await browser.newPage(options);
  const faults = [];
  page.on("console", (m) => m.type() === "error" && faults.push(m.text()));
  page.on("pageerror", (e) => faults.push(String(e)));
  page.on("request", (r) => {
    if (!r.url().startsWith(base) && !/^(data|blob|file):/.test(r.url())) faults.push(`asked for ${r.url()}`);
  });
  page.on("response", (r) => r.status() >= 400 && faults.push(`${r.status()} ${r.url()}`));
  await page.goto(url);
  return { page, faults };
}

test("the landing page shows that the server works", async () => {
  const { page, faults } = await open(base);
  await page.waitForSelector('#status[data-state="operational"]', { timeout: 20_000 });
  assert.deepEqual(faults, []);
  await page.close();
});

test("the API documentation needs nothing from elsewhere", async () => {
  const swagger = await open(`${base}/api/docs`);
  await swagger.page.waitForSelector(".opblock", { timeout: 30_000 });
  assert.ok((await swagger.page.locator(".opblock").count()) > 20, "Swagger UI lists few operations");
  assert.deepEqual(swagger.faults, []);
  await swagger.page.close();

  const redoc = await open(`${base}/api/redoc`);
  await redoc.page.waitForFunction(() => document.body.innerText.includes("/api/v1/auth/login"), null, { timeout: 60_000 });
  assert.deepEqual(redoc.faults, []);
  await redoc.page.close();
});

test("a front end of another origin signs in and follows an analysis", async () => {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${frontEnd.address().port}/`);
  const seen = await page.evaluate(async ({ base, account, repository }) => {
    const ask = async (method, path, body, token) => {
      const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      const r = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
      return { status: r.status, requestId: r.headers.get("X-Request-ID"), body: await r.json() };
    };
    const registered = await ask("POST", "/api/v1/auth/register", account);
    const login = await ask("POST", "/api/v1/auth/login", account);
    const token = login.body.access_token;
    const me = await ask("GET", "/api/v1/auth/me", undefined, token);
    const stream = await fetch(`${base}/api/v1/events`, { headers: { Authorization: `Bearer ${token}` } });
    const created = await ask("POST", "/api/v1/repositories", { url: repository }, token);
    await ask("POST", `/api/v1/repositories/${created.body.id}/analyze`, {}, token);
    const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!/"state": ?"(completed|failed)"/.test(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    const report = await ask("GET", `/api/v1/repositories/${created.body.id}/analysis`, undefined, token);
    const wrong = await ask("POST", "/api/v1/auth/login", { ...account, password: "wrong" });
    return { registered, me, created, text, report: { status: report.status, state: report.body.status, files: report.body.totals?.files }, wrong };
  }, { base, account, repository });
  assert.equal(seen.registered.status, 201);
  assert.equal(seen.me.body.role, "admin");
  assert.ok(seen.me.requestId, "the request id is not exposed to the front end");
  assert.equal(seen.created.status, 201, JSON.stringify(seen.created.body));
  assert.match(seen.text, /event: ?job/);
  assert.match(seen.text, /"state": ?"completed"/);
  assert.equal(seen.report.state, "completed");
  assert.ok(seen.report.files > 50);
  assert.equal(seen.wrong.status, 401);
  assert.equal(seen.wrong.body.code, "AUTHENTICATION_ERROR");
  assert.equal(seen.wrong.body.detail, seen.wrong.body.message);
  await page.close();
});

test("the HTML report is one file that works alone", async () => {
  const file = join(dir, "report.html");
  execFileSync(program, ["analyze", repository, "--quiet", "--output", file], { env: { PATH: process.env.PATH, HOME: dir } });
  const wide = await open(`file://${file}`, { viewport: { width: 1280, height: 900 } });
  assert.deepEqual(wide.faults, []);
  assert.ok(await wide.page.locator("svg.map .box").count() > 2, "the map of components is empty");
  for (const id of ["what", "map", "reading", "commands", "hotspots", "people"]) {
    assert.equal(await wide.page.locator(`#${id}`).count(), 1, `there is no section ${id}`);
  }
  const header = wide.page.locator("table.sortable th button").first();
  await header.click();
  assert.equal(await wide.page.locator("th[aria-sort]").count() > 0, true, "a click sorts nothing");
  await wide.page.close();

  const narrow = await open(`file://${file}`, { viewport: { width: 390, height: 844 } });
  const overflow = await narrow.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than a phone`);
  await narrow.page.close();

  const plain = await open(`file://${file}`, { javaScriptEnabled: false });
  assert.ok((await plain.page.innerText("body")).length > 2000, "without scripts the page is empty");
  await plain.page.close();
});
