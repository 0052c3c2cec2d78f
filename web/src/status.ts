/** How this server is, as the page shows it. */
export type State = "operational" | "degraded" | "unreachable";

/** One part of the server, such as its database. */
export interface Component {
  name: string;
  status: string;
  healthy: boolean;
}

/** What the page knows after asking once. */
export interface Status {
  state: State;
  /** One sentence for a person. */
  text: string;
  components: Component[];
}

/** Words that the API uses for a part that works. */
const healthyWords = new Set(["ok", "up", "healthy", "operational", "ready", "connected", "available"]);

/** Words for a part that is switched off on purpose: nothing is wrong. */
const idleWords = new Set(["disabled", "off", "not_configured", "not configured"]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A part is given as a word or as an object that holds one under `status`. */
function readComponent(name: string, value: unknown): Component | undefined {
  const word = isRecord(value) ? value["status"] : value;
  if (typeof word !== "string" || word === "") return undefined;
  const lower = word.toLowerCase();
  return { name, status: word.replaceAll("_", " "), healthy: healthyWords.has(lower) || idleWords.has(lower) };
}

/**
 * Reads the answer of GET /api/v1/status. An answer of another shape is not
 * guessed at: it counts as degraded, because something that is not this API
 * answered.
 */
export function readStatus(body: unknown): Status {
  if (!isRecord(body) || (body["status"] !== "operational" && body["status"] !== "degraded")) {
    return { state: "degraded", text: "This server answered, but not as RampForge does.", components: [] };
  }
  const parts = isRecord(body["components"]) ? Object.entries(body["components"]) : [];
  const components = parts
    .map(([name, value]) => readComponent(name, value))
    .filter((part): part is Component => part !== undefined)
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
  const version = typeof body["api_version"] === "string" ? ` (API ${body["api_version"]})` : "";
  if (body["status"] === "operational") {
    return { state: "operational", text: `This server is up and ready${version}.`, components };
  }
  const ill = components.filter((part) => !part.healthy).map((part) => part.name);
  const which = ill.length > 0 ? `: look at ${ill.join(", ")}` : "";
  return { state: "degraded", text: `This server is up, but not all of it works${which}${version}.`, components };
}

/** The part of fetch that is needed, so that a test can stand in for it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Asks the server once. Never throws: a failure is a status too. */
export async function askStatus(fetch: Fetch, timeoutMs = 5000): Promise<Status> {
  try {
    const response = await fetch("/api/v1/status", {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return readStatus(await response.json());
  } catch (error) {
    const slow = error instanceof DOMException && error.name === "TimeoutError";
    const text = slow
      ? `This server did not answer within ${Math.round(timeoutMs / 1000)} seconds.`
      : "This server did not answer. It may be starting or stopped.";
    return { state: "unreachable", text, components: [] };
  }
}
