// A SCIMMY server that keeps users and groups in memory. Protocol, schemas, filters and PATCH are all the library's.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);
const users = new Map();
const groups = new Map();
const { Error: ScimError } = SCIMMY.Types;

const found = (store, id) => {
  if (!store.has(id)) throw new ScimError(404, null, `nothing has the id ${id}`);
  return store.get(id);
};

const checkUserName = (id, { userName }) => {
  const name = String(userName).toLowerCase();
  for (const user of users.values()) {
    if (user.id !== id && user.userName.toLowerCase() === name) {
      throw new ScimError(409, "uniqueness", `userName ${userName} is in use`);
    }
  }
};

// Each member once, with the name that it has now.
const tidyMembers = members => {
  const unique = new Map(members.map(member => [member.value, member]));
  return [...unique.values()].map(member => {
    const known = users.get(member.value) ?? groups.get(member.value);
    return known?.displayName ? { ...member, display: known.displayName } : member;
  });
};

const keep = (store, check) => (request, instance) => {
  const before = request.id ? found(store, request.id) : undefined;
  const { id: _id, meta: _meta, ...data } = JSON.parse(JSON.stringify(instance));
  const now = new Date().toISOString();
  const id = before?.id ?? randomUUID();
  check?.(id, data);
  if (data.members) data.members = tidyMembers(data.members);
  const after = { ...data, id, meta: { created: before?.meta.created ?? now, lastModified: now } };
  store.set(id, after);
  return after;
};

const show = store => request => {
  if (request.id) return found(store, request.id);
  const all = [...store.values()];
  return request.filter ? request.filter.match(all) : all;
};

const drop = store => request => {
  found(store, request.id);
  store.delete(request.id);
  for (const group of groups.values()) {
    if (group.members) group.members = group.members.filter(member => member.value !== request.id);
  }
};

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
  ingress: keep(users, checkUserName),
  egress: show(users),
  degress: drop(users),
  extensions: [{ schema: SCIMMY.Schemas.EnterpriseUser, required: false }],
});
SCIMMY.Resources.declare(SCIMMY.Resources.Group, { ingress: keep(groups), egress: show(groups), degress: drop(groups) });
SCIMMY.Config.set({ patch: true, filter: { supported: true, maxResults: 200 }, sort: true, bulk: { supported: true } });

const authenticate = request => {
  if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("unknown token");
  return "interop";
};
const app = express();
app.use("/scim/v2", new SCIMMYRouters({ type: "bearer", handler: authenticate }));
app.listen(Number(port), "127.0.0.1");
