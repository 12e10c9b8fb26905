// What the page can do beyond being read: sort, filter, hide series, name points. answers.js and
// traces.js, which follow it, filter questions and colour texts.
'use strict';
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const short = (x) => (x === 0 ? '0' : String(Number(x.toPrecision(4))));

(() => {
  document.documentElement.classList.add('js');

  // --- the results table ---
  const table = document.getElementById('results');
  const body = table && table.tBodies[0];

  // A number where the cell carries one, else its text; null for an empty cell.
  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.textContent.trim() || null;
  };

  const compare = (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a.localeCompare(b, 'en', {numeric: true});
  };

  const sortBy = (head, column) => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    all('th[aria-sort]', table).forEach((th) => th.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = Array.from(body.rows).map((row, place) => ({row, place, key: key(row, column)}));
    rows.sort((a, b) => {
      if (a.key === null || b.key === null) {
        return (a.key === null) - (b.key === null) || a.place - b.place;
      }
      return (down ? -1 : 1) * compare(a.key, b.key) || a.place - b.place;
    });
    body.append(...rows.map((entry) => entry.row));
  };

  const filters = [['filter-dataset', 'd'], ['filter-context', 'c'], ['filter-sparsity', 's']]
      .map(([id, name]) => [document.getElementById(id), name]).filter(([field]) => field);

  const filter = () => {
    const words = document.getElementById('filter').value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of body.rows) {
      const text = (row.textContent + ' ' + row.dataset.d).toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) ||
          !filters.every(([field, name]) => !field.value || field.value === row.dataset[name]);
      if (!row.hidden) ++shown;
    }
    document.getElementById('shown').textContent =
        shown === body.rows.length ? '' : shown + ' of ' + body.rows.length + ' rows';
  };

  if (table) {
    all('thead th', table).forEach((head, column) => {
      head.querySelector('button').addEventListener('click', () => sortBy(head, column));
    });
    document.getElementById('filter').addEventListener('input', filter);
    filters.forEach(([field]) => field.addEventListener('change', filter));
  }

  // --- figures ---
  // Places of an axis to numbers: "low high logarithmic start end".
  const numbers = (text) => {
    const [low, high, log, start, end] = text.split(' ').map(Number);
    return (place) => {
      const share = (place - start) / (end - start);
      return log ? low * Math.pow(high / low, share) : low + share * (high - low);
    };
  };

  // What can be named in a drawing: points with their text, and the corners of unmarked lines.
  const places = (svg) => {
    const toX = numbers(svg.dataset.x);
    const toY = numbers(svg.dataset.y);
    const found = [];
    for (const series of all('.series', svg)) {
      const points = all('.point', series);
      for (const point of points) {
        const [x, y] = point.getAttribute('d').slice(1).split(/[ mM]/).map(Number);
        const title = point.querySelector('title');
        found.push({series, point, x, y, text: title.textContent});
        title.remove();
      }
      const line = points.length ? null : series.querySelector('.line');
      for (const corner of line ? line.getAttribute('d').split(/[ML]/).slice(1) : []) {
        const [x, y] = corner.split(' ').map(Number);
        found.push({series, point: null, x, y,
          text: series.dataset.name + ': ' + short(toX(x)) + ', ' + short(toY(y))});
      }
    }
    return found;
  };

  const enliven = (figure) => {
    const svg = figure.querySelector(':scope > svg');
    const tip = figure.querySelector('.tip');
    let found = null;
    let current = null;
    const visible = () => {
      if (!found) found = places(svg);
      return found.filter((place) => !place.series.classList.contains('off'));
    };
    // Lets the series of this name stand out; all are alike for null.
    const name = (wanted) => {
      for (const series of all('.series', svg)) {
        series.classList.toggle('named', series.dataset.name === wanted);
        series.classList.toggle('faint', wanted !== null && series.dataset.name !== wanted);
      }
    };
    const show = (place) => {
      if (current && current.point) current.point.classList.remove('here');
      current = place;
      name(place && place.series.dataset.name);
      tip.textContent = place ? place.text : '';
      if (place && place.point) place.point.classList.add('here');
    };
    const nearest = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY)
          .matrixTransform(svg.getScreenCTM().inverse());
      let best = null;
      let least = 32 * 32;
      for (const place of visible()) {
        const distance = (place.x - at.x) ** 2 + (place.y - at.y) ** 2;
        if (distance < least) [best, least] = [place, distance];
      }
      return best;
    };
    svg.setAttribute('tabindex', '0');
    svg.addEventListener('pointermove', (event) => show(nearest(event)));
    svg.addEventListener('pointerdown', (event) => show(nearest(event)));
    svg.addEventListener('pointerleave', () => show(null));
    svg.addEventListener('blur', () => show(null));
    svg.addEventListener('keydown', (event) => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
      if (event.key === 'Escape') show(null);
      if (!step) return;
      event.preventDefault();
      const list = visible();
      if (!list.length) return;
      const place = list.indexOf(current);
      show(list[place < 0 ? (step > 0 ? 0 : list.length - 1)
                          : (place + step + list.length) % list.length]);
    });
    for (const button of all('.legend button', figure)) {
      for (const event of ['pointerenter', 'focus']) {
        button.addEventListener(event, () => name(button.dataset.name));
      }
      for (const event of ['pointerleave', 'blur']) button.addEventListener(event, () => name(null));
    }
    all('.legend button', figure).forEach((button) => button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') === 'false';
      button.setAttribute('aria-pressed', String(on));
      for (const series of all('.series', svg)) {
        if (series.dataset.name === button.dataset.name) series.classList.toggle('off', !on);
      }
    }));
  };
  all('figure[id]').forEach(enliven);
})();
