"use strict";
// Shows /swagger/docs/v1 and calls its operations. Texts are set as texts, never as markup.

const root = new URL("../..", location.href);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

function resolve(doc, part) {
  let found = part;
  while (found && found.$ref) {
    found = found.$ref.slice(2).split("/").reduce((at, name) => at[name], doc);
  }
  return found;
}

// What a value may be, in one line.
function said(schema) {
  if (!schema || Object.keys(schema).length === 0) return "anything";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(said).join(" or ");
  if (schema.enum) return schema.enum.map(String).join(" | ");
  if (schema.items) return said(schema.items) + "[]";
  const kind = [].concat(schema.type).join(" or ");
  return schema.maxLength ? `${kind}, at most ${schema.maxLength} characters` : kind;
}

// An example to start from: what must be there, and an empty value for the rest.
function example(doc, part, depth = 0) {
  const schema = resolve(doc, part) || {};
  if (schema.anyOf) return example(doc, schema.anyOf[0], depth);
  if (schema.enum) return schema.enum[0];
  if (schema.examples) return schema.examples[0];
  const kind = [].concat(schema.type)[0];
  if (kind === "array") return depth > 4 ? [] : [example(doc, schema.items, depth + 1)];
  if (kind === "object") {
    const members = Object.entries(schema.properties || {});
    return Object.fromEntries(members.map(([name, own]) => [name, example(doc, own, depth + 1)]));
  }
  return { integer: schema.minimum > 0 ? schema.minimum : 0, number: 0, boolean: false, string: "" }[kind] ?? null;
}

// The shapes a schema names, each once, as tables.
function shapes(doc, schema, known = new Set()) {
  const tables = [];
  const names = [...JSON.stringify(schema || {}).matchAll(/#\/components\/schemas\/(\w+)/g)].map((found) => found[1]);
  for (const name of names) {
    if (known.has(name)) continue;
    known.add(name);
    const shape = doc.components.schemas[name];
    const rows = Object.entries(shape.properties || {}).map(([member, own]) =>
      make("tr", {}, make("td", { class: (shape.required || []).includes(member) ? "must" : undefined }, member), make("td", {}, said(own))));
    tables.push(make("details", {}, make("summary", {}, make("code", {}, name)), make("div", {}, make("table", {}, ...rows))));
    tables.push(...shapes(doc, shape, known));
  }
  return tables;
}

function field(parameter) {
  const words = parameter.schema.type === "boolean" ? ["true", "false"] : parameter.schema.enum;
  if (!words) return make("input", { autocomplete: "off" });
  return make("select", {}, ...["", ...words].map((word) => make("option", { value: word }, word)));
}

function address(path, inputs) {
  let filled = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query" && input.value !== "") query.set(parameter.name, input.value);
  }
  const url = new URL("." + filled, root);
  url.search = query.toString();
  return url;
}

function headers(inputs) {
  const all = {};
  for (const name of ["api-key", "app-jwt", "current-user-id"]) {
    const value = document.getElementById(name).value.trim();
    if (value) all[name] = value;
  }
  for (const { parameter, input } of inputs) {
    if (parameter.in === "header" && input.value !== "") all[parameter.name] = input.value;
  }
  return all;
}

async function shown(response) {
  const head = [`HTTP ${response.status}`];
  for (const name of ["mtapistatus", "etag", "content-type", "x-request-id"]) {
    if (response.headers.has(name)) head.push(`${name}: ${response.headers.get(name)}`);
  }
  const text = await response.text();
  try {
    return head.join("\n") + "\n\n" + JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return head.join("\n") + "\n\n" + text;
  }
}

function caller(doc, method, path, inputs, body) {
  const output = make("pre", { hidden: "" });
  const button = make("button", { type: "button" }, "Call");
  button.addEventListener("click", async () => {
    output.hidden = false;
    output.textContent = "…";
    const sent = { method: method.toUpperCase(), headers: headers(inputs) };
    if (body) {
      sent.body = body.value;
      sent.headers["content-type"] = "application/json";
    }
    try {
      output.textContent = await shown(await fetch(address(path, inputs), sent));
    } catch (error) {
      output.textContent = String(error);
    }
  });
  return [make("p", {}, button), output];
}

function inside(doc, method, path, operation) {
  const parameters = (operation.parameters || []).map((own) => resolve(doc, own)).filter((own) => own.name !== "current-user-id");
  const inputs = parameters.map((parameter) => ({ parameter, input: field(parameter) }));
  const rows = inputs.map(({ parameter, input }) =>
    make("tr", {}, make("td", { class: parameter.required ? "must" : undefined }, parameter.name), make("td", {}, parameter.in), make("td", {}, said(parameter.schema)), make("td", {}, input)));
  const parts = [make("p", {}, operation.description)];
  if (rows.length) parts.push(make("table", {}, ...rows));
  let body;
  if (operation.requestBody) {
    const schema = (operation.requestBody.content["application/json"] || {}).schema;
    body = make("textarea", { spellcheck: "false" });
    body.value = schema ? JSON.stringify(example(doc, schema), null, 2) : "";
    parts.push(make("p", {}, "Body: ", make("code", {}, said(schema))), body, ...shapes(doc, schema));
  }
  const answered = (((operation.responses["200"] || {}).content || {})["application/json"] || {}).schema;
  const refused = Object.keys(operation.responses).filter((status) => status !== "200").join(", ");
  parts.push(make("p", {}, "Answer: ", make("code", {}, answered ? said(answered) : "no body"), `; refused with ${refused}`));
  parts.push(...shapes(doc, answered), ...caller(doc, method, path, inputs, body));
  return make("div", {}, ...parts);
}

function row(doc, method, path, operation) {
  const title = make("summary", {}, make("span", { class: `verb ${method}` }, method.toUpperCase()), make("code", {}, path), ` ${operation.summary}`);
  const details = make("details", { class: "operation" }, title);
  details.dataset.text = `${path} ${operation.summary}`.toLowerCase();
  // Made when it is looked at: there are many.
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(doc, method, path, operation));
  });
  return details;
}

function show(doc) {
  document.getElementById("title").textContent = `${doc.info.title}, ${doc.info.version}`;
  const main = document.getElementById("operations");
  main.replaceChildren();
  for (const { name } of doc.tags) {
    const rows = [];
    for (const [path, item] of Object.entries(doc.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.tags.includes(name)) rows.push(row(doc, method, path, operation));
      }
    }
    main.append(make("section", {}, make("h2", {}, name), ...rows));
  }
}

function filter(text) {
  for (const section of document.querySelectorAll("section")) {
    let any = false;
    for (const own of section.querySelectorAll(".operation")) {
      own.hidden = !own.dataset.text.includes(text.toLowerCase());
      any = any || !own.hidden;
    }
    section.hidden = !any;
  }
}

document.getElementById("find").addEventListener("input", (event) => filter(event.target.value));
document.getElementById("caller").addEventListener("submit", (event) => event.preventDefault());
fetch(new URL("swagger/docs/v1", root))
  .then((response) => response.json())
  .then(show)
  .catch((error) => { document.getElementById("operations").textContent = String(error); });
