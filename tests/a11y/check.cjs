// Opens every page of a folder in a headless browser and says what does not hold. Exits 1 where anything does not.
'use strict';
const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const folder = path.resolve(process.argv[2]);
const shots = process.env.SHOTS;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const wrong = [];
const done = {};
const count = (what) => { done[what] = (done[what] || 0) + 1; };

// A page that has not loaded anything else and has not complained.
async function open(browser, file, options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const said = [];
  const own = 'file://' + file;
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) said.push(message.text()); });
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => { if (request.url() !== own) said.push('asks for ' + request.url()); });
  page.on('dialog', (dialog) => { said.push('opens a dialog'); dialog.dismiss(); });
  await page.goto(own);
  return { context, page, said };
}

async function audit(page, where) {
  await page.evaluate(axe);
  const result = await page.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  count('axe runs');
  for (const violation of result.violations) {
    const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary}`);
    wrong.push(`${where}: axe ${violation.id}: ${violation.help}\n    ${nodes.join('\n    ').replace(/\n\s+/g, '; ')}`);
  }
  if (result.passes.length < 15) wrong.push(`${where}: axe looked at next to nothing (${result.passes.length} rules)`);
}


async function themes(browser, file, name) {
  for (const colorScheme of ['light', 'dark']) {
    const { context, page, said } = await open(browser, file, { colorScheme });
    // Whatever is folded is looked at as well.
    await page.evaluate(() => document.querySelectorAll('details').forEach((node, place) => { if (place < 120) node.open = true; }));
    await audit(page, `${name} ${colorScheme}`);
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = Number(/\d+/.exec(dark)[0]) > 128;
    if (light !== (colorScheme === 'light')) wrong.push(`${name}: the ${colorScheme} theme has the ground ${dark}`);
    wrong.push(...said.map((text) => `${name} ${colorScheme}: ${text}`));
    if (shots) await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png` });
    await context.close();
  }
}

async function narrow(browser, file, name) {
  const { context, page } = await open(browser, file, { viewport: { width: 360, height: 740 } });
  await page.evaluate(() => document.querySelectorAll('details').forEach((node, place) => { if (place < 60) node.open = true; }));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  count('narrow pages');
  if (width > 360) {
    const wide = await page.evaluate(() => [...document.querySelectorAll('main *')]
      .filter((node) => node.getBoundingClientRect().right > 361 && !node.closest('.wide,nav')).slice(0, 3).map((node) => node.outerHTML.slice(0, 120)));
    wrong.push(`${name}: ${width} px wide on a screen of 360\n    ${wide.join('\n    ')}`);
  }
  if (shots) await page.screenshot({ path: `${shots}/${name}-narrow.png` });
  await context.close();
}

async function without(browser, file, name, words) {
  const { context, page, said } = await open(browser, file, { javaScriptEnabled: false });
  count('pages without scripts');
  if (await page.locator('#search').isVisible().catch(() => false)) wrong.push(`${name}: a search that can't search is shown without scripts`);
  const text = await page.locator('body').innerText();
  for (const word of ['Targets', ...words]) {
    if (!text.includes(word)) wrong.push(`${name}: "${word}" is not to be read without scripts`);
  }
  // A fold opens by itself, since it is the browser's own.
  const fold = await page.$('details:not([open]) > summary:visible');
  if (fold) {
    await fold.click();
    if (!(await fold.evaluate((node) => node.parentElement.open))) wrong.push(`${name}: a fold does not open without scripts`);
  }
  wrong.push(...said.map((message) => `${name} without scripts: ${message}`));
  await context.close();
}

