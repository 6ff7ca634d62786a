// The search: substrings over an index that is one script, so that it works from a folder too.
(() => {
  const script = document.currentScript;
  const root = new URL("../", script.src).href;
  const inner = document.querySelector(".md-header__inner");
  if (!inner) return;
  const box = document.createElement("div");
  box.className = "find";
  box.innerHTML =
    '<input type="search" id="find" autocomplete="off" spellcheck="false" role="combobox"' +
    ' aria-expanded="false" aria-controls="found" aria-label="搜索 search"' +
    ' placeholder="搜索：名称、代码、字段  (/)"><ol id="found" role="listbox" hidden></ol>';
  inner.appendChild(box);
  const input = box.querySelector("input");
  const list = box.querySelector("ol");
  const weights = { 指标: 60, 数据源: 50, 页面: 40, 代码表: 30, 字段: 35, 预警: 45, 模型: 20, 文档: 10, 代码: 0 };
  let index = null;
  let waiting = false;

  const plain = (text) => text.normalize("NFKC").toLowerCase();

  function load() {
    if (index || waiting) return;
    waiting = true;
    const more = document.createElement("script");
    more.src = root + "assets/search-index.js";
    more.onload = () => {
      index = window.fengqiaoIndex.map((e) => ({
        kind: e[0], code: e[1], title: e[2], url: e[3], more: e[4],
        c: plain(e[1]), t: plain(e[2]), m: plain(e[4]),
      }));
      show();
    };
    document.head.appendChild(more);
  }

  // How well an entry answers: its code, its title, then what is said of it.
  function score(entry, words, whole) {
    let sum = weights[entry.kind] || 0;
    // ORDER_LEVEL is the code table, order_level the column.
    if (entry.code === input.value.trim()) sum += 100;
    if (entry.c === whole || entry.t === whole) sum += 2000;
    else if (entry.t.startsWith(whole) || `${entry.c} ${entry.t}`.startsWith(whole)) sum += 900;
    for (const word of words) {
      if (entry.c === word) sum += 800;
      else if (entry.t.includes(word)) sum += 500 - Math.min(200, entry.t.length);
      else if (entry.c.includes(word)) sum += 300 - Math.min(100, entry.c.length);
      else if (entry.m.includes(word)) sum += 60;
      else return 0;
    }
    return sum;
  }

  function snippet(entry, words) {
    const at = words.map((w) => entry.m.indexOf(w)).find((n) => n >= 0);
    if (at === undefined) return entry.more.slice(0, 80);
    return (at > 20 ? "…" : "") + entry.more.slice(Math.max(0, at - 20), at + 70);
  }

  function show() {
    // A code may carry its kind: feed:P01 is not indicator:P01.
    const asked = input.value.trim().match(/^(?:(feed|indicator):)?(.*)$/s);
    const kind = { feed: "数据源", indicator: "指标" }[asked[1]];
    const whole = plain(asked[2]).trim();
    list.textContent = "";
    list.hidden = !whole || !index;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) return;
    const words = whole.split(/\s+/);
    const found = index
      .filter((entry) => !kind || entry.kind === kind)
      .map((entry) => [score(entry, words, whole), entry])
      .filter((pair) => pair[0] > 0)
      .sort((a, b) => b[0] - a[0])
      .slice(0, 40);
    if (!found.length) {
      const none = document.createElement("li");
      none.textContent = "没有找到 / nothing found";
      list.appendChild(none);
    }
    for (const [, entry] of found) {
      const item = document.createElement("li");
      const anchor = document.createElement("a");
      anchor.href = root + entry.url;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = entry.kind;
      const head = document.createElement("b");
      head.textContent = `${entry.code} ${entry.title}`.trim().slice(0, 90);
      const more = document.createElement("small");
      more.textContent = snippet(entry, words);
      anchor.append(kind, head, more);
      item.appendChild(anchor);
      list.appendChild(item);
    }
  }

  function step(by) {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + by;
    if (at < 0) input.focus();
    else if (links[at]) links[at].focus();
  }

  input.addEventListener("focus", load);
  input.addEventListener("input", () => { load(); show(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { step(1); event.preventDefault(); }
    if (event.key === "ArrowUp") { step(-1); event.preventDefault(); }
    if (event.key === "Escape") { list.hidden = true; input.blur(); }
    if (event.key === "Enter" && event.target === input) {
      const first = list.querySelector("a");
      if (first) first.click();
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) list.hidden = true;
    else if (event.target.closest("a")) list.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing) { input.focus(); event.preventDefault(); }
  });
})();
