// The browser's own part of a workspace: its id in a cookie of this application's path, which the server reads when
// the page connects. A cookie that is there already, from another tab, counts.

let told = ""; // once: the page that is told runs again

export default function ({ data, setTriggerValue }) {
  const held = document.cookie.split("; ").map((part) => part.split("=")).find(([name]) => name === data.cookie)?.[1];
  if (held && held !== data.id && new RegExp(`^${data.form}$`).test(held)) {
    if (told !== held) setTriggerValue("known", held);
    told = held;
    return;
  }
  const path = data.path ? `/${data.path.replace(/^\/+|\/+$/g, "")}` : window.location.pathname.replace(/[^/]*$/, "");
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.cookie}=${data.id}; Path=${path || "/"}; Max-Age=${data.seconds}; SameSite=Strict${secure}`;
}