async function keyboard(browser, file, name) {
  const { context, page } = await open(browser, file, { reducedMotion: 'reduce' });
  const reached = new Set();
  let skipped = false;
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    // What was not drawn before gets its real size when it is scrolled to.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const at = await page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      const rect = node.getBoundingClientRect();
      const seen = rect.bottom > 0 && rect.top < innerHeight && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
      const kind = node.id === 'query' ? 'search' : node.tagName === 'SUMMARY' ? 'fold' : node.className === 'skip' ? 'skip'
        : node.closest('nav') ? 'nav' : node.className === 'wide' ? 'table' : node.tagName.toLowerCase();
      return { kind, seen };
    });
    if (press === 0) skipped = at.kind === 'skip';
    if (at.kind === 'body') break;
    if (!at.seen) wrong.push(`${name}: the focus on ${at.kind} can't be seen`);
    reached.add(at.kind);
  }
  count('keyboard walks');
  if (!skipped) wrong.push(`${name}: the first stop is not the skip link`);
  const has = (selector) => page.locator(selector).count();
  for (const [kind, selector] of [['search', '#query:visible'], ['fold', 'summary:visible'], ['nav', 'nav a'], ['table', '.wide']]) {
    if (await has(selector) && !reached.has(kind)) wrong.push(`${name}: Tab does not reach ${kind}`);
  }
  if (await has('summary:visible')) {
    const fold = page.locator('details.change > summary:visible, summary:visible').first();
    const before = await fold.locator('..').evaluate((node) => node.open);
    await fold.focus();
    await page.keyboard.press('Enter');
    if (await fold.locator('..').evaluate((node) => node.open) === before) wrong.push(`${name}: Enter does not fold`);
  }
  await context.close();
}

async function search(browser, file, name) {
  const { context, page, said } = await open(browser, file, {});
  if (!(await page.locator('#query').isVisible().catch(() => false))) { await context.close(); return; }
  count('searches');
  const text = await page.locator('[data-item]').last().locator('b').first().textContent();
  const all = await page.locator('[data-item]').count();
  await page.keyboard.press('/');
  const focused = await page.evaluate(() => document.activeElement.id);
  if (focused !== 'query') wrong.push(`${name}: / does not lead to the search`);
  const word = text.trim().split(/\s+/).pop();
  await page.keyboard.type(word.toUpperCase());
  await page.waitForTimeout(300);
  const left = await page.locator('[data-item]:not([hidden])').count();
  const found = await page.locator('#found').textContent();
  if (left === 0) wrong.push(`${name}: nothing is found for "${word}"`);
  if (!found.startsWith(`${left} of ${all}`)) wrong.push(`${name}: ${left} of ${all} are left and it says "${found}"`);
  await page.keyboard.type(' nobody-has-this-name');
  await page.waitForTimeout(300);
  if (await page.locator('[data-item]:not([hidden])').count()) wrong.push(`${name}: something is found for nonsense`);
  if (!(await page.locator('#found').textContent()).includes('nothing found')) wrong.push(`${name}: nothing found is not said`);
  await page.keyboard.press('Escape');
  await page.waitForTimeout(100);
  if (await page.locator('[data-item]:not([hidden])').count() !== all) wrong.push(`${name}: Escape does not bring everything back`);
  wrong.push(...said.map((message) => `${name} search: ${message}`));
  await context.close();
}

// Words that each page owes its reader at once, without a script and without opening a fold.
const OWED = {
  acme: ['Lose access', 'Removals and privileged access', 'Limits used', 'Head-counts', 'Grace Hopper'],
  'refused-removals': ['Refused', 'To allow it', 'over the limit'],
  'hostile-names': ['onerror=alert(1)', 'Created'],
  empty: ['No changes'],
  unreachable: ['Could not be read'],
  drift: ['Chief of Everything', 'Put in at the target'],
  redacted: ['withheld'],
  access: ['Not as declared', 'Sign-off'],
  declared: ['With access', 'Ada Lovelace', 'groups.yaml'],
};

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.html')).sort();
  const queue = files.slice();
  const work = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const name = file.replace('.html', '');
      const whereto = path.join(folder, file);
      await themes(browser, whereto, name);
      await narrow(browser, whereto, name);
      await without(browser, whereto, name, OWED[name] || []);
      await keyboard(browser, whereto, name);
      await search(browser, whereto, name);
    }
  };
  await Promise.all([work(), work()]);
  await browser.close();
  for (const name of Object.keys(OWED)) if (!files.includes(`${name}.html`)) wrong.push(`there is no page ${name}`);
  console.log(`${files.length} pages: ${files.map((file) => file.replace('.html', '')).join(', ')}`);
  console.log(Object.entries(done).map(([what, number]) => `${number} ${what}`).join(', '));
  if (wrong.length) {
    console.log(`${wrong.length} do not hold:\n- ${wrong.join('\n- ')}`);
    process.exitCode = 1;
  } else {
    console.log('everything holds');
  }
})();
