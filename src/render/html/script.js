(() => {
'use strict';
const search = document.getElementById('search');
if (!search) return;
const query = document.getElementById('query');
const found = document.getElementById('found');
const fold = document.getElementById('fold');
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const changes = [...document.querySelectorAll('details.change')];
let items = null;
let parts = null;
let before = null;
const learn = () => {
  items = [...document.querySelectorAll('[data-item]')].map((node) => {
    const part = node.closest('details.part');
    const section = node.closest('section').querySelector('h2').textContent;
    return { node, part, text: plain(node.textContent + ' ' + section) };
  });
  parts = new Set(items.map((item) => item.part).filter(Boolean));
  before = new Map([...parts, ...changes].map((node) => [node, node.open]));
};
const FEW = 25;
const look = () => {
  const words = plain(query.value).split(/\s+/).filter(Boolean);
  if (!words.length) {
    if (items) {
      for (const item of items) item.node.hidden = false;
      for (const part of parts) part.hidden = false;
      for (const [node, open] of before) node.open = open;
    }
    items = null;
    found.textContent = '';
    return;
  }
  if (!items) learn();
  const hits = [];
  const used = new Set();
  for (const item of items) {
    const hit = words.every((word) => item.text.includes(word));
    item.node.hidden = !hit;
    if (hit) {
      hits.push(item);
      used.add(item.part);
    }
  }
  for (const part of parts) {
    part.hidden = !used.has(part);
    if (used.has(part)) part.open = true;
  }
  if (hits.length <= FEW) {
    for (const { node } of hits) if (node.matches('details')) node.open = true;
  }
  found.textContent = hits.length + ' of ' + items.length + (hits.length ? '' : ': nothing found');
};
let timer = 0;
query.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(look, 120);
});
query.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && query.value) {
    query.value = '';
    look();
  }
});
document.addEventListener('keydown', (event) => {
  const writes = event.target.closest && event.target.closest('input,textarea,select');
  if (event.key === '/' && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    query.focus();
  }
});
let open = false;
fold.addEventListener('click', () => {
  open = !open;
  for (const node of document.querySelectorAll('main details')) node.open = open || node.matches('.part');
  fold.textContent = open ? 'Close changes' : 'Open all';
});
if (!document.querySelector('main details')) fold.hidden = true;
search.hidden = false;
})();
