// Keeps the dashboard's figures fresh: every five seconds, while somebody looks, the page's own part is fetched again.
const PERIOD = 5000;

async function refresh() {
  if (document.hidden) return;
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok || reply.redirected) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.getElementById("dashboard");
  if (fresh) document.getElementById("dashboard").replaceWith(fresh);
}

setInterval(() => refresh().catch((error) => console.warn("The dashboard could not be refreshed.", error)), PERIOD);
