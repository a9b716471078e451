// The house's API, as the page's own session. Each failure becomes an ApiError whose message is a sentence for people.

export class ApiError extends Error {
  constructor(sentence, { status = 0, code = "", fields = {} } = {}) {
    super(sentence);
    Object.assign(this, { status, code, fields });
  }
}

const WORDS = {
  401: "You are signed out. Sign in again to go on.",
  403: "Your role does not allow this.",
  404: "It is not there any more.",
  429: "That was too often. Wait a moment and try again.",
};

const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

async function request(method, path, body) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(15000),
    });
  } catch (error) {
    throw new ApiError(
      error.name === "TimeoutError"
        ? "The server did not answer in time. Look whether it happened before you try again."
        : "The server cannot be reached. Check your connection.",
    );
  }
  const isJson = response.headers.get("content-type")?.includes("json");
  const data = isJson ? await response.json() : null;
  if (response.ok) return data;
  const fieldWords = Object.values(data?.fields ?? {}).flat().join(" ");
  throw new ApiError(
    (data?.code === "invalid" && fieldWords) || data?.detail || WORDS[response.status] ||
      `Something went wrong on the server (${response.status}). Try again.`,
    { status: response.status, code: data?.code, fields: data?.fields },
  );
}

export const get = (path) => request("GET", path);
export const post = (path, body = {}) => request("POST", path, body);
export const put = (path, body = {}) => request("PUT", path, body);
export const del = (path) => request("DELETE", path);
export const patch = (path, body = {}) => request("PATCH", path, body);
export const remove = (path) => request("DELETE", path);
