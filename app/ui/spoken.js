// Says to screen readers which language a page speaks, and which parts of it speak another one.

export default function ({ data }) {
  document.documentElement.lang = data.page;
  for (const [query, language] of data.parts) {
    for (const part of document.querySelectorAll(query)) part.lang = language;
  }
}
