'use strict';

const $ = id => document.getElementById(id);
let token = sessionStorage.getItem('token');
let selected = null;
let stream = null;

function request(path, signal) {
  return fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {}, signal });
}

function cell(row, text, className) {
  const td = row.insertCell();
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

function age(millis) {
  const s = Math.max(0, Math.floor((Date.now() - millis) / 1000));
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
}

function showConnections(list) {
  const body = document.createElement('tbody');
  body.id = 'connections';
  for (const c of list) {
    const row = body.insertRow();
    row.setAttribute('aria-selected', String(c.id === selected));
    cell(row, c.room);
    const button = document.createElement('button');
    button.textContent = c.participantName || c.participantId;
    button.onclick = () => select(c);
    row.insertCell().append(button);
    cell(row, c.role);
    cell(row, c.state, `state-${c.state}`);
    cell(row, age(c.createdEpochMillis));
    cell(row, c.id);
  }
  const focused = document.activeElement?.textContent;
  const hadFocus = $('connections').contains(document.activeElement);
  $('connections').replaceWith(body);
  if (hadFocus) [...body.querySelectorAll('button')].find(b => b.textContent === focused)?.focus();
  $('empty').hidden = list.length > 0;
  $('status').textContent = `${list.length} connection${list.length === 1 ? '' : 's'}`;
}

async function refresh() {
  try {
    const response = await request('api/connections');
    $('login').hidden = response.status !== 401;
    if (response.ok) showConnections(await response.json());
    else if (response.status === 401) $('status').textContent = token ? 'The token is wrong.' : 'Needs a token.';
    else $('status').textContent = (await response.json()).error.message;
  } catch (failure) {
    $('status').textContent = `No answer: ${failure.message}`;
  }
  setTimeout(refresh, 2000);
}

function showStats(report) {
  $('stats').replaceChildren(...Object.values(report).map(stats => {
    const table = document.createElement('table');
    table.createCaption().textContent = `${stats.type} ${stats.kind ?? ''}`;
    for (const [name, value] of Object.entries(stats)) {
      if (name === 'type' || name === 'timestamp') continue;
      const row = table.insertRow();
      cell(row, name);
      cell(row, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    return table;
  }));
}

// EventSource cannot send the token, so the event stream is read by hand: "event:" and "data:" lines, blank line ends.
async function select(connection) {
  stream?.abort();
  const mine = stream = new AbortController();
  selected = connection.id;
  $('detail').hidden = false;
  const title = `${connection.participantName || connection.participantId} in ${connection.room}`;
  $('title').textContent = title;
  $('stats').replaceChildren();
  try {
    const response = await request(`api/connections/${encodeURIComponent(connection.id)}/stats/stream`, mine.signal);
    if (!response.ok) throw new Error((await response.json()).error.message);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        const [kind, data] = event.split('\n').map(line => line.slice(line.indexOf(':') + 2));
        if (kind === 'stats') showStats(JSON.parse(data));
      }
    }
    $('title').textContent = `${title}: ended`;
  } catch (failure) {
    if (mine === stream) $('title').textContent = `${title}: ${failure.message}`;
  }
}

$('login').onsubmit = event => {
  event.preventDefault();
  token = $('token').value;
  sessionStorage.setItem('token', token);
};

refresh();
