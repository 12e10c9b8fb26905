// Colours the text of an eviction trace by how long each token stayed in the cache. all() and
// short() are report.js's.
'use strict';
(() => {
  const traces = document.getElementById('trace-data');
  if (!traces) return;
  const data = JSON.parse(traces.textContent);
  const field = (name) => document.getElementById('trace-' + name);
  const kLivedOn = 0xFFFF;

  const unpack = (run) => {
    if (!run.values) {
      const bytes = Uint8Array.from(atob(run.lifetimes), (c) => c.charCodeAt(0));
      run.values = new Uint16Array(bytes.length / 2);
      for (let i = 0; i < run.values.length; ++i) run.values[i] = bytes[2 * i] | bytes[2 * i + 1] << 8;
    }
    return run.values;
  };

  // Of a token over the chosen layers and heads: mean lifetime, and the share that lived on.
  const life = (run, count, token, layer, head) => {
    const values = unpack(run);
    let sum = 0;
    let lived = 0;
    let rows = 0;
    for (let l = 0; l < run.layers; ++l) {
      if (layer !== '' && l !== Number(layer)) continue;
      for (let h = 0; h < run.heads; ++h) {
        if (head !== '' && h !== Number(head)) continue;
        const value = values[(l * run.heads + h) * count + token];
        ++rows;
        if (value === kLivedOn) ++lived;
        sum += value === kLivedOn ? count - 1 - token : value;
      }
    }
    return {tokens: sum / rows, lived: lived / rows};
  };

  const bounds = (count) => [count / 64, count / 16, count / 4].map((b) => Math.max(1, Math.round(b)));

  const band = (it, limits) => {
    if (it.lived === 1) return 4;
    const place = limits.findIndex((limit) => it.tokens < limit);
    return place < 0 ? 3 : place;
  };

  const drawKey = (limits) => {
    const names = ['below ' + limits[0] + ' tokens', limits[0] + ' to ' + limits[1],
      limits[1] + ' to ' + limits[2], 'from ' + limits[2], 'held at the end'];
    field('key').replaceChildren(...names.map((name, i) => {
      const item = document.createElement('li');
      item.className = 'key k' + i;
      item.textContent = name;
      return item;
    }));
  };

  const choices = (select, count, what) => {
    const before = select.value;
    const list = [new Option(count > 1 ? 'mean' : what, '')];
    for (let i = 0; count > 1 && i < count; ++i) list.push(new Option(String(i), String(i)));
    select.replaceChildren(...list);
    select.value = Number(before) < count && count > 1 ? before : '';
  };

  let lives = [];
  const draw = () => {
    const run = data.runs[Number(field('run').value)];
    const source = data.documents[run.document];
    choices(field('layer'), run.layers, run.layers === 1 && run.averaged ? 'mean' : '0');
    choices(field('head'), run.heads, run.averaged ? 'mean' : '0');
    const limits = bounds(source.count);
    drawKey(limits);
    const text = document.createDocumentFragment();
    lives = [];
    let kept = 0;
    for (let i = 0; i < source.count; ++i) {
      const it = life(run, source.count, i, field('layer').value, field('head').value);
      lives.push(it);
      kept += it.lived;
      const span = document.createElement('span');
      span.className = 'k' + band(it, limits);
      span.dataset.i = i;
      span.textContent = source.tokens.length ? source.tokens[i] : i + ' ';
      text.append(span);
    }
    field('text').replaceChildren(text);
    field('tip').textContent = '';
    field('state').textContent = source.id + ', ' + source.count + ' tokens: ' +
        short(100 * kept / source.count) + ' % of the entries held at the end' +
        (run.averaged ? '; stored as means ' + run.averaged : '') + '.';
  };

  field('text').addEventListener('pointerover', (event) => {
    const i = event.target.dataset && event.target.dataset.i;
    if (i === undefined) return;
    all('.here', field('text')).forEach((span) => span.classList.remove('here'));
    event.target.classList.add('here');
    const it = lives[Number(i)];
    field('tip').textContent = 'token ' + i + ' ' + JSON.stringify(event.target.textContent) +
        (it.lived === 1 ? ': held at the end' : ': stayed for ' + short(it.tokens) + ' tokens' +
            (it.lived > 0 ? ', held at the end by ' + short(100 * it.lived) + ' % of the heads' : ''));
  });
  ['run', 'layer', 'head'].forEach((name) => field(name).addEventListener('change', draw));
  if (data.runs.length) draw();
})();
