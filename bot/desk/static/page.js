// What every part of the desk needs: elements, fragments of the server, posts.

export const $ = (selector, from = document) => from.querySelector(selector);
export const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

const token = $('meta[name="csrf-token"]')?.content || "";

/** The elements of a fragment that the server made of a template. Its scripts never run, whoever wrote them. */
export function elements(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return Array.from(parsed.body.children, (node) => document.adoptNode(node));
}

/** Put words where they are seen or heard, if they are not there already. */
export function tell(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function show(node, shown) {
  if (node && node.hidden === shown) node.hidden = !shown;
}

/** Post a form's fields. Resolves to `{ ok, status, data }`; status 0: nobody answered. */
export async function post(path, fields = {}, options = {}) {
  const body = fields instanceof FormData ? new URLSearchParams(fields) : new URLSearchParams(fields);
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": token },
      body,
      credentials: "same-origin",
      ...options,
    });
    const data = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (response.status === 401) logIn();
    return { ok: response.ok, status: response.status, data };
  } catch {
    return { ok: false, status: 0, data: {} };
  }
}

/** Post a file as it is. Resolves as `post` does. */
export async function upload(path, file, name) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/octet-stream",
        "X-CSRF-Token": token,
        "X-File-Name": encodeURIComponent(name),
      },
      body: file,
      credentials: "same-origin",
    });
    const data = await response.json().catch(() => ({}));
    if (response.status === 401) logIn();
    return { ok: response.ok, status: response.status, data };
  } catch {
    return { ok: false, status: 0, data: {} };
  }
}

let isLeft = false;
addEventListener("pagehide", () => (isLeft = true));
addEventListener("pageshow", () => (isLeft = false));

export function logIn() {
  if (isLeft) return; // whoever goes elsewhere gets there
  location.assign(`/desk/login?next=${encodeURIComponent(location.pathname)}`);
}

/** Whether the person is still logged in; where nobody can tell, yes. */
export async function isLoggedIn() {
  try {
    const response = await fetch("/desk/session", { headers: { Accept: "application/json" }, cache: "no-store" });
    return response.status !== 401;
  } catch {
    return true;
  }
}

/** A value of this browser; private windows may refuse to keep any. */
export const kept = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // It then lives as long as the page.
    }
  },
};

export const say = (words) => tell($("#announce"), words);

/** Something that went wrong, said at once. */
export function alarm(words) {
  const place = $("#alert");
  place.textContent = "";
  place.textContent = words;
}
